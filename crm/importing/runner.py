"""A run: rows are read, checked, compared and written in chunks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, InternalError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.roles import ensure_presets
from crm.importing.context import Context
from crm.importing.deals import find_pipeline
from crm.importing.drafts import Draft
from crm.importing.lookups import Lookups
from crm.importing.mapping import Mapping
from crm.importing.problems import ImportRefused, Outcome, RowRefused
from crm.importing.rows import RowReader
from crm.importing.tables import Row, Table, open_table
from crm.importing.targets import TARGETS, Target
from records.history import cause
from records.models import Record

CHUNK = 500
ROW_FAILURES = (IntegrityError, DataError, InternalError, ValidationError, RowRefused)


def import_table(
    *, record: str, path: Path, mapping: Mapping, by: User | None, now: datetime, dry_run: bool
) -> Outcome:
    """Import a file; findings are in the outcome, a dry run is rolled back.

    Raises ImportRefused when nothing can be imported at all.
    """
    target = _target(record, mapping, by)
    table = open_table(path, encoding=mapping.encoding, delimiter=mapping.delimiter)
    missing = sorted(mapping.columns() - set(table.header))
    if missing:
        raise ImportRefused(
            _("The table has no columns: %(names)s.") % {"names": ", ".join(missing)}
        )
    details = {"record": record, "file": path.name}
    with cause("import", user_id=by.pk if by else None, **details):
        if not dry_run:
            return _run(target, table, mapping, by, now)
        with transaction.atomic():
            outcome = _run(target, table, mapping, by, now)
            transaction.set_rollback(True)
            return outcome


def _target(record: str, mapping: Mapping, by: User | None) -> Target:
    if record != mapping.record:
        raise ImportRefused(
            _("The mapping is for %(named)s, not for %(asked)s.")
            % {"named": mapping.record, "asked": record}
        )
    target = TARGETS[record]
    if by and not by.grant(*target.right):
        raise ImportRefused(_("%(person)s has no right to import this.") % {"person": by})
    return target


def _run(target: Target, table: Table, mapping: Mapping, by: User | None, now: datetime) -> Outcome:
    with transaction.atomic():
        pipeline = find_pipeline(mapping.pipeline) if mapping.record == "deals" else None
        if mapping.record == "users":
            ensure_presets()
    run = Run(target, Context(mapping, by, now, pipeline))
    outcome = Outcome()
    for rows in batched(table.rows(), CHUNK, strict=False):
        with transaction.atomic():
            outcome.add(run.chunk(rows))
    return outcome


class Run:
    """What stays the same from chunk to chunk."""

    def __init__(self, target: Target, context: Context) -> None:
        self.target = target
        self.model = target.model
        self.context = context
        self.complete = target.rules(context)
        self.pieces = [piece(context) for piece in target.pieces]
        self.has_time = any(f.name == "updated_at" for f in self.model._meta.concrete_fields)
        lookups = Lookups(context.actor, context.pipeline, target.right[0])
        self.reader = RowReader(target, context.mapping, lookups)

    def chunk(self, rows: Iterable[Row]) -> Outcome:
        """Import some rows: together if all fit, else each within its own savepoint."""
        outcome = Outcome()
        drafts = self.reader.read(rows, outcome)
        self._attach(drafts)
        for draft in drafts:
            if not draft.is_refused:
                self.complete(draft)
        good = [draft for draft in drafts if not draft.is_refused]
        for draft in good:
            self._compare(draft)
        self._write(good, outcome)
        for draft in drafts:
            outcome.problems += draft.problems
        return outcome

    def _attach(self, drafts: list[Draft]) -> None:
        """Find the records the rows speak of, locked."""
        keys = [draft.key for draft in drafts]
        rows = self.model._default_manager.filter(import_key__in=keys)
        known = {row.import_key: row for row in rows.select_for_update(of=("self",))}
        allowed = self._changeable(known.values())
        for draft in drafts:
            draft.record = known.get(draft.key)
            draft.is_new = draft.record is None
            if draft.record and draft.record.pk not in allowed:
                draft.refuse("", _("The record of this key may not be changed."))
            if self.context.mapping.only == "update" and draft.is_new:
                draft.refuse("", _("There is no record of this key."))

    def _changeable(self, records: Iterable[models.Model]) -> set[int]:
        keys = {record.pk for record in records}
        if not issubclass(self.model, Record) or not keys:
            return keys
        rows = self.model.objects.alive()
        if self.context.actor:
            rows = self.model.objects.permitted(self.context.actor, "import")
        return set(rows.filter(pk__in=keys).values_list("pk", flat=True))

    def _compare(self, draft: Draft) -> None:
        """What differs from the record; derived values only go along with a difference."""
        if draft.is_new or self.context.mapping.only == "create":
            return
        draft.changes = {
            name: value
            for name, value in draft.values.items()
            if getattr(draft.record, name) != value
        }
        if draft.changes:
            draft.changes |= draft.derived

    def _write(self, drafts: list[Draft], outcome: Outcome) -> None:
        if self._try(drafts, outcome) is None:
            return
        for draft in drafts:
            reason = self._try([draft], outcome)
            if reason is not None:
                draft.refuse("", reason)

    def _try(self, drafts: list[Draft], outcome: Outcome) -> str | None:
        """Write within a savepoint; the reason when the database refuses."""
        try:
            with transaction.atomic():
                created, updated = self._save(drafts)
        except ROW_FAILURES as error:
            return _reason(error)
        outcome.created += created
        outcome.updated += updated
        outcome.unchanged += len(drafts) - created - updated
        return None

    def _save(self, drafts: list[Draft]) -> tuple[int, int]:
        new = [draft for draft in drafts if draft.is_new]
        for draft in new:
            values = draft.initial | draft.values | draft.derived
            draft.record = self.model(import_key=draft.key, **values)
        self.model._default_manager.bulk_create([draft.record for draft in new])
        known = [draft for draft in drafts if not draft.is_new]
        if self.context.mapping.only == "create":
            return len(new), 0
        touched = {draft.row for draft in known if draft.changes}
        self._update([draft for draft in known if draft.changes])
        extra = set().union(*(piece.save(drafts) for piece in self.pieces))
        by_pieces = [draft.record.pk for draft in known if draft.row in extra - touched]
        self._bump(by_pieces)
        return len(new), len(touched) + len(by_pieces)

    def _update(self, drafts: list[Draft]) -> None:
        """One statement per set of changed columns."""
        groups: dict[tuple[str, ...], list[models.Model]] = defaultdict(list)
        for draft in drafts:
            for name, value in draft.changes.items():
                setattr(draft.record, name, value)
            groups[tuple(sorted(draft.changes))].append(draft.record)
        for names, records in groups.items():
            columns = [_field_name(self.model, name) for name in names]
            self.model._default_manager.bulk_update(records, columns)
            self._bump([record.pk for record in records])

    def _bump(self, keys: list[int]) -> None:
        """Open edit forms must notice."""
        if not keys:
            return
        values = {"version": F("version") + 1}
        if self.has_time:
            values["updated_at"] = self.context.now
        self.model._default_manager.filter(pk__in=keys).update(**values)


def _field_name(model: type[models.Model], attname: str) -> str:
    return next(f.name for f in model._meta.concrete_fields if f.attname == attname)


def _reason(error: Exception) -> str:
    """The database's first line, without its technical tail."""
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    return str(error).split("\n", 1)[0]
