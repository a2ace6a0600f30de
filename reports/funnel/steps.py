"""The parts of a funnel: tallies, stages, loss reasons."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deals.models import DealStatus, Pipeline, Stage
from reports.periods import Period

ZERO = Decimal(0)
WON, LOST, OPEN = DealStatus.WON.value, DealStatus.LOST.value, DealStatus.OPEN.value


def percent(part: Any, whole: Any) -> Decimal | None:
    """100 * part / whole in per cent with one decimal, half up; None of nothing."""
    if not whole:
        return None
    share = Decimal(part) * 100 / Decimal(whole)
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def rounded(days: float | None) -> float | None:
    """Days with one decimal."""
    return None if days is None else round(days, 1)


@dataclass(slots=True)
class Tally:
    """A number of deals and their sum in the base currency."""

    count: int = 0
    amount: Decimal = ZERO

    def add(self, count: int, amount: Decimal | None) -> None:
        """Count more deals in."""
        self.count += count
        self.amount += amount or ZERO

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.amount + other.amount)


@dataclass(slots=True)
class Step:
    """One stage of the funnel; `lost` and `open` are those whose furthest stage is this one.

    `skipped` reached it and never stood in it; `returned` were moved back from it. Days are of
    visits to the stage: median and 90th percentile of ended ones, the median age of running ones
    (ended ones alone are biased short).
    """

    stage: int
    name: str
    position: int
    hue: int
    entered: Tally = field(default_factory=Tally)
    passed: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)
    open: Tally = field(default_factory=Tally)
    now_open: Tally = field(default_factory=Tally)
    conversion: Decimal | None = None
    previous_entered: int | None = None
    previous_conversion: Decimal | None = None
    skipped: int = 0
    returned: int = 0
    visits: int = 0
    median_days: float | None = None
    p90_days: float | None = None
    running: int = 0
    running_median_days: float | None = None

    @property
    def change(self) -> Decimal | None:
        """Conversion against the previous period, in percentage points."""
        if self.conversion is None or self.previous_conversion is None:
            return None
        return self.conversion - self.previous_conversion


@dataclass(slots=True)
class Reason:
    """A loss reason of the cohort: how many, what share of the lost in per cent, by stage."""

    reason: int | None
    name: str
    lost: Tally
    share: Decimal | None
    stages: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Funnel:
    """The whole report; `previous` is the same of the period before, without its own previous."""

    pipeline: Pipeline
    period: Period
    as_of: date | None
    steps: list[Step]
    won: Tally
    reasons: list[Reason]
    previous: "Funnel | None" = None

    @property
    def entered(self) -> Tally:
        """The cohort."""
        return self.won + self.lost + self.open

    @property
    def lost(self) -> Tally:
        """All lost deals of the cohort."""
        return sum((step.lost for step in self.steps), Tally())

    @property
    def open(self) -> Tally:
        """All deals of the cohort that are neither won nor lost."""
        return sum((step.open for step in self.steps), Tally())

    @property
    def now_open(self) -> Tally:
        """All open deals of the pipeline, of any cohort."""
        return sum((step.now_open for step in self.steps), Tally())

    @property
    def won_share(self) -> Decimal | None:
        """Won of entered, per cent."""
        return percent(self.won.count, self.entered.count)

    @property
    def open_share(self) -> Decimal | None:
        """Still open of entered, per cent: how unripe the cohort is."""
        return percent(self.open.count, self.entered.count)


def steps_of(pipeline: Pipeline) -> list[Step]:
    """Every stage of the pipeline in order, archived ones too."""
    return [
        Step(stage.pk, stage.name, stage.position, stage.hue)
        for stage in Stage.objects.filter(pipeline=pipeline).order_by("position", "pk")
    ]
