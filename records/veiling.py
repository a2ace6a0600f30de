"""Rows without the fields a person may not see: the value never reaches a page, a sum or a file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    Aggregate,
    DecimalField,
    F,
    Field,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from records.history import Change

Names = frozenset[str]
NOTHING = Cast(Value(None), DecimalField(max_digits=17, decimal_places=2))


def veil(record: Any, names: Names) -> None:
    """Blank the fields and the related rows of one record, and remember which."""
    record.veiled = names
    for name in names:
        try:
            field: Any = record._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.one_to_many:
            cache = record.__dict__.setdefault("_prefetched_objects_cache", {})
            cache[name] = field.related_model._default_manager.none()
        elif field.attname not in record.get_deferred_fields():
            setattr(record, name, blank_of(field))


def blank_of(field: Field) -> Any:
    """What a field without a value holds: an empty text, otherwise nothing."""
    is_text = isinstance(field, TextField) or field.get_internal_type() == "CharField"
    return "" if is_text and not field.null else None


def veil_row(row: Any, columns: Iterable[str], names: Names) -> Any:
    """A row of `values` or `values_list` with the veiled columns blanked."""
    if isinstance(row, dict):
        return {key: None if is_veiled(key, names) else value for key, value in row.items()}
    if isinstance(row, tuple):
        listed = list(columns)
        pairs = zip(listed, row, strict=False)
        blanked: list[Any] = [None if is_veiled(key, names) else value for key, value in pairs]
        blanked += row[len(listed) :]  # annotations made after `values_list`, emptied on the way
        kind: Any = type(row)
        return kind(*blanked) if hasattr(row, "_fields") else tuple(blanked)
    return None if any(is_veiled(key, names) for key in columns) else row


def is_veiled(key: str, names: Names) -> bool:
    """The key of a row, `amount` or `source_id`, belongs to a veiled field."""
    return key in names or key.removesuffix("_id") in names


def mentions(expression: Any, names: Names) -> bool:
    """The expression reads a veiled column."""
    if isinstance(expression, str):
        return expression.lstrip("-") in names
    if isinstance(expression, F):
        return getattr(expression, "name", "") in names
    if not hasattr(expression, "flatten"):
        return False
    return any(isinstance(part, F) and mentions(part, names) for part in expression.flatten())


def aliased(expressions: Iterable[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """All expressions by name, those given without one under the name Django would give them.

    Raises TypeError, as Django does, for an expression that needs a name.
    """
    try:
        return {**{row.default_alias: row for row in expressions}, **named}
    except AttributeError as error:
        raise TypeError("Complex annotations require an alias") from error


def without(expressions: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Annotations with those that read a veiled column made empty: no sum tells a hidden value."""
    if not names:
        return dict(expressions)
    return {
        alias: _emptied(expression) if mentions(expression, names) else expression
        for alias, expression in expressions.items()
    }


def _emptied(expression: Any) -> Any:
    return Sum(NOTHING) if isinstance(expression, Aggregate) else NOTHING


def shown_changes(changes: Iterable[Change], names: Names) -> list[Change]:
    """History without the fields that are hidden."""
    return [
        replace(
            change,
            fields={key: pair for key, pair in change.fields.items() if not is_veiled(key, names)},
        )
        for change in changes
    ]
