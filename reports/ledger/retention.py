"""Retention: clients by the month of their first purchase, who of them bought in later months."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from reports.asking import Asked
from reports.funnel.steps import ZERO, percent
from reports.ledger.rows import MOST, STORY, Buyers, days_of, last_day, ledger
from reports.periods import months_later

MONTHS = {"month": 1, "quarter": 3}
FURTHEST = 24
COHORTS = """
SELECT date_trunc(%(step)s, first)::date AS cohort, date_trunc(%(step)s, day)::date AS at,
    count(DISTINCT (company_id, contact_id)) FILTER (WHERE amount >= 0) AS customers,
    sum(amount) AS amount
FROM story WHERE first BETWEEN %(first)s AND %(last)s GROUP BY 1, 2
"""
TIMES = """
SELECT times, count(*) AS customers, sum(total) AS amount FROM (
    SELECT count(*) FILTER (WHERE amount >= 0) AS times, sum(amount) AS total
    FROM story WHERE first BETWEEN %(first)s AND %(last)s GROUP BY company_id, contact_id
) AS buyer GROUP BY times
"""
GAPS = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS gap,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FILTER (WHERE number = 2) AS to_second
FROM (
    SELECT day - lag(day) OVER visits AS gap, row_number() OVER visits AS number
    FROM story WHERE amount >= 0 AND first BETWEEN %(first)s AND %(last)s
    WINDOW visits AS (PARTITION BY company_id, contact_id ORDER BY day)
) AS visit
"""
BANDS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, MOST))


@dataclass(slots=True)
class Cohort:
    """Clients whose first purchase is in the same month or quarter.

    `customers[k]` bought in the k-th one after it; `amounts[k]` is their net sum there.
    """

    first: date
    customers: list[int] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)

    @property
    def size(self) -> int:
        """All clients of the cohort."""
        return self.customers[0]

    def share(self, step: int) -> Decimal | None:
        """Those who bought in the step of all, per cent; None when it has not begun."""
        return percent(self.customers[step], self.size) if step < len(self.customers) else None


@dataclass(slots=True)
class Band:
    """Clients by how many purchases they made."""

    least: int
    most: int
    customers: int = 0
    amount: Decimal = ZERO


@dataclass(slots=True)
class Retention:
    """Cohorts from the earliest on; `average[k]` over cohorts whose k-th step is over."""

    step: str
    as_of: date
    cohorts: list[Cohort]
    average: list[Decimal | None]
    bands: list[Band]
    gap_days: float | None = None
    second_days: float | None = None

    @property
    def customers(self) -> int:
        """All clients of the cohorts."""
        return sum(cohort.size for cohort in self.cohorts)

    @property
    def repeat(self) -> int:
        """Those with two purchases or more."""
        return sum(band.customers for band in self.bands if band.least > 1)

    @property
    def steps(self) -> int:
        """How many steps the longest cohort has."""
        return max((len(cohort.customers) for cohort in self.cohorts), default=0)


def retention(asked: Asked, step: str = "month") -> Retention:
    """Clients whose first purchase lies in the period, followed up to the as-of day."""
    source, (first, last) = ledger(asked), days_of(asked)
    days = {"first": first, "last": last}
    rows = source.named_rows(STORY + COHORTS, {**days, "step": step})
    cohorts = _cohorts(rows, step, last_day(asked))
    [gaps] = source.named_rows(STORY + GAPS, days)
    return Retention(
        step,
        last_day(asked),
        cohorts,
        _average(cohorts, step, last_day(asked)),
        _bands(source.named_rows(STORY + TIMES, days)),
        gaps["gap"],
        gaps["to_second"],
    )


def _cohorts(rows: list[dict[str, Any]], step: str, as_of: date) -> list[Cohort]:
    """Every begun step of a cohort, empty ones too, at most FURTHEST after the first."""
    told: dict[date, dict[date, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        told[row["cohort"]][row["at"]] = row
    found = []
    for first in sorted(told):
        cohort, at = Cohort(first), first
        while at <= as_of and len(cohort.customers) <= FURTHEST:
            row = told[first].get(at)
            cohort.customers.append(row["customers"] if row else 0)
            cohort.amounts.append(row["amount"] if row else ZERO)
            at = months_later(at, MONTHS[step])
        found.append(cohort)
    return found


def step_days(first: date, step: str, number: int) -> tuple[date, date]:
    """First and last day of the k-th month or quarter after the one beginning at `first`."""
    start = months_later(first, MONTHS[step] * number)
    return start, months_later(start, MONTHS[step]) - timedelta(days=1)


def _average(cohorts: list[Cohort], step: str, as_of: date) -> list[Decimal | None]:
    """Bought of all, over cohorts whose step is over: an unfinished one would lower it."""
    found = []
    for number in range(max((len(cohort.customers) for cohort in cohorts), default=0)):
        over = [
            cohort
            for cohort in cohorts
            if number < len(cohort.customers) and step_days(cohort.first, step, number)[1] <= as_of
        ]
        bought = sum(cohort.customers[number] for cohort in over)
        found.append(percent(bought, sum(cohort.size for cohort in over)))
    return found


def _bands(rows: list[dict[str, Any]]) -> list[Band]:
    bands = [Band(least, most) for least, most in BANDS]
    for row in rows:
        band = next(band for band in bands if band.least <= row["times"] <= band.most)
        band.customers += row["customers"]
        band.amount += row["amount"]
    return bands


def cohort_buyers(asked: Asked, first: date, step: str, number: int | None = None) -> Buyers:
    """The clients of one cell; without a number all of the cohort."""
    begin, end = days_of(asked)
    start, stop = step_days(first, step, 0)
    found = Buyers(first_from=max(begin, start), first_to=min(end, stop))
    if not number:
        return found
    hit = step_days(first, step, number)
    return Buyers(found.first_from, found.first_to, hit[0], min(hit[1], last_day(asked)))
