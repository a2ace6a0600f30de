"""The strict lens: deals that went through the stages one after another, none skipped."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from reports.asking import Asked
from reports.funnel.cells import cohort, depth, strict_stages, with_path
from reports.funnel.steps import LOST, OPEN, WON, Tally, percent


@dataclass(slots=True)
class StrictStep:
    """entered = passed + lost + open + left; `left` were won without the stages after this one."""

    stage: int
    name: str
    entered: Tally = field(default_factory=Tally)
    passed: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)
    open: Tally = field(default_factory=Tally)
    left: Tally = field(default_factory=Tally)
    previous_entered: int | None = None

    @property
    def conversion(self) -> Decimal | None:
        """Passed of entered, per cent."""
        return percent(self.passed.count, self.entered.count)


@dataclass(slots=True)
class Strict:
    """Stages in use, the won of those who visited all of them, and the cohort they are part of."""

    steps: list[StrictStep]
    won: Tally
    whole: Tally


def strict(asked: Asked) -> Strict:
    """The cohort by how many stages each deal visited in their order."""
    found = _count(asked)
    if asked.before:
        before = _count(asked.of(period=asked.before))
        for step, past in zip(found.steps, before.steps, strict=True):
            step.previous_entered = past.entered.count
    return found


def _count(asked: Asked) -> Strict:
    stages = strict_stages(asked)
    keys = [stage.pk for stage in stages]
    steps = [StrictStep(stage.pk, stage.name) for stage in stages]
    found = Strict(steps, Tally(), Tally())
    rows = with_path(asked, cohort(asked), keys)
    groups = rows.values("path", "state").annotate(count=Count("pk"), total=Sum("amount_base"))
    for group in groups:
        counted = (group["count"], group["total"])
        found.whole.add(*counted)
        reached = depth(group["path"], len(keys))
        for step in steps[:reached]:
            step.entered.add(*counted)
        for step in steps[: reached - 1 if reached else 0]:
            step.passed.add(*counted)
        if reached:
            _end(found, steps[reached - 1], group["state"], counted, is_last=reached == len(keys))
    return found


def _end(
    found: Strict, step: StrictStep, state: str, counted: tuple[int, Decimal], *, is_last: bool
) -> None:
    """Where the deal is, seen from the furthest stage of its unbroken way."""
    if state == WON and is_last:
        step.passed.add(*counted)
        found.won.add(*counted)
    else:
        {WON: step.left, LOST: step.lost, OPEN: step.open}[state].add(*counted)
