"""Bringing records back and removing them for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import connection, models, transaction

from accounts.models import User
from activities.services import restore_activity
from contacts.duplicates import Duplicates, same_companies, same_contacts
from crm.kinds import RECORDS
from deals.services import restore_deal
from records.history import cause, forget
from records.models import AuditEntry, Deed

ORDER = ("activity", "lead", "deal", "contact", "company", "product")
"""What hangs on others goes first."""
BATCH = 200
APPEND_ONLY = ("deals.StageMove:append_only",)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Who put a record into the trash; nobody when a task did."""

    user_id: int | None
    who: str


class StillUsed(Exception):
    """Other records lean on this one; it cannot be removed."""


def taken_keys(record: Any, user: User) -> Duplicates:
    """Living records that meanwhile took the phone, e-mail or tax number of a deleted client."""
    if record.record_type not in ("contact", "company"):
        return Duplicates()
    phones = [phone.number for phone in record.phones.all()]
    emails = [email.address for email in record.emails.all()]
    if record.record_type == "contact":
        return same_contacts(user, phones, emails)
    return same_companies(user, record.name, record.tax_id, phones, emails)


@transaction.atomic
def restore(*, record: Any, by: User, now: datetime) -> None:
    """Out of the trash, with everything that hung on the record: links, lines, activities."""
    if record.record_type == "deal":
        restore_deal(deal_id=record.pk, by=by, now=now)
    elif record.record_type == "activity":
        restore_activity(activity_id=record.pk, by=by, now=now)
    else:
        record.deleted_at = None
        record.version += 1
        record.save(update_fields=["deleted_at", "version", "updated_at"])


def purge(record: Any) -> None:
    """Remove a deleted record with its field history for good. Raises StillUsed."""
    model = type(record)
    key = record.pk
    try:
        with transaction.atomic(), pgtrigger.ignore(*APPEND_ONLY):
            record.delete()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            forget(model, [key])
    except models.ProtectedError as error:
        raise StillUsed from error


def purge_old(now: datetime) -> dict[str, int]:
    """Remove what is in the trash longer than TRASH_DAYS, in batches; how many by type.

    What living records lean on stays. One entry of the audit log tells the number of each type.
    """
    before = now - timedelta(days=settings.TRASH_DAYS)
    gone: dict[str, int] = {}
    for kind in ORDER:
        removed = _purge_kind(RECORDS[kind], before)
        if removed:
            gone[kind] = removed
            AuditEntry.objects.create(at=now, deed=Deed.PURGE, record_type=kind, count=removed)
    return gone


def _purge_kind(model: Any, before: datetime) -> int:
    removed, last = 0, 0
    while True:
        rows = model.objects.filter(deleted_at__lt=before, pk__gt=last).order_by("pk")
        batch = list(rows[:BATCH])
        for record in batch:
            last = record.pk
            try:
                with cause("task", task="crm.tasks.purge_trash"):
                    purge(record)
                removed += 1
            except StillUsed:
                continue
        if len(batch) < BATCH:
            return removed


def deletions(rows: Iterable[Any]) -> dict[int, Deletion]:
    """Who deleted each of these rows of one type, read from their field history."""
    rows = list(rows)
    if not rows:
        return {}
    moments = {row.pk: row.deleted_at for row in rows}
    events = (
        type(rows[0])
        .pgh_event_model.objects.filter(pgh_obj_id__in=moments, deleted_at__isnull=False)
        .select_related("pgh_context")
        .order_by("-pgh_id")
    )
    found: dict[int, int | None] = {}
    for event in events:
        if event.deleted_at == moments[event.pgh_obj_id]:
            context = event.pgh_context
            found[event.pgh_obj_id] = context.metadata.get("user") if context else None
    people = User.objects.in_bulk({pk for pk in found.values() if pk})
    return {
        key: Deletion(user_id, str(people.get(user_id or 0, ""))) for key, user_id in found.items()
    }
