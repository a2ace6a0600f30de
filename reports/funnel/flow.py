"""The flow lens: visits that began in the period, and how each of them ended.

A visit is one stay of a deal in a stage: a deal that comes back has two. entries = advanced +
moved back + won + lost + still there.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from deals.models import Deal, StageMove
from reports.asking import Asked
from reports.funnel.steps import Step, Tally, rounded, steps_of

ENDS = ("advanced", "back", "won", "lost", "still")
VISITS = """
WITH visits AS (
    SELECT cohort.id, cohort.amount, visit.*, CASE
            WHEN visit.next_kind IS NULL THEN 'still'
            WHEN visit.next_kind IN ('won', 'lost') THEN visit.next_kind
            WHEN visit.next_rank < visit.rank THEN 'back' ELSE 'advanced' END AS outcome,
        extract(epoch FROM coalesce(visit.left_at, %(until)s) - visit.at)::float8 / 86400 AS days
    FROM ({deals}) AS cohort (id, amount) CROSS JOIN LATERAL (
        SELECT m.to_stage_id AS stage, m.kind, m.at, array_position(%(ranks)s::bigint[],
            m.to_stage_id) AS rank, lead(m.at) OVER story AS left_at,
            lead(m.kind) OVER story AS next_kind,
            lead(array_position(%(ranks)s::bigint[], m.to_stage_id)) OVER story AS next_rank
        FROM deals_stagemove m WHERE m.deal_id = cohort.id AND m.at < %(until)s
        WINDOW story AS (ORDER BY m.at, m.id)
    ) AS visit WHERE visit.kind IN ('entered', 'moved', 'reopened')
        AND visit.at >= %(start)s AND visit.at < %(end)s
)
"""
COUNTED = """
SELECT stage, outcome, count(*), sum(amount) FROM visits GROUP BY stage, outcome
"""
TIMES = """
SELECT stage,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE outcome <> 'still') AS middle,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY days) FILTER (WHERE outcome <> 'still') AS long,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE outcome = 'still') AS running
FROM visits GROUP BY stage
"""
LISTED = """
SELECT id, at, left_at, count(*) OVER () AS whole FROM visits
WHERE (%(stage)s::bigint IS NULL OR stage = %(stage)s)
    AND (%(outcome)s = 'entries' OR outcome = %(outcome)s)
ORDER BY at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(slots=True)
class FlowStep:
    """Visits to one stage by how they ended; sums are those of the deals, once a visit."""

    stage: int
    name: str
    entries: Tally = field(default_factory=Tally)
    advanced: Tally = field(default_factory=Tally)
    back: Tally = field(default_factory=Tally)
    won: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)
    still: Tally = field(default_factory=Tally)
    median_days: float | None = None
    p90_days: float | None = None
    running_median_days: float | None = None
    previous_entries: int | None = None


def flow(asked: Asked) -> list[FlowStep]:
    """Visits of every stage in the period, those of the period of comparison beside."""
    steps = _count(asked)
    if asked.before:
        past = {step.stage: step.entries.count for step in _count(asked.of(period=asked.before))}
        for step in steps:
            step.previous_entries = past.get(step.stage, 0)
    return steps


def total(steps: list[FlowStep]) -> FlowStep:
    """All visits together; medians are not additive and stay empty."""
    whole = FlowStep(0, "")
    names = [part.name for part in fields(whole) if isinstance(getattr(whole, part.name), Tally)]
    for step in steps:
        for name in names:
            setattr(whole, name, getattr(whole, name) + getattr(step, name))
    if steps and steps[0].previous_entries is not None:
        whole.previous_entries = sum(step.previous_entries or 0 for step in steps)
    return whole


def visits(asked: Asked, what: str, stage: int | None, limit: int, offset: int) -> list[dict]:
    """A page of visits behind a number, the newest first, each with the number of all.

    Raises LookupError for a number the lens does not have.
    """
    if what not in ("entries", *ENDS):
        raise LookupError(what)
    more = {"stage": stage, "outcome": what, "limit": limit, "offset": offset}
    return _rows(asked, LISTED, _steps(asked), more)


def _steps(asked: Asked) -> list[Step]:
    return steps_of(asked.pipeline) if asked.pipeline else []


def _count(asked: Asked) -> list[FlowStep]:
    stages = _steps(asked)
    found = {stage.stage: FlowStep(stage.stage, stage.name) for stage in stages}
    for row in _rows(asked, COUNTED, stages):
        step = found[row["stage"]]
        for name in (row["outcome"], "entries"):
            getattr(step, name).add(row["count"], row["sum"])
    for row in _rows(asked, TIMES, stages):
        step = found[row["stage"]]
        step.median_days, step.p90_days = rounded(row["middle"]), rounded(row["long"])
        step.running_median_days = rounded(row["running"])
    return list(found.values())


def _rows(
    asked: Asked, sql: str, stages: list[Step], more: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a query over the visits of the deals that moved in the period."""
    until = asked.until or asked.now
    start, end = asked.period.start, asked.period.end
    end = min(end, until) if end else until
    ranks = [stage.stage for stage in stages]
    moved = StageMove.objects.filter(to_stage__in=ranks, at__lt=end)
    if start:
        moved = moved.filter(at__gte=start)
    deals = asked.deals().filter(pk__in=moved.order_by().values("deal"))
    try:
        text, params = named(deals.values_list("pk", "amount_base").query.sql_with_params())
    except EmptyResultSet:
        return []
    given = {
        **params,
        "until": until,
        "ranks": ranks,
        "start": start or datetime.min.replace(year=1900, tzinfo=until.tzinfo),
        "end": end,
        **(more or {}),
    }
    with connection.cursor() as cursor:
        cursor.execute(VISITS.format(deals=text) + sql, given)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def named(query: tuple[str, Any]) -> tuple[str, dict[str, Any]]:
    """A query of positional parameters with names, to stand inside one that has names."""
    text, params = query
    names = {f"p{at}": value for at, value in enumerate(params)}
    return text.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names), names


def deals_of(rows: list[dict[str, Any]], asked: Asked) -> dict[int, Deal]:
    """The deals of listed visits."""
    return asked.deals().for_cards().in_bulk([row["id"] for row in rows])
