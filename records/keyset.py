"""Pages by key: no row is lost or doubled while rows come, and a deep page costs as the first."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

SALT = "keyset"


class Keyset:
    """A sort of columns that are never null and end in a unique one, with a page size."""

    def __init__(self, sort: tuple[str, ...], size: int) -> None:
        self.sort = sort
        self.size = size

    def page(self, rows: QuerySet, after: str) -> tuple[list[Any], str]:
        """The rows after the token and the token of the next page (empty at the end).

        A forged or outdated token starts from the beginning.
        """
        rows = rows.order_by(*self.sort)
        values = self._values(after)
        if values is not None:
            rows = rows.filter(self._after(values))
        found = list(rows[: self.size + 1])
        if len(found) <= self.size:
            return found, ""
        return found[: self.size], self.token(found[self.size - 1])

    def token(self, row: Any) -> str:
        """The place right after this row."""
        values = [getattr(row, name.lstrip("-")) for name in self.sort]
        text = json.dumps([self.sort, [_pack(value) for value in values]], cls=DjangoJSONEncoder)
        return signing.dumps(text, salt=SALT, compress=True)

    def _values(self, token: str) -> list[Any] | None:
        if not token or len(token) > 2000:
            return None
        try:
            sort, values = json.loads(signing.loads(token, salt=SALT))
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return [_unpack(value) for value in values] if tuple(sort) == self.sort else None

    def _after(self, values: list[Any]) -> Q:
        """a <= x and (a < x or (a = x and b < y)): the first bound lets the index start there."""
        condition = Q()
        for name, value in reversed(list(zip(self.sort, values, strict=True))):
            field, step = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
            beyond = Q(**{f"{field}__{step}": value})
            condition = beyond | Q(**{field: value}) & condition if condition else beyond
        name, value = self.sort[0], values[0]
        bound = "lte" if name.startswith("-") else "gte"
        return Q(**{f"{name.lstrip('-')}__{bound}": value}) & condition


def _pack(value: Any) -> Any:
    """Keep microseconds and exact decimals, which plain JSON would cut."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, Decimal):
        return {"d": str(value)}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        return parse_datetime(value["t"]) if "t" in value else Decimal(value["d"])
    return value
