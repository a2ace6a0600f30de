"""Deals to push: open ones that stand in their stage longer than nine of ten won ones stood there.

The norm of a stage is the 90th percentile of the days of ended visits to it by deals won within a
year that the viewer sees; it takes at least MIN_VISITS of them. Days in stage of an open deal are
local days, so that the list of deals can ask for the same rows.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from deals.filters import day_start
from deals.models import Deal, Stage
from deals.querysets import DealQuerySet
from reports.asking import Asked
from reports.funnel.steps import Tally

MIN_VISITS = 10
YEAR = timedelta(days=365)
NORMS = """
SELECT visit.stage, count(*), percentile_cont(0.9) WITHIN GROUP (ORDER BY visit.days)
FROM ({deals}) AS won (id) CROSS JOIN LATERAL (
    SELECT m.to_stage_id AS stage, m.kind, extract(epoch FROM
        lead(m.at) OVER (ORDER BY m.at, m.id) - m.at)::float8 / 86400 AS days
    FROM deals_stagemove m WHERE m.deal_id = won.id AND m.at < %s
) AS visit
WHERE visit.kind IN ('entered', 'moved', 'reopened') AND visit.days IS NOT NULL
GROUP BY visit.stage
"""


@dataclass(slots=True)
class Norm:
    """How long won deals stood in a stage: `days` is None with too few `visits`."""

    stage: int
    name: str
    pipeline: str
    visits: int = 0
    days: float | None = None

    def latest(self, today: date) -> date | None:
        """The last local day on which a deal to push may have come into the stage."""
        return None if self.days is None else today - timedelta(days=floor(self.days) + 1)


@dataclass(slots=True)
class PushRow:
    """Open deals of one stage; `stepless` of those to push have no next step."""

    norm: Norm
    open: Tally
    push: Tally
    stepless: int = 0


def norms(asked: Asked) -> dict[int, Norm]:
    """The norm of every stage in use; a filter by person or source does not change it."""
    won = Deal.objects.visible_to(asked.user).won().order_by()
    won = won.filter(closed_at__gte=asked.now - YEAR, closed_at__lt=asked.now)
    stages = Stage.objects.filter(is_active=True, pipeline__is_active=True)
    if asked.pipeline:
        won, stages = won.filter(pipeline=asked.pipeline), stages.filter(pipeline=asked.pipeline)
    ordered = stages.select_related("pipeline").order_by("pipeline", "position", "pk")
    found = {row.pk: Norm(row.pk, row.name, row.pipeline.name) for row in ordered}
    for stage, visits, days in _spans(won, asked.now):
        if norm := found.get(stage):
            norm.visits = visits
            norm.days = days if visits >= MIN_VISITS else None
    return found


def _spans(won: DealQuerySet, now: datetime) -> list[tuple[int, int, float]]:
    try:
        sql, params = won.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NORMS.format(deals=sql), [*params, now])
        return cursor.fetchall()


def to_push(found: dict[int, Norm], today: date) -> Q:
    """Deals that stand in their stage longer than its norm."""
    wanted = Q(pk__in=[])
    for norm in found.values():
        if latest := norm.latest(today):
            edge = day_start(latest + timedelta(days=1))
            wanted |= Q(stage=norm.stage, stage_entered_at__lt=edge)
    return wanted


def open_deals(asked: Asked) -> DealQuerySet:
    """Open deals of the question."""
    return asked.deals().open()


def push_rows(asked: Asked, found: dict[int, Norm]) -> list[PushRow]:
    """Stages with open deals, and how many of them are to be pushed."""
    wanted = to_push(found, timezone.localdate(asked.now))
    rows: Any = open_deals(asked)
    groups = rows.values("stage").annotate(
        count=Count("pk"),
        total=Sum("amount_base"),
        late=Count("pk", filter=wanted),
        late_total=Sum("amount_base", filter=wanted),
    )
    counted = {row["stage"]: row for row in groups}
    late: Any = rows.without_task().filter(wanted)
    stepless = dict(late.values_list("stage").annotate(Count("pk")))
    listed = []
    for norm in found.values():
        row = counted.get(norm.stage)
        made = PushRow(norm, Tally(), Tally(), stepless.get(norm.stage, 0))
        if row:
            made.open.add(row["count"], row["total"])
            made.push.add(row["late"], row["late_total"])
        listed.append(made)
    return listed
