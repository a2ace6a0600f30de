"""Field changes of a record in words, for the folded rows of its timeline."""

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

EMPTY = "—"


@dataclass(slots=True)
class FieldChange:
    """One field: its name, the value before and after as text."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Moment:
    """One saved change: when, by whom, which fields; `is_new` is the creation."""

    at: datetime
    who: str
    is_new: bool
    fields: list[FieldChange] = field(default_factory=list)


def readable_changes(record: models.Model, limit: int = 50) -> list[Moment]:
    """The newest changes of fields that people see, newest first.

    A field without a translated name is technical. The name behind a foreign key is shown only
    for tables that everybody may read; of a record of business only the field is named.
    """
    changes = changes_of(record, limit)
    shown = {name: found for name in _names(changes) if (found := _field(record, name))}
    texts = _texts_of_keys(changes, shown)
    people = _people(change.user_id for change in changes)
    moments = []
    for change in changes:
        rows = [
            _row(shown[name], old, new, texts)
            for name, (old, new) in change.fields.items()
            if name in shown
        ]
        is_new = change.label == "insert"
        if rows or is_new:
            who = people.get(change.user_id, "")
            moments.append(Moment(change.at, who, is_new, rows))
    return moments


def _names(changes: list[Change]) -> set[str]:
    return {name for change in changes for name in change.fields}


def _field(record: models.Model, name: str) -> Any:
    """The field of a column when it has a name for people."""
    try:
        found: Any = record._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found.verbose_name, Promise) else None


def _is_open_key(found: Any) -> bool:
    """A foreign key to a table that everybody may read (stage, person, currency)."""
    model = found.related_model
    return model is not None and not hasattr(model._default_manager.all(), "visible_to")


def _texts_of_keys(changes: list[Change], shown: dict[str, Any]) -> dict[tuple[str, Any], str]:
    """One query per foreign key that changed: (column, key) -> text."""
    keys: dict[str, set[Any]] = defaultdict(set)
    for change in changes:
        for name, values in change.fields.items():
            if name in shown and shown[name].is_relation and _is_open_key(shown[name]):
                keys[name] |= {value for value in values if value is not None}
    texts: dict[tuple[str, Any], str] = {}
    for name, wanted in keys.items():
        rows = shown[name].related_model._default_manager.in_bulk(list(wanted))
        texts |= {(name, key): str(row) for key, row in rows.items()}
    return texts


def _people(ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {pk for pk in ids if pk}
    if not wanted:
        return {}
    return {pk: str(user) for pk, user in get_user_model().objects.in_bulk(list(wanted)).items()}


def _row(found: Any, old: Any, new: Any, texts: dict[tuple[str, Any], str]) -> FieldChange:
    if found.is_relation and not _is_open_key(found):
        return FieldChange(str(found.verbose_name), "", "")
    return FieldChange(str(found.verbose_name), _text(found, old, texts), _text(found, new, texts))


def _text(found: Any, value: Any, texts: dict[tuple[str, Any], str]) -> str:
    """A value as people read it, cut to 80 characters."""
    if value is None or value == "":
        return EMPTY
    if found.is_relation:
        return texts.get((found.attname, value), EMPTY)
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    return Truncator(_plain(value)).chars(80)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return formats.number_format(value.normalize() if value else 0, use_l10n=True)
    return str(value)
