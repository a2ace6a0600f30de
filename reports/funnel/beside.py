"""Two funnels side by side: of two pipelines, managers, departments or sources."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F

from reports.asking import Asked
from reports.funnel.cells import cohort
from reports.funnel.reached import funnel
from reports.funnel.steps import WON, Funnel, rounded
from reports.numbers import DaysOf, Median

KOPECK = Decimal("0.01")
Z95 = 1.959964
CYCLE = DaysOf(ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField()))


@dataclass(slots=True)
class Side:
    """One of the two: what is asked, its funnel, and figures of the won deals of the cohort."""

    asked: Asked
    name: str
    funnel: Funnel
    cycle: float | None = None

    @property
    def average_won(self) -> Decimal | None:
        """Mean sum of the won to the kopeck, half up."""
        won = self.funnel.won
        return (won.amount / won.count).quantize(KOPECK, ROUND_HALF_UP) if won.count else None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Between which shares the won share lies with 95 %, per cent."""
        return wilson(self.funnel.won.count, self.funnel.entered.count)


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """Wilson's score interval at 95 % in per cent with one decimal; None of nothing.

    Wilson (1927): (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n).
    """
    if not whole:
        return None
    share, square = part / whole, Z95 * Z95
    middle = share + square / (2 * whole)
    spread = Z95 * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    ends = [100 * (middle + sign * spread) / (1 + square / whole) for sign in (-1, 1)]
    low, high = (Decimal(repr(min(100.0, max(0.0, end)))) for end in ends)
    tenth = Decimal("0.1")
    return low.quantize(tenth, ROUND_HALF_UP), high.quantize(tenth, ROUND_HALF_UP)


def differ(one: Side, two: Side) -> bool | None:
    """Whether the won shares differ beyond chance: their intervals are apart; None of nothing."""
    first, second = one.interval, two.interval
    if first is None or second is None:
        return None
    return first[0] > second[1] or second[0] > first[1]


def side_of(asked: Asked, name: str) -> Side:
    """The funnel of one side."""
    found = funnel(asked.of(before=None))
    won: Any = cohort(asked).filter(state=WON)
    row = won.aggregate(days=Median(CYCLE))
    return Side(asked, name, found, rounded(row["days"]))


def pair(one: Asked, two: Asked, names: tuple[str, str]) -> tuple[Side, Side]:
    """Both sides."""
    return side_of(one, names[0]), side_of(two, names[1])
