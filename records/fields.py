"""Generated columns that the database keeps: folded text for search, keys for sorting."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Concat


class Fold(Func):
    """crm_fold(text): lower case, one letter for ё/е, і/ї/и, ґ/г; no apostrophes."""

    function = "crm_fold"
    output_field = models.TextField()


class AnyOf(Func):
    """`a = ANY(ARRAY(SELECT …))`: keys of a short subquery, read first, then found by the index.

    `IN (SELECT …)` beside an OR makes PostgreSQL walk the whole table instead.
    """

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, column: str, keys: models.QuerySet) -> None:
        super().__init__(F(column), ArraySubquery(keys.order_by()))


class SortKey(Func):
    """crm_sort_key(text): the same dictionary order on every server, in the C collation."""

    function = "crm_sort_key"
    output_field = models.TextField(db_collation="C")


def _joined(names: tuple[str, ...]) -> models.Expression | F:
    if len(names) == 1:
        return F(names[0])
    parts: list = []
    for name in names:
        parts += [F(name), Value(" ")]
    return Concat(*parts[:-1], output_field=models.TextField())


def folded(*names: str) -> models.GeneratedField:
    """What search looks into."""
    return models.GeneratedField(
        expression=Fold(_joined(names)), output_field=models.TextField(), db_persist=True
    )


def sort_key(*names: str) -> models.GeneratedField:
    """What lists sort people and companies by."""
    return models.GeneratedField(
        expression=SortKey(_joined(names)),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
