"""The field history of a record in words: labels of the fields, names instead of keys."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from records.history import Change, changes_of
from records.rights import Person
from records.veiling import shown_changes

EMPTY = "—"
LONGEST = 80
Names = dict[type[models.Model], dict[Any, Any]]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its name, the value before and after as text."""

    label: str
    before: str
    after: str
    name: str = ""


@dataclass(slots=True)
class Moment:
    """One saved change: when, by whom or by what cause, which fields; `is_new` is the creation."""

    at: datetime
    who: str
    is_new: bool
    fields: list[FieldChange] = field(default_factory=list)
    cause: str = ""
    event_id: int = 0


def readable_changes(
    record: models.Model,
    viewer: Person,
    limit: int = 50,
    changes: list[Change] | None = None,
) -> list[Moment]:
    """The newest changes of fields that people see, newest first; or the given ones in words.

    A field without a translated name is technical and left out. A record behind a key is named
    only when the viewer may see it, else told by its number. One query for each table that the
    changed keys point at.
    """
    changes = changes_of(record, limit) if changes is None else changes
    hidden = viewer.fields(getattr(record, "record_type", "")).hidden
    changes = shown_changes(changes, hidden)
    shown = {name: found for name in _changed(changes) if (found := _field(record, name))}
    names = _names(changes, shown, viewer)
    people = _people(change.user_id for change in changes)
    moments = []
    for change in changes:
        rows = [
            FieldChange(
                str(shown[name].verbose_name),
                _text(shown[name], old, names),
                _text(shown[name], new, names),
                name,
            )
            for name, (old, new) in change.fields.items()
            if name in shown
        ]
        is_new = change.label == "insert"
        if rows or is_new:
            who = people.get(change.user_id, "")
            at = _made(record, change.at) if is_new else change.at
            moments.append(Moment(at, who, is_new, rows, change.cause, change.event_id))
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _made(record: models.Model, stored: datetime) -> datetime:
    """When the record came to be: one brought in from elsewhere is older than its row."""
    return min(getattr(record, "created_at", None) or stored, stored)


def _changed(changes: Iterable[Change]) -> set[str]:
    return {name for change in changes for name in change.fields}


def _field(record: models.Model, name: str) -> Any:
    """The field of a column when it has a name for people."""
    try:
        found: Any = record._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found.verbose_name, Promise) else None


def _names(changes: Iterable[Change], shown: dict[str, Any], viewer: Person) -> Names:
    """Rows that the changed keys point at, by model."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for change in changes:
        for name, values in change.fields.items():
            if name in shown and shown[name].is_relation:
                wanted[shown[name].related_model] |= {key for key in values if key is not None}
    return {model: _seen(model, viewer).in_bulk(list(keys)) for model, keys in wanted.items()}


def _seen(model: type[models.Model], viewer: Person) -> models.QuerySet:
    """Rows of a record type that the viewer may see; every row of a plain list."""
    rows: Any = model._default_manager.all()
    return rows.visible_to(viewer) if hasattr(rows, "visible_to") else rows


def _people(ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {pk for pk in ids if pk}
    if not wanted:
        return {}
    return {pk: str(user) for pk, user in get_user_model().objects.in_bulk(list(wanted)).items()}


def _text(found: Any, value: Any, names: Names) -> str:
    """A value as people read it, cut to 80 characters."""
    if value is None or value == "":
        return EMPTY
    if found.is_relation:
        return str(names.get(found.related_model, {}).get(value, f"№ {value}"))
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    return Truncator(_plain(value)).chars(LONGEST)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        places = 0 if value == value.to_integral_value() else None
        return formats.number_format(value, places, use_l10n=True, force_grouping=True)
    return str(value)
