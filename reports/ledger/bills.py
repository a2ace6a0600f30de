"""Purchases by month: how many, by whom, the average bill, repeat purchases, returns."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from reports.asking import Asked
from reports.funnel.steps import ZERO, percent
from reports.ledger.rows import STORY, days_of, ledger
from reports.periods import Period, days_of_month

KOPECK = Decimal("0.01")
BILLS = """
, placed AS (
    SELECT *, greatest(date_trunc('month', day)::date, %(first)s) AS since,
        date_trunc('month', day)::date AS month FROM story
)
SELECT grouping(month) = 1 AS is_total, month,
    count(*) FILTER (WHERE amount >= 0) AS purchases,
    count(*) FILTER (WHERE amount >= 0 AND day > first) AS repeat,
    count(DISTINCT (company_id, contact_id)) FILTER (WHERE amount >= 0) AS customers,
    count(DISTINCT (company_id, contact_id)) FILTER (WHERE amount >= 0 AND first >= since) AS new,
    coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS gross,
    coalesce(sum(amount) FILTER (WHERE amount >= 0 AND day > first), 0) AS repeat_amount,
    count(*) FILTER (WHERE amount < 0) AS returns,
    coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS returned,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FILTER (WHERE amount >= 0) AS median
FROM placed WHERE day BETWEEN %(first)s AND %(last)s
GROUP BY GROUPING SETS ((month), ()) ORDER BY month
"""


@dataclass(slots=True)
class Bills:
    """Purchases of a month, or of the whole period (`month` is None)."""

    month: date | None = None
    purchases: int = 0
    repeat: int = 0
    customers: int = 0
    new: int = 0
    gross: Decimal = ZERO
    repeat_amount: Decimal = ZERO
    returns: int = 0
    returned: Decimal = ZERO
    median: Decimal | None = None

    @property
    def net(self) -> Decimal:
        """Purchases less returns."""
        return self.gross + self.returned

    @property
    def average(self) -> Decimal | None:
        """The average bill: gross / purchases to the kopeck, half up."""
        if not self.purchases:
            return None
        return (self.gross / self.purchases).quantize(KOPECK, ROUND_HALF_UP)

    @property
    def repeat_share(self) -> Decimal | None:
        """The sum of repeat purchases of that of all, per cent."""
        return percent(self.repeat_amount, self.gross)

    @property
    def per_customer(self) -> Decimal | None:
        """Purchases / customers, two decimals."""
        if not self.customers:
            return None
        return (Decimal(self.purchases) / self.customers).quantize(KOPECK, ROUND_HALF_UP)


def bills(asked: Asked) -> tuple[list[Bills], Bills]:
    """Months with a purchase or a return, and the whole period."""
    first, last = days_of(asked)
    rows = ledger(asked).named_rows(STORY + BILLS, {"first": first, "last": last})
    found = [(row.pop("is_total"), _bills(row)) for row in rows]
    months = [row for is_total, row in found if not is_total]
    return months, next((row for is_total, row in found if is_total), Bills())


def bills_before(asked: Asked) -> Bills | None:
    """The whole period of comparison, or None without one."""
    return bills(asked.of(period=asked.before))[1] if asked.before else None


def _bills(row: dict[str, Any]) -> Bills:
    median = row.pop("median")
    told = None if median is None else Decimal(str(median)).quantize(KOPECK, ROUND_HALF_UP)
    return Bills(**row, median=told)


def month_days(asked: Asked, month: date | None) -> Period:
    """The days of a row, open sides closed."""
    first, last = days_of(asked)
    if month is None:
        return Period(first, last)
    return days_of_month(month, Period(first, last))
