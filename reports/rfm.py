"""RFM: how recently, how often and for how much customers buy, scored 1 to 5.

R is whole days from the last purchase day to the as-of day, F the number of purchase days, M the
sum in the base currency. Scores: thresholds are the values at 20, 40, 60 and 80 % of the goodness
(for R of minus the days), real values of the data; the score is 1 + the number of thresholds
strictly below the value, so equal values get equal scores. Segments follow R and F.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.purchases import Source, visible_purchases
from records.rights import Person

SCORES = range(1, 6)
PAGE = 100

SEGMENTS: dict[str, Promise] = {
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "potential": _("May become loyal"),
    "new": _("New"),
    "promising": _("Promising"),
    "attention": _("Need attention"),
    "sleeping": _("About to sleep"),
    "risk": _("At risk"),
    "cannot_lose": _("Cannot lose"),
    "hibernating": _("Hibernating"),
}
ADVICE: dict[str, Promise] = {
    "champions": _("Bought lately and often: thank them, offer the new first."),
    "loyal": _("Buy often: offer more to each order."),
    "potential": _("Recent and bought again: help them to the next purchase."),
    "new": _("First purchase lately: ask how it went."),
    "promising": _("One purchase not long ago: remind of yourself."),
    "attention": _("In the middle by everything: a reason to call."),
    "sleeping": _("Few purchases and a while ago: call before they forget."),
    "risk": _("Used to buy and stopped: find out why."),
    "cannot_lose": _("The most frequent buyers who stopped: call first of all."),
    "hibernating": _("Long ago and seldom: last in the queue."),
}
# (recency scores, frequency scores, segment): every pair of scores has exactly one segment.
SEGMENT_MAP: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...] = (
    ((1, 2), (1, 2), "hibernating"),
    ((1, 2), (3, 4), "risk"),
    ((1, 2), (5,), "cannot_lose"),
    ((3,), (1, 2), "sleeping"),
    ((3,), (3,), "attention"),
    ((3, 4), (4, 5), "loyal"),
    ((4,), (1,), "promising"),
    ((5,), (1,), "new"),
    ((4, 5), (2, 3), "potential"),
    ((5,), (4, 5), "champions"),
)

SCORED = """
, customer AS (
    SELECT company_id, contact_id, max(day) - %s::date AS r, count(DISTINCT day) AS f,
           sum(amount) AS m
    FROM purchase GROUP BY company_id, contact_id
), cut AS (
    SELECT percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY r) AS r,
           percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY f) AS f,
           percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY m) AS m
    FROM customer
), scored AS (
    SELECT company_id, contact_id, -customer.r AS days, customer.f AS count, customer.m AS total,
           (SELECT 1 + count(*) FROM unnest(cut.r) AS t WHERE t < customer.r) AS r,
           (SELECT 1 + count(*) FROM unnest(cut.f) AS t WHERE t < customer.f) AS f,
           (SELECT 1 + count(*) FROM unnest(cut.m) AS t WHERE t < customer.m) AS m
    FROM customer CROSS JOIN cut
)
"""
CELLS_SQL = "SELECT r, f, m, count(*) AS customers, sum(total) AS total FROM scored GROUP BY r, f, m"
CUTS_SQL = "SELECT r, f, m FROM cut"
CUSTOMERS_SQL = """
SELECT *, count(*) OVER () AS matching FROM scored
WHERE (%s::int IS NULL OR r = %s) AND (%s::int IS NULL OR f = %s)
ORDER BY total DESC, company_id, contact_id LIMIT %s OFFSET %s
"""


def segment_of(r: int, f: int) -> str:
    """The segment of a pair of scores."""
    return next(name for rs, fs, name in SEGMENT_MAP if r in rs and f in fs)


@dataclass(frozen=True, slots=True)
class Group:
    """Customers together: how many and their sum in the base currency."""

    customers: int = 0
    total: Decimal = Decimal(0)

    def __add__(self, other: "Group") -> "Group":
        return Group(self.customers + other.customers, self.total + other.total)


@dataclass(slots=True)
class Rfm:
    """The scored customers: groups by (R, F), counts of each score, thresholds as printed.

    Thresholds of R are days, from the oldest to the newest; of F purchases; of M money.
    """

    thresholds: dict[str, list[Any]] = field(default_factory=lambda: {"r": [], "f": [], "m": []})
    cells: dict[tuple[int, int], Group] = field(default_factory=dict)
    counts: dict[str, Counter[int]] = field(
        default_factory=lambda: {"r": Counter(), "f": Counter(), "m": Counter()}
    )

    @property
    def whole(self) -> Group:
        """All customers."""
        return sum(self.cells.values(), Group())

    @property
    def segments(self) -> dict[str, Group]:
        """Groups by segment, in the order of SEGMENTS, empty ones too."""
        found = dict.fromkeys(SEGMENTS, Group())
        for (r, f), group in self.cells.items():
            found[segment_of(r, f)] += group
        return found

    @property
    def absent(self) -> dict[str, list[int]]:
        """Scores that nobody has, because too many customers share one value."""
        if not self.cells:
            return {}
        gaps = {name: [s for s in SCORES if not by[s]] for name, by in self.counts.items()}
        return {name: scores for name, scores in gaps.items() if scores}


def score(source: Source, as_of: date) -> Rfm:
    """Thresholds and the grid of a source of purchases."""
    result = Rfm()
    rows = source.rows(SCORED + CELLS_SQL, [as_of])
    if not rows:
        return result
    for row in rows:
        key = (row["r"], row["f"])
        group = Group(row["customers"], row["total"])
        result.cells[key] = result.cells.get(key, Group()) + group
        for name in ("r", "f", "m"):
            result.counts[name][row[name]] += row["customers"]
    cuts = source.rows(SCORED + CUTS_SQL, [as_of])[0]
    result.thresholds = {
        "r": [-value for value in cuts["r"]],
        "f": list(cuts["f"]),
        "m": list(cuts["m"]),
    }
    return result


def customers(
    source: Source, as_of: date, *, r: int | None = None, f: int | None = None, page: int = 1
) -> tuple[list[dict[str, Any]], int]:
    """A page of scored customers, the greatest sum first, and how many match in all."""
    params = [as_of, r, r, f, f, PAGE, (page - 1) * PAGE]
    rows = source.rows(SCORED + CUSTOMERS_SQL, params)
    return rows, rows[0]["matching"] if rows else 0


def rfm_report(user: Person, as_of: date) -> dict[str, Any]:
    """The report over the deals a person may see, ready for JSON; sums are strings."""
    found = score(visible_purchases(user, as_of), as_of)
    return {
        "as_of": as_of.isoformat(),
        "customers": found.whole.customers,
        "total": str(found.whole.total),
        "thresholds": {name: [str(v) for v in cut] for name, cut in found.thresholds.items()},
        "cells": [_plain(group, r=r, f=f) for (r, f), group in sorted(found.cells.items())],
        "segments": [_plain(group, name=name) for name, group in found.segments.items()],
    }


def _plain(group: Group, **key: Any) -> Mapping[str, Any]:
    return {**key, "customers": group.customers, "total": str(group.total)}
