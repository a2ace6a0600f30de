"""One deed on many rows of a list: give, move to a stage, put into the trash; taking it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from crm.kinds import RECORDS
from crm.trash.services import restore
from deals.services import DealRuleError, delete_deal, move_deal, reassign_deal
from leads.services import LeadRuleError, assign_lead
from records.models import BulkOperation

MOST_ROWS = 200
RIGHTS = {"assign": "assign", "stage": "change", "delete": "delete"}
Refused = (DealRuleError, LeadRuleError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a deed on many rows."""

    operation: BulkOperation | None
    changed: int
    left_out: int


@transaction.atomic
def apply(
    *, kind: str, act: str, keys: Iterable[int], value: Any, by: User, now: datetime
) -> Outcome:
    """Do it to the rows the person may do it to; the others are counted and stay as they are.

    `value` is the new owner or stage. At most two hundred rows in one transaction.
    """
    wanted = sorted(set(keys))[:MOST_ROWS]
    manager = RECORDS[kind].objects
    rows = manager.permitted(by, RIGHTS[act]).filter(
        pk__in=manager.permitted(by, "bulk").filter(pk__in=wanted).values("pk")
    )
    items = []
    for record in rows.select_for_update(of=("self",)).order_by("pk"):
        item = _try(lambda record=record: _do(record, act, value, by, now))
        items += [item] if item else []
    operation = None
    if items:
        operation = BulkOperation.objects.create(
            user=by, record_type=kind, act=act, items=items, made_at=now
        )
    return Outcome(operation, len(items), len(wanted) - len(items))


def _try(deed: Callable[[], Any]) -> Any:
    """The answer of the deed; None when a rule of the record refuses it."""
    try:
        with transaction.atomic():
            return deed()
    except Refused:
        return None


def _do(record: Any, act: str, value: Any, by: User, now: datetime) -> list[Any] | None:
    """Change one row; [key, value before, version after], or None when nothing would change."""
    before = record.owner_id
    if act == "delete":
        changed = _delete(record, by, now)
    elif act == "stage":
        before = record.stage_id
        changed = move_deal(deal_id=record.pk, stage_id=value.pk, by=by, now=now)
    else:
        changed = _assign(record, value, by, now) if before != value.pk else record
    return None if changed.version == record.version else [record.pk, before, changed.version]


def _assign(record: Any, owner: User | None, by: User, now: datetime) -> Any:
    if record.record_type == "lead":
        return assign_lead(lead_id=record.pk, owner=owner, by=by, now=now)
    if record.record_type == "deal" and owner is not None:
        return reassign_deal(deal_id=record.pk, owner=owner, by=by, now=now)
    return _write(record, owner=owner)


def _delete(record: Any, by: User, now: datetime) -> Any:
    if record.record_type == "deal":
        return delete_deal(deal_id=record.pk, by=by, now=now)
    return _write(record, deleted_at=now)


def _write(record: Any, **values: Any) -> Any:
    """A fresh copy written, so that the row read first keeps its version."""
    fresh = type(record).objects.get(pk=record.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.version += 1
    fresh.save(update_fields=[*values, "version", "updated_at"])
    return fresh


@transaction.atomic
def undo(*, operation_id: int, by: User, now: datetime) -> Outcome:
    """Put back what the operation changed and nobody has changed since; once."""
    operation = BulkOperation.objects.select_for_update().get(pk=operation_id, user=by)
    if operation.undone_at is not None:
        return Outcome(operation, 0, 0)
    done = 0
    for key, before, version in operation.items:
        done += bool(
            _try(lambda k=key, b=before, v=version: _take_back(operation, k, b, v, by, now))
        )
    operation.undone_at = now
    operation.save(update_fields=["undone_at"])
    return Outcome(operation, done, len(operation.items) - done)


def _take_back(
    operation: BulkOperation, key: int, before: Any, version: int, by: User, now: datetime
) -> bool:
    model = RECORDS[operation.record_type]
    if not by.grant(operation.record_type, RIGHTS[operation.act]):
        return False
    rows = model.objects.filter(deleted_at__isnull=True)
    if operation.act == "delete":
        rows = model.objects.in_trash(by)
    rows = rows.filter(pk=key, version=version)
    record = rows.select_for_update(of=("self",)).first()
    if record is None:
        return False
    if operation.act == "delete":
        restore(record=record, by=by, now=now)
    elif operation.act == "stage":
        move_deal(deal_id=key, stage_id=before, by=by, now=now)
    else:
        former = User.objects.filter(pk=before).first() if before else None
        _assign(record, former, by, now)
    return True
