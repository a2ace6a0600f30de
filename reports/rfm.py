"""RFM: how recently, how often and for how much customers buy, scored 1 to 5.

R is whole days from the last purchase day to the as-of day, F the number of purchase days, M the
sum in the base currency. Scores: thresholds are the values at 20, 40, 60 and 80 % of the goodness
(for R of minus the days), real values of the data; the score is 1 + the number of thresholds
strictly below the value, so equal values get equal scores. Fixed thresholds, typed by a person,
take the place of those values and stay comparable from month to month. Segments follow R and F.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from records.rights import Person
from reports.purchases import Source, visible_purchases

SCORES = range(1, 6)
PAGE = 100

SEGMENTS: dict[str, Promise] = {
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "potential": _("May become loyal"),
    "new": pgettext_lazy("segment", "New"),
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
    SELECT company_id, contact_id, max(day) FILTER (WHERE amount >= 0) - %s::date AS r,
        count(*) FILTER (WHERE amount >= 0) AS f, sum(amount) AS m
    FROM purchase GROUP BY company_id, contact_id HAVING max(amount) >= 0
), cut AS (
    SELECT coalesce(%s::int[], percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8])
               WITHIN GROUP (ORDER BY r)) AS r,
           coalesce(%s::bigint[], percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8])
               WITHIN GROUP (ORDER BY f)) AS f,
           coalesce(%s::numeric[], percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8])
               WITHIN GROUP (ORDER BY m)) AS m
    FROM customer
), scored AS (
    SELECT company_id, contact_id, -v.r AS days, v.f AS count, v.m AS total,
           1 + (cut.r[1] < v.r)::int + (cut.r[2] < v.r)::int
             + (cut.r[3] < v.r)::int + (cut.r[4] < v.r)::int AS r,
           1 + (cut.f[1] < v.f)::int + (cut.f[2] < v.f)::int
             + (cut.f[3] < v.f)::int + (cut.f[4] < v.f)::int AS f,
           1 + (cut.m[1] < v.m)::int + (cut.m[2] < v.m)::int
             + (cut.m[3] < v.m)::int + (cut.m[4] < v.m)::int AS m
    FROM customer v CROSS JOIN cut
)
"""
CELLS_SQL = """
SELECT r, f, m, count(*) AS customers, sum(total) AS total, (SELECT r FROM cut) AS cut_r,
       (SELECT f FROM cut) AS cut_f, (SELECT m FROM cut) AS cut_m
FROM scored GROUP BY r, f, m
"""
CUSTOMERS_SQL = """
SELECT * FROM scored WHERE r * 10 + f = ANY(%s)
ORDER BY total DESC, company_id, contact_id LIMIT %s OFFSET %s
"""
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Fixed thresholds, four each: days from few to many, purchases and money from few to many.

    An empty tuple leaves the figure to the quintiles of the customers.
    """

    r: tuple[int, ...] = ()
    f: tuple[int, ...] = ()
    m: tuple[Decimal, ...] = ()

    @property
    def params(self) -> list[Any]:
        """As SCORED takes them: R by goodness, that is minus the days."""
        days = [-value for value in reversed(self.r)]
        return [days or None, list(self.f) or None, list(self.m) or None]

    def scores(self, days: int, count: int) -> Pair:
        """R and F of one customer by fixed thresholds of both."""
        r = 1 + sum(-cut < -days for cut in self.r)
        return r, 1 + sum(cut < count for cut in self.f)


QUINTILES = Cuts()
FIXED = Cuts(r=(30, 90, 180, 365), f=(1, 2, 5, 10))


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


def score(source: Source, as_of: date, cuts: Cuts = QUINTILES) -> Rfm:
    """Thresholds and the grid of a source of purchases."""
    result = Rfm()
    rows = source.rows(SCORED + CELLS_SQL, [as_of, *cuts.params])
    if not rows:
        return result
    for row in rows:
        key = (row["r"], row["f"])
        group = Group(row["customers"], row["total"])
        result.cells[key] = result.cells.get(key, Group()) + group
        for name in ("r", "f", "m"):
            result.counts[name][row[name]] += row["customers"]
    result.thresholds = {
        "r": [-value for value in rows[0]["cut_r"]],
        "f": list(rows[0]["cut_f"]),
        "m": list(rows[0]["cut_m"]),
    }
    return result


def pairs(*, r: int | None = None, f: int | None = None, segment: str = "") -> set[Pair]:
    """The pairs of scores that are asked for; what is not asked does not narrow."""
    return {
        (one, two)
        for one in SCORES
        for two in SCORES
        if r in (None, one) and f in (None, two) and segment in ("", segment_of(one, two))
    }


def customers(
    source: Source, as_of: date, wanted: set[Pair], offset: int, cuts: Cuts = QUINTILES
) -> list[dict[str, Any]]:
    """A page of scored customers with these pairs of scores, the greatest sum first."""
    codes = [r * 10 + f for r, f in sorted(wanted)]
    return source.rows(SCORED + CUSTOMERS_SQL, [as_of, *cuts.params, codes, PAGE, offset])


ONE_SQL = """
SELECT max(day) FILTER (WHERE amount >= 0) AS last, sum(amount) AS total,
    count(*) FILTER (WHERE amount >= 0) AS count FROM purchase
"""


def of_customer(user: Person, as_of: date, **customer: Any) -> dict[str, Any] | None:
    """Days, purchases, sum and scores by fixed thresholds of one customer; None without any.

    Only purchases the person may see count, so the card of another person may say otherwise.
    """
    [row] = visible_purchases(user, as_of, **customer).rows(ONE_SQL)
    if row["last"] is None:
        return None
    days = (as_of - row["last"]).days
    r, f = FIXED.scores(days, row["count"])
    segment = segment_of(r, f)
    return {**row, "days": days, "r": r, "f": f, "segment": segment}


def rfm_report(user: Person, as_of: date, cuts: Cuts = QUINTILES) -> dict[str, Any]:
    """The report over the purchases a person may see, ready for JSON; sums are strings."""
    return report_values(score(visible_purchases(user, as_of), as_of, cuts), as_of, cuts)


def report_values(found: Rfm, as_of: date, cuts: Cuts) -> dict[str, Any]:
    """Scored customers ready for JSON."""
    return {
        "report": "rfm",
        "as_of": as_of.isoformat(),
        "mode": "quintiles" if cuts == QUINTILES else "fixed",
        "customers": found.whole.customers,
        "total": str(found.whole.total),
        "thresholds": {name: [str(v) for v in cut] for name, cut in found.thresholds.items()},
        "rows": [
            _plain(group, r=r, f=f, segment=segment_of(r, f))
            for (r, f), group in sorted(found.cells.items())
        ],
        "segments": [_plain(group, name=name) for name, group in found.segments.items()],
    }


def _plain(group: Group, **key: Any) -> Mapping[str, Any]:
    return {**key, "customers": group.customers, "total": str(group.total)}
