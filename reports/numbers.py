"""Expressions and sums that reports share."""

from django.db.models import Aggregate, FloatField, Func


class DaysOf(Func):
    """A span as days with a fraction."""

    template = "(extract(epoch FROM %(expressions)s)::float8 / 86400)"
    output_field = FloatField()


class Median(Aggregate):
    """The continuous median."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()
