"""The funnel of a cohort: who reached which stage, who was lost there, who still stands there.

Cohort: deals of one pipeline that the viewer may see and that were created in [from, to) of local
days. reached(s) counts deals whose furthest position is at least that of s, and every won deal:
a skipped stage counts as reached, moving back takes nothing away, coming back adds nothing.
Identity of each stage: entered = passed on + lost + open.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Case, CharField, Count, F, Max, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from deals.models import LossReason, Pipeline, StageMove
from deals.querysets import DealQuerySet
from reports.asking import Asked
from reports.funnel.steps import (
    LOST,
    OPEN,
    WON,
    Funnel,
    Reason,
    Step,
    Tally,
    percent,
    rounded,
    steps_of,
)
from reports.periods import Period

VISITS = """
WITH spans AS (
    SELECT cohort.id, visit.stage, visit.left_at IS NOT NULL AS ended,
        visit.next_kind = 'moved' AND visit.next_rank < visit.rank AS went_back,
        extract(epoch FROM coalesce(visit.left_at, %s) - visit.at)::float8 / 86400 AS days
    FROM ({deals}) AS cohort (id) CROSS JOIN LATERAL (
        SELECT m.to_stage_id AS stage, m.kind, m.at, array_position(%s::bigint[], m.to_stage_id)
            AS rank, lead(m.at) OVER story AS left_at, lead(m.kind) OVER story AS next_kind,
            lead(array_position(%s::bigint[], m.to_stage_id)) OVER story AS next_rank
        FROM deals_stagemove m WHERE m.deal_id = cohort.id AND m.at < %s
        WINDOW story AS (ORDER BY m.at, m.id)
    ) AS visit WHERE visit.kind IN ('entered', 'moved', 'reopened')
)
SELECT stage, count(*) FILTER (WHERE ended), count(*) FILTER (WHERE NOT ended),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE ended),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY days) FILTER (WHERE ended),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE NOT ended),
    count(DISTINCT id), count(DISTINCT id) FILTER (WHERE went_back)
FROM spans GROUP BY stage
"""


def funnel(asked: Asked) -> Funnel:
    """The funnel of the viewer with that of the period of comparison.

    `as_of` reads only stage moves before the end of that day; sums, owners and the trash are
    those of today. Raises ValueError without a pipeline.
    """
    if asked.pipeline is None:
        raise ValueError("a funnel is of one pipeline")
    seen = standing_at(asked.deals(), asked.until)
    found = _count(seen, asked.pipeline, asked.period, asked)
    _add_visits(found, seen.filter(asked.period.within("created_at")), asked.until or asked.now)
    _add_snapshot(found, seen)
    if asked.before:
        found.previous = _count(seen, asked.pipeline, asked.before, asked)
        _compare(found, found.previous)
    found.steps = _shown(found)
    return found


def standing_at(rows: DealQuerySet, until: datetime | None) -> DealQuerySet:
    """Annotate furthest position, status, stage and since when: of today, or before `until`."""
    if until is None:
        return rows.annotate(
            far=F("furthest"),
            state=F("status"),
            place=F("stage"),
            since=F("stage_entered_at"),
            why=F("loss_reason"),
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
        since=Subquery(last.values("at")[:1]),
        why=F("loss_reason"),
    )


def _count(seen: DealQuerySet, pipeline: Pipeline, period: Period, asked: Asked) -> Funnel:
    """One grouped query: furthest position, status and loss reason of the cohort."""
    steps = steps_of(pipeline)
    groups = list(
        seen.filter(period.within("created_at"))
        .order_by()
        .values("far", "state", "why")
        .annotate(count=Count("pk"), total=Sum("amount_base"))
    )
    won = Tally()
    why: dict[int | None, Reason] = {}
    for group in groups:
        counted = (group["count"], group["total"])
        if group["state"] == WON:
            won.add(*counted)
            continue
        step = _step_of(steps, group["far"])
        (step.lost if group["state"] == LOST else step.open).add(*counted)
        if group["state"] == LOST:
            reason = why.setdefault(group["why"], Reason(group["why"], "", Tally(), None))
            reason.lost.add(*counted)
            reason.stages[step.stage] = reason.stages.get(step.stage, 0) + group["count"]
    passed = won
    for step in reversed(steps):
        step.passed = passed
        passed = step.entered = passed + step.lost + step.open
    _convert(steps)
    return Funnel(pipeline, period, asked.as_of, steps, won, _named(list(why.values())))


def _step_of(steps: list[Step], position: int) -> Step:
    """The highest stage not above the position; the first for anything below it."""
    reached = [step for step in steps if step.position <= position]
    return reached[-1] if reached else steps[0]


def _convert(steps: Iterable[Step]) -> None:
    for step in steps:
        step.conversion = percent(step.passed.count, step.entered.count)


def _named(why: list[Reason]) -> list[Reason]:
    """Loss reasons with their names and shares, the most frequent first."""
    names = LossReason.objects.in_bulk([row.reason for row in why if row.reason])
    lost = sum(row.lost.count for row in why)
    for row in why:
        row.name = names[row.reason].name if row.reason in names else ""
        row.share = percent(row.lost.count, lost)
    return sorted(why, key=lambda row: (-row.lost.count, row.name))


def _add_visits(found: Funnel, cohort: DealQuerySet, until: datetime) -> None:
    """Days in stage, skipped and returned, from the stage history of the cohort in one query.

    LATERAL reads the few moves of each deal by their index instead of the whole history.
    """
    sql, params = cohort.order_by().values("pk").query.sql_with_params()
    steps = {step.stage: step for step in found.steps}
    ranks = list(steps)
    for step in found.steps:
        step.skipped = step.entered.count
    with connection.cursor() as cursor:
        cursor.execute(VISITS.format(deals=sql), [until, *params, ranks, ranks, until])
        for stage, ended, running, median, p90, age, stood, back in cursor.fetchall():
            if step := steps.get(stage):
                step.visits, step.running = ended, running
                step.median_days, step.p90_days = rounded(median), rounded(p90)
                step.running_median_days = rounded(age)
                step.skipped, step.returned = step.entered.count - stood, back


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
