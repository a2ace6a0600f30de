"""The field history of a record in words: names instead of keys, the labels of the fields."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, number_format

from accounts.models import User
from records.history import Change, changes_of
from records.models import Record

HIDDEN = {"stage_entered_at", "furthest", "amount_base", "deleted_at", "import_key"}


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """One moment: who did it and the changed fields as (label, before, after)."""

    at: datetime
    who: User | None
    cause: str
    fields: list[tuple[str, str, str]]
    is_creation: bool


def changes_in_words(record: models.Model, *, viewer: User, limit: int = 50) -> list[ChangeInWords]:
    """The newest changes; one query for each record type that a changed field points at.

    A record the viewer may not see is told by its number only.
    """
    changes = changes_of(record, limit)
    columns = {field.attname: field for field in record._meta.concrete_fields}
    names = _names(changes, columns, viewer)
    people = User.objects.in_bulk({change.user_id for change in changes if change.user_id})
    return [
        ChangeInWords(
            at=change.at,
            who=people.get(change.user_id or 0),
            cause=change.cause,
            fields=[
                (
                    str(columns[name].verbose_name),
                    _text(columns[name], old, names),
                    _text(columns[name], new, names),
                )
                for name, (old, new) in change.fields.items()
                if name in columns and name not in HIDDEN
            ],
            is_creation=change.label == "insert",
        )
        for change in changes
    ]


def _names(
    changes: Iterable[Change], columns: dict[str, Any], viewer: User
) -> dict[type[models.Model], dict[Any, Any]]:
    """Rows that the changed keys point at, by model."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for change in changes:
        for name, values in change.fields.items():
            field = columns.get(name)
            if field is not None and field.is_relation and name not in HIDDEN:
                wanted[field.related_model].update(key for key in values if key is not None)
    return {model: _seen(model, viewer).in_bulk(list(keys)) for model, keys in wanted.items()}


def _seen(model: type[models.Model], viewer: User) -> models.QuerySet:
    """Rows of a record type that the viewer may see; every row of a plain list."""
    rows = model._base_manager.all()
    if issubclass(model, Record):
        return rows.filter(pk__in=model._default_manager.visible_to(viewer).values("pk"))
    return rows


def _text(field: Any, value: Any, names: dict[type[models.Model], dict[Any, Any]]) -> str:
    if value is None or value == "":
        return "—"
    if field.is_relation:
        return str(names.get(field.related_model, {}).get(value, f"№ {value}"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        return str(number_format(value, 2, force_grouping=True))
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return date_format(value, "SHORT_DATE_FORMAT") if isinstance(value, date) else str(value)
