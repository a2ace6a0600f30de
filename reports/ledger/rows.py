"""The ledger of one question, and clients and purchases behind its numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from deals.filters import FIRST_DAY, LAST_DAY
from reports.asking import Asked
from reports.purchases import Source, purchases_of_deals, today, visible_purchases

PAGE = 50
STORY = """
, story AS (
    SELECT company_id, contact_id, day, amount,
        min(day) FILTER (WHERE amount >= 0) OVER (PARTITION BY company_id, contact_id) AS first
    FROM purchase
)
"""
"""Every row with the day of the client's first purchase."""
BUYERS = """
, buyer AS (
    SELECT company_id, contact_id, sum(amount) AS total,
        min(day) FILTER (WHERE amount >= 0) AS first, max(day) FILTER (WHERE amount >= 0) AS last,
        count(*) FILTER (WHERE amount >= 0) AS times,
        coalesce(bool_or(amount >= 0 AND day BETWEEN %(hit_from)s AND %(hit_to)s), false) AS hit
    FROM purchase GROUP BY company_id, contact_id
)
SELECT company_id, contact_id, total, first, last, times, count(*) OVER () AS whole
FROM buyer WHERE hit AND first BETWEEN %(first_from)s AND %(first_to)s
    AND times BETWEEN %(least)s AND %(most)s
ORDER BY total DESC, company_id, contact_id LIMIT %(limit)s OFFSET %(offset)s
"""
BOUGHT = """
SELECT company_id, contact_id, day, amount, count(*) OVER () AS whole
FROM story WHERE day BETWEEN %(hit_from)s AND %(hit_to)s AND {kind}
ORDER BY day DESC, amount DESC, company_id, contact_id LIMIT %(limit)s OFFSET %(offset)s
"""
KINDS = {
    "purchases": "amount >= 0",
    "repeat": "amount >= 0 AND day > first",
    "returns": "amount < 0",
}
MOST = 10**9


@dataclass(frozen=True, slots=True)
class Buyers:
    """Clients whose first purchase, some purchase and number of purchases lie in the bounds."""

    first_from: date = FIRST_DAY
    first_to: date = LAST_DAY
    hit_from: date = FIRST_DAY
    hit_to: date = LAST_DAY
    least: int = 0
    most: int = MOST

    def link(self) -> dict[str, Any]:
        """The bounds that bound anything, as parameters of a page."""
        usual = Buyers()
        names = ("first_from", "first_to", "hit_from", "hit_to", "least", "most")
        return {
            name: value for name in names if (value := getattr(self, name)) != getattr(usual, name)
        }


def last_day(asked: Asked) -> date:
    """The day up to whose end purchases are read."""
    return min(asked.as_of or today(), LAST_DAY)


def days_of(asked: Asked) -> tuple[date, date]:
    """First and last day of the period, open sides closed by what the calendar holds."""
    return asked.period.first or FIRST_DAY, min(asked.period.last or LAST_DAY, last_day(asked))


def ledger(asked: Asked) -> Source:
    """Purchases the person may see; with a filter only those of the deals it leaves.

    Imported history has no deal, so any filter leaves it out.
    """
    if asked.pipeline or asked.owner or asked.department or asked.source:
        return purchases_of_deals(asked.deals(), last_day(asked))
    return visible_purchases(asked.user, last_day(asked))


def buyers(asked: Asked, wanted: Buyers, offset: int = 0) -> tuple[int, list[dict[str, Any]]]:
    """How many clients there are, and a page of them, the greatest sum first."""
    names = ("first_from", "first_to", "hit_from", "hit_to", "least", "most")
    bounds = {name: getattr(wanted, name) for name in names}
    rows = ledger(asked).named_rows(BUYERS, {**bounds, "limit": PAGE, "offset": offset})
    return (rows[0]["whole"] if rows else 0), rows


def bought(
    asked: Asked, kind: str, first: date, last: date, offset: int = 0
) -> tuple[int, list[dict[str, Any]]]:
    """How many purchases or returns there are, and a page of them, the newest first."""
    params = {"hit_from": first, "hit_to": last, "limit": PAGE, "offset": offset}
    rows = ledger(asked).named_rows(STORY + BOUGHT.format(kind=KINDS[kind]), params)
    return (rows[0]["whole"] if rows else 0), rows
