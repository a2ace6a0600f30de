"""The funnel of a cohort: who reached which stage, who was lost there, who still stands there.

Cohort: deals of one pipeline that the viewer may see and that were created in [from, to) of local
days. reached(s) counts deals whose furthest position is at least that of s, and every won deal:
a skipped stage counts as reached, moving back takes nothing away, coming back adds nothing.
Identity of each stage: entered = passed on + lost + open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, F, Max, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from deals.filters import day_start
from deals.models import Deal, DealStatus, LossReason, Pipeline, Stage, StageMove
from deals.querysets import DealQuerySet
from reports.periods import Period

ZERO = Decimal(0)
WON, LOST, OPEN = DealStatus.WON.value, DealStatus.LOST.value, DealStatus.OPEN.value

VISITS = """
WITH spans AS (
    SELECT visit.stage, visit.left_at IS NOT NULL AS ended,
        extract(epoch FROM coalesce(visit.left_at, %s) - visit.at)::float8 / 86400 AS days
    FROM ({deals}) AS cohort (id) CROSS JOIN LATERAL (
        SELECT m.to_stage_id AS stage, m.kind, m.at,
            lead(m.at) OVER (ORDER BY m.at, m.id) AS left_at
        FROM deals_stagemove m WHERE m.deal_id = cohort.id AND m.at < %s
    ) AS visit WHERE visit.kind IN ('entered', 'moved', 'reopened')
)
SELECT stage, count(*) FILTER (WHERE ended), count(*) FILTER (WHERE NOT ended),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE ended),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY days) FILTER (WHERE ended),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE NOT ended)
FROM spans GROUP BY stage
"""


def percent(part: Any, whole: Any) -> Decimal | None:
    """100 * part / whole in per cent with one decimal, half up; None of nothing."""
    if not whole:
        return None
    share = Decimal(part) * 100 / Decimal(whole)
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


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

    Days are of visits to the stage: median and 90th percentile of ended ones, the median age of
    running ones (ended ones alone are biased short).
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
    """A loss reason of the cohort: how many and what share of the lost, in per cent."""

    reason: int | None
    name: str
    lost: Tally
    share: Decimal | None


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


def funnel(
    *,
    user: User,
    pipeline: Pipeline,
    period: Period,
    now: datetime,
    owner: User | None = None,
    as_of: date | None = None,
) -> Funnel:
    """The funnel of the viewer with the period of equal length before it.

    `as_of` reads only stage moves before the end of that day; sums, owners and the trash are
    those of today.
    """
    seen = Deal.objects.visible_to(user).filter(pipeline=pipeline)
    if owner:
        seen = seen.filter(owner=owner)
    until = min(now, day_start(as_of + timedelta(days=1))) if as_of else None
    seen = standing_at(seen, until)
    found = _count(seen, pipeline, period, as_of)
    _add_days(found, seen.filter(period.within("created_at")), until or now)
    _add_snapshot(found, seen)
    if period.previous:
        found.previous = _count(seen, pipeline, period.previous, as_of)
        _compare(found, found.previous)
    found.steps = _shown(found)
    return found


def standing_at(rows: DealQuerySet, until: datetime | None) -> DealQuerySet:
    """Annotate furthest position, status and stage: of today, or by the moves before `until`."""
    if until is None:
        return rows.annotate(
            far=F("furthest"), state=F("status"), place=F("stage"), why=F("loss_reason")
        )
    moves = StageMove.objects.filter(deal=OuterRef("pk"), at__lt=until).order_by()
    far = moves.filter(to_stage__pipeline=OuterRef("pipeline")).values("deal")
    last = moves.order_by("-at", "-pk")
    told = [When(kind_then=kind, then=Value(kind)) for kind in (WON, LOST)]
    return rows.filter(created_at__lt=until).annotate(
        far=Coalesce(Subquery(far.values(top=Max("to_stage__position"))), 0),
        kind_then=Subquery(last.values("kind")[:1]),
        state=Case(*told, default=Value(OPEN), output_field=CharField()),
        place=Subquery(last.values("to_stage")[:1]),
        why=F("loss_reason"),
    )


def _count(seen: DealQuerySet, pipeline: Pipeline, period: Period, as_of: date | None) -> Funnel:
    """One grouped query: furthest position, status and loss reason of the cohort."""
    steps = [
        Step(stage.pk, stage.name, stage.position, stage.hue)
        for stage in Stage.objects.filter(pipeline=pipeline).order_by("position", "pk")
    ]
    groups = list(
        seen.filter(period.within("created_at"))
        .order_by()
        .values("far", "state", "why")
        .annotate(count=Count("pk"), total=Sum("amount_base"))
    )
    won = Tally()
    why: dict[int | None, Tally] = {}
    for group in groups:
        counted = (group["count"], group["total"])
        if group["state"] == WON:
            won.add(*counted)
            continue
        step = _step_of(steps, group["far"])
        (step.lost if group["state"] == LOST else step.open).add(*counted)
        if group["state"] == LOST:
            why.setdefault(group["why"], Tally()).add(*counted)
    passed = won
    for step in reversed(steps):
        step.passed = passed
        passed = step.entered = passed + step.lost + step.open
    _convert(steps)
    return Funnel(pipeline, period, as_of, steps, won, _reasons(why))


def _step_of(steps: list[Step], position: int) -> Step:
    """The highest stage not above the position; the first for anything below it."""
    reached = [step for step in steps if step.position <= position]
    return reached[-1] if reached else steps[0]


def _convert(steps: Iterable[Step]) -> None:
    for step in steps:
        step.conversion = percent(step.passed.count, step.entered.count)


def _reasons(why: dict[int | None, Tally]) -> list[Reason]:
    """Loss reasons, the most frequent first."""
    names = LossReason.objects.in_bulk([key for key in why if key])
    lost = sum(tally.count for tally in why.values())
    found = [
        Reason(key, names[key].name if key in names else "", tally, percent(tally.count, lost))
        for key, tally in why.items()
    ]
    return sorted(found, key=lambda row: (-row.lost.count, row.name))


def _add_days(found: Funnel, cohort: DealQuerySet, until: datetime) -> None:
    """Days in stage from the stage history of the cohort, one query.

    LATERAL reads the few moves of each deal by their index instead of the whole history.
    """
    sql, params = cohort.order_by().values("pk").query.sql_with_params()
    steps = {step.stage: step for step in found.steps}
    with connection.cursor() as cursor:
        cursor.execute(VISITS.format(deals=sql), [until, *params, until])
        for stage, ended, running, median, p90, age in cursor.fetchall():
            if step := steps.get(stage):
                step.visits, step.running = ended, running
                step.median_days, step.p90_days = _days(median), _days(p90)
                step.running_median_days = _days(age)


def _days(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _add_snapshot(found: Funnel, seen: DealQuerySet) -> None:
    """Open deals by the stage they stand in, whenever they were created."""
    rows = seen.filter(state=OPEN).order_by().values("place")
    steps = {step.stage: step for step in found.steps}
    for row in rows.annotate(count=Count("pk"), total=Sum("amount_base")):
        if step := steps.get(row["place"]):
            step.now_open.add(row["count"], row["total"])


def _compare(found: Funnel, previous: Funnel) -> None:
    """Put the numbers of the previous period beside those of each stage."""
    for step, before in zip(found.steps, previous.steps, strict=True):
        step.previous_entered = before.entered.count
        step.previous_conversion = before.conversion


def _shown(found: Funnel) -> list[Step]:
    """Stages in use, and archived ones in which deals of the report stopped."""
    active = set(found.pipeline.stages.filter(is_active=True).values_list("pk", flat=True))
    return [
        step
        for step in found.steps
        if step.stage in active or step.lost.count or step.open.count or step.now_open.count
    ]
