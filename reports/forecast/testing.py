"""The back-test: what the forecast of each of the past months said, and what was then won."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from deals.filters import day_start
from reports.asking import Asked
from reports.forecast.keeping import days_to_test
from reports.forecast.rates import Rates, stored
from reports.forecast.weighing import horizon_of, interval
from reports.funnel.steps import ZERO, Tally

TESTED = """
WITH moment (day, at) AS (SELECT * FROM unnest(%s::date[], %s::timestamptz[])),
rate (day, stage, low, high, chance) AS (
    SELECT * FROM unnest(%s::date[], %s::bigint[], %s::int[], %s::int[], %s::numeric[])
),
story AS (
    SELECT d.id, d.created_at, d.amount_base, m.kind, m.to_stage_id AS stage, m.at,
        lead(m.at) OVER (PARTITION BY m.deal_id ORDER BY m.at, m.id) AS left_at
    FROM ({deals}) AS d (id, created_at, amount_base)
    JOIN deals_stagemove m ON m.deal_id = d.id
    WHERE m.at < %s
),
opened AS (
    SELECT o.day, o.at, s.id, s.stage, s.amount_base,
        floor(extract(epoch FROM o.at - s.created_at) / 86400) AS age
    FROM story s JOIN moment o ON s.at < o.at AND (s.left_at IS NULL OR s.left_at >= o.at)
    WHERE s.kind IN ('entered', 'moved', 'reopened')
)
SELECT x.day, count(*), sum(x.amount_base),
    sum(round(x.amount_base * coalesce(r.chance, 0), 2)),
    sum(r.chance * (1 - r.chance) * x.amount_base * x.amount_base)::float8,
    sum(x.amount_base) FILTER (WHERE r.chance > 0),
    sum(round(x.amount_base * st.probability / 100, 2)),
    count(w.id), coalesce(sum(x.amount_base) FILTER (WHERE w.id IS NOT NULL), 0)
FROM opened x JOIN deals_stage st ON st.id = x.stage
LEFT JOIN rate r ON r.day = x.day AND r.stage = x.stage AND x.age >= r.low AND x.age < r.high
LEFT JOIN story w ON w.id = x.id AND w.kind = 'won' AND w.at < x.at + %s
    AND (w.left_at IS NULL OR w.left_at >= x.at + %s)
GROUP BY x.day ORDER BY x.day
"""


@dataclass(frozen=True, slots=True)
class Tested:
    """One month: deals open on its first day, the forecast then, and what came of it."""

    day: date
    open: Tally
    expected: Decimal
    low: Decimal
    high: Decimal
    typed: Decimal
    won: Tally

    @property
    def is_within(self) -> bool:
        """Whether the fact lies in the interval."""
        return self.low <= self.won.amount <= self.high

    @property
    def error(self) -> Decimal | None:
        """Forecast against fact, per cent of the fact."""
        if not self.won.amount:
            return None
        share = (self.expected - self.won.amount) * 100 / self.won.amount
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def back_test(asked: Asked) -> list[Tested]:
    """The kept months whose horizon was over at the moment of the report, for the viewer's deals.

    A month in which no pipeline had own chances yet is left out: there was no forecast to test.
    """
    horizon = horizon_of(asked)
    moment = asked.until or asked.now
    days = days_to_test(timezone.localdate(moment), horizon)
    fits = {day: rates for day, rates in stored(days, horizon).items() if _own(rates, asked)}
    if not fits:
        return []
    spans = [(day, span) for day, rates in fits.items() for r in rates.values() for span in r.spans]
    first, last = day_start(min(fits)), day_start(max(fits))
    rows: Any = asked.deals().filter(Q(closed_at__isnull=True) | Q(closed_at__gte=first))
    rows = rows.filter(created_at__lt=last).values_list("pk", "created_at", "amount_base")
    sql, params = rows.query.sql_with_params()
    ahead = timedelta(days=horizon)
    values = [
        list(fits),
        [day_start(day) for day in fits],
        [day for day, _span in spans],
        [span.stage for _day, span in spans],
        [span.low for _day, span in spans],
        [span.high for _day, span in spans],
        [span.chance for _day, span in spans],
        *params,
        moment,
        ahead,
        ahead,
    ]
    with connection.cursor() as cursor:
        cursor.execute(TESTED.format(deals=sql), values)
        return [_tested(row) for row in cursor.fetchall()]


def _own(rates: Rates, asked: Asked) -> bool:
    """Whether any pipeline of the report had own chances."""
    return any(
        row.is_known
        for row in rates.values()
        if asked.pipeline is None or asked.pipeline.pk == row.pipeline
    )


def _tested(row: tuple) -> Tested:
    day, count, amount, expected, variance, live, typed, won, won_amount = row
    low, high = interval(expected, variance or 0.0, live or ZERO)
    return Tested(day, Tally(count, amount), expected, low, high, typed, Tally(won, won_amount))
