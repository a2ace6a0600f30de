"""Texts of a table as values of a model field."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from crm.importing.mapping import Mapping
from crm.importing.problems import RowRefused
from records.money import parse_amount

YES = {"1", "yes", "y", "true", "да", "так", "+", "x"}
NO = {"0", "no", "n", "false", "нет", "ні", "-"}


def convert(field: models.Field, text: str, mapping: Mapping) -> Any:
    """The value of a column, not a reference. Raises RowRefused with the reason."""
    try:
        value = _typed(field, text, mapping) if text else _empty(field)
        return field.clean(value, None) if text or not field.null else None
    except ValidationError as error:
        raise RowRefused("; ".join(error.messages)) from error


def _empty(field: models.Field) -> Any:
    if field.null:
        return None
    if field.has_default() or field.empty_strings_allowed:
        return field.get_default()
    raise RowRefused(_("A value is required."))


def _typed(field: models.Field, text: str, mapping: Mapping) -> Any:
    if isinstance(field, models.DateTimeField):
        return _moment(text, mapping)
    if isinstance(field, models.DateField):
        return _moment(text, mapping).date()
    if isinstance(field, models.DecimalField):
        return _number(text).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.IntegerField):
        return _whole(text)
    if isinstance(field, models.BooleanField):
        return _yes_no(text)
    return text


def _moment(text: str, mapping: Mapping) -> datetime:
    """The first format that fits; a day without a time gets the time of the mapping."""
    for pattern in mapping.date_formats:
        try:
            found = datetime.strptime(text, pattern)
        except ValueError:
            continue
        if "%H" not in pattern:
            found = datetime.combine(found.date(), mapping.at)
        return found if found.tzinfo else found.replace(tzinfo=mapping.zone)
    raise RowRefused(_("Not a date: %(text)s.") % {"text": text})


def _number(text: str) -> Decimal:
    try:
        return parse_amount(text)
    except ValueError as error:
        raise RowRefused(_("Not a number: %(text)s.") % {"text": text}) from error


def _whole(text: str) -> int:
    number = _number(text)
    if number != number.to_integral_value():
        raise RowRefused(_("Not a whole number: %(text)s.") % {"text": text})
    return int(number)


def _yes_no(text: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise RowRefused(_("Neither yes nor no: %(text)s.") % {"text": text})
    return word in YES
