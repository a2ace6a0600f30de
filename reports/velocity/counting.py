"""Sales velocity: open deals x win rate x average sale / cycle, money a day.

Win rate, average sale and cycle are of the deals closed in the period; the average and the cycle
come from the same won set, both as means. Open deals are those that stand open at its end.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum

from reports.asking import Asked
from reports.cells import CLOSED, OPEN, WON, deals_of
from reports.dimensions import DIMENSIONS
from reports.funnel.steps import ZERO, percent
from reports.numbers import DaysOf, Median

BY = ("manager", "department", "source", "pipeline")
KOPECK = Decimal("0.01")
CYCLE = DaysOf(ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField()))
IS_WON = Q(status=WON)


@dataclass(slots=True)
class Pace:
    """The four levers of one group of deals and what they make together."""

    key: Any = None
    name: str = ""
    open: int = 0
    open_amount: Decimal = ZERO
    won: int = 0
    won_amount: Decimal = ZERO
    lost: int = 0
    mean_cycle: float | None = None
    median_cycle: float | None = None
    previous: "Pace | None" = None

    @property
    def win_rate(self) -> Decimal | None:
        """won / (won + lost), per cent."""
        return percent(self.won, self.won + self.lost)

    @property
    def average_won(self) -> Decimal | None:
        """won_amount / won to the kopeck, half up."""
        if not self.won:
            return None
        return (self.won_amount / self.won).quantize(KOPECK, ROUND_HALF_UP)

    @property
    def velocity(self) -> Decimal | None:
        """Money a day, or None when nothing was won or all of it in no time.

        open x won / (won + lost) x won_amount / won / cycle, rounded only at the end.
        """
        if not self.won or not self.mean_cycle:
            return None
        each = Decimal(self.open) * self.won_amount / (self.won + self.lost)
        return (each / Decimal(repr(self.mean_cycle))).quantize(KOPECK, ROUND_HALF_UP)


def paces(asked: Asked, by: str = "manager") -> tuple[list[Pace], Pace]:
    """Rows by one dimension and all together, with those of the period of comparison."""
    by = by if by in BY else "manager"
    rows, total = _count(asked, by)
    if asked.before:
        past, whole = _count(asked.of(period=asked.before), by)
        total.previous = whole
        for key, row in past.items():
            rows.setdefault(key, Pace(key)).previous = row
    for key, name in DIMENSIONS[by].named(rows, asked).items():
        rows[key].name = name
    listed = sorted(rows.values(), key=lambda row: row.name)
    return sorted(listed, key=lambda row: (-(row.velocity or ZERO), -row.open_amount)), total


def _count(asked: Asked, by: str) -> tuple[dict[Any, Pace], Pace]:
    one = F(DIMENSIONS[by].column)
    closed, standing = deals_of(asked, CLOSED), deals_of(asked, OPEN)
    figures: dict[str, Any] = {
        "won": Count("pk", filter=IS_WON),
        "won_amount": Sum("amount_base", filter=IS_WON),
        "lost": Count("pk", filter=~IS_WON),
        "mean_cycle": Avg(CYCLE, filter=IS_WON),
        "median_cycle": Median(CYCLE, filter=IS_WON),
    }
    stock: dict[str, Any] = {"open": Count("pk"), "open_amount": Sum("amount_base")}
    rows: dict[Any, Pace] = {}
    for groups, names in ((closed, figures), (standing, stock)):
        for values in groups.annotate(one=one).values("one").annotate(**names):
            row = rows.setdefault(values["one"], Pace(values["one"]))
            _fill(row, {name: values[name] for name in names})
    total = Pace()
    _fill(total, closed.aggregate(**figures))
    _fill(total, standing.aggregate(**stock))
    return rows, total


def _fill(row: Pace, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, ZERO if value is None and name.endswith("amount") else value)
