"""ABC: clients by their part of the revenue of the period, equal sums in one class.

Clients are put in order of their net sum. A client is in A while those with a greater sum made
less than `a` per cent of the revenue, in B while less than `b`, else in C. Who returned more than
he bought is in C and does not count as revenue.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports.asking import Asked
from reports.funnel.steps import ZERO
from reports.ledger.rows import PAGE, days_of, ledger
from reports.periods import Period

CLASSES = ("A", "B", "C")
CUTS = (80, 95)
RANKED = """
, {name}_sum AS (
    SELECT company_id, contact_id, sum(amount) AS total, max(day) AS last, min(day) AS first,
        count(*) FILTER (WHERE amount >= 0) AS times
    FROM purchase WHERE day BETWEEN %({name}_first)s AND %({name}_last)s
    GROUP BY company_id, contact_id
), {name} AS (
    SELECT *, CASE WHEN total <= 0 THEN 'C' WHEN ahead < whole * %(a)s / 100 THEN 'A'
        WHEN ahead < whole * %(b)s / 100 THEN 'B' ELSE 'C' END AS class
    FROM (
        SELECT *, sum(greatest(total, 0)) OVER () AS whole,
            sum(greatest(total, 0)) OVER (ORDER BY total DESC RANGE UNBOUNDED PRECEDING)
            - greatest(total, 0) * count(*) OVER (PARTITION BY total) AS ahead
        FROM {name}_sum
    ) AS ordered
)
"""
GROUPS = """
SELECT class, count(*) AS customers, sum(total) AS amount, sum(times) AS purchases
FROM present GROUP BY class
"""
JOINED = """
, joined AS (
    SELECT present.*, past.class AS was, coalesce(present.company_id, past.company_id) AS company,
        coalesce(present.contact_id, past.contact_id) AS contact, past.total AS past_total
    FROM present FULL JOIN past ON
        coalesce(present.company_id, 0) = coalesce(past.company_id, 0)
        AND coalesce(present.contact_id, 0) = coalesce(past.contact_id, 0)
)
"""
MOVES = "SELECT was, class, count(*) AS customers FROM joined GROUP BY was, class"
LISTED = """
SELECT company_id, contact_id, total, first, last, times, class, ahead, whole AS revenue,
    count(*) OVER () AS whole
FROM present WHERE class = ANY(%(classes)s)
ORDER BY total DESC, company_id, contact_id LIMIT %(limit)s OFFSET %(offset)s
"""
MOVED = """
SELECT company AS company_id, contact AS contact_id, coalesce(total, 0) AS total, first, last,
    coalesce(times, 0) AS times, past_total, count(*) OVER () AS whole
FROM joined WHERE coalesce(was, '') = %(was)s AND coalesce(class, '') = %(now)s
ORDER BY coalesce(total, 0) DESC, past_total DESC, company, contact
LIMIT %(limit)s OFFSET %(offset)s
"""
Rows = tuple[int, list[dict[str, Any]]]


@dataclass(slots=True)
class AbcClass:
    """Clients of one class."""

    name: str
    customers: int = 0
    amount: Decimal = ZERO
    purchases: int = 0


@dataclass(slots=True)
class Abc:
    """The classes; `moves` counts clients by (class before, class now), "" for did not buy."""

    cuts: tuple[int, int]
    classes: list[AbcClass]
    moves: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        """All clients of the period."""
        return sum(row.customers for row in self.classes)

    @property
    def amount(self) -> Decimal:
        """The net sum of all."""
        return sum((row.amount for row in self.classes), ZERO)


def abc(asked: Asked, cuts: tuple[int, int] = CUTS) -> Abc:
    """Classes of the clients of the period, and who moved since the period of comparison."""
    params = {**_days("present", asked.period, asked), "a": cuts[0], "b": cuts[1]}
    rows = ledger(asked).named_rows(RANKED.format(name="present") + GROUPS, params)
    told = {row["class"]: row for row in rows}
    classes = [
        AbcClass(name, row["customers"], row["amount"], int(row["purchases"]))
        if (row := told.get(name))
        else AbcClass(name)
        for name in CLASSES
    ]
    return Abc(cuts, classes, _moves(asked, cuts) if asked.before else {})


def _days(name: str, period: Period, asked: Asked) -> dict[str, Any]:
    first, last = days_of(asked.of(period=period))
    return {f"{name}_first": first, f"{name}_last": last}


def _both(asked: Asked, cuts: tuple[int, int]) -> tuple[str, dict[str, Any]]:
    """Classes of both periods side by side."""
    before = asked.before or Period()
    days = {**_days("present", asked.period, asked), **_days("past", before, asked)}
    sql = RANKED.format(name="present") + RANKED.format(name="past") + JOINED
    return sql, {**days, "a": cuts[0], "b": cuts[1]}


def _moves(asked: Asked, cuts: tuple[int, int]) -> dict[tuple[str, str], int]:
    sql, params = _both(asked, cuts)
    rows = ledger(asked).named_rows(sql + MOVES, params)
    return {(row["was"] or "", row["class"] or ""): row["customers"] for row in rows}


def listed(
    asked: Asked, cuts: tuple[int, int], classes: list[str], offset: int = 0, limit: int = PAGE
) -> Rows:
    """How many clients the classes hold, and a page of them, the greatest sum first."""
    params = {**_days("present", asked.period, asked), "a": cuts[0], "b": cuts[1]}
    params |= {"classes": classes, "limit": limit, "offset": offset}
    rows = ledger(asked).named_rows(RANKED.format(name="present") + LISTED, params)
    return (rows[0]["whole"] if rows else 0), rows


def moved(asked: Asked, cuts: tuple[int, int], was: str, now: str, offset: int = 0) -> Rows:
    """The same of clients who were in one class and are in another."""
    sql, params = _both(asked, cuts)
    params |= {"was": was, "now": now, "limit": PAGE, "offset": offset}
    rows = ledger(asked).named_rows(sql + MOVED, params)
    return (rows[0]["whole"] if rows else 0), rows
