"""The chance that an open deal is won within a horizon, by its stage and age, from own history.

History is read on 104 days, a week apart, the last one a horizon before the day of the fit: how
many deals stood open in the stage at this age, and how many of them were won a horizon later. So
no deal whose outcome was not yet known enters, and a deal that was lost or is open still counts
as not won. Ages are cut at the 25th, 50th, 75th and 90th percentile of the days won deals took;
a deal older than the 99th is rotting and counts as 0. Small numbers lean on the stage, those of
the stage on the pipeline, by 20 readings each.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from deals.models import Stage
from reports.models import ForecastFit
from reports.purchases import zone

HORIZONS = (30, 90, 180)
READINGS, LEAN = 104, 20
MIN_CLOSED, MIN_WON, MIN_READINGS = 50, 20, 50
FOREVER = 10**6
PLACES = Decimal("0.0001")

STORY = """
WITH story AS (
    SELECT m.deal_id, d.pipeline_id, d.created_at, m.kind, m.to_stage_id AS stage, m.at,
        lead(m.at) OVER (PARTITION BY m.deal_id ORDER BY m.at, m.id) AS left_at
    FROM deals_stagemove m JOIN deals_deal d ON d.id = m.deal_id
    WHERE m.at < %(until)s AND d.deleted_at IS NULL
)
"""
CYCLES = """
SELECT pipeline_id, count(*), count(*) FILTER (WHERE kind = 'won'),
    percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9, 0.99]) WITHIN GROUP (
        ORDER BY extract(epoch FROM at - created_at)::float8 / 86400) FILTER (WHERE kind = 'won')
FROM story WHERE left_at IS NULL AND kind IN ('won', 'lost') GROUP BY pipeline_id
"""
READ = """
SELECT v.pipeline_id, v.stage, width_bucket(v.age, e.cuts) AS place, count(*), count(w.deal_id)
FROM (
    SELECT s.deal_id, s.pipeline_id, s.stage, %(last)s - k * %(week)s AS day,
        floor(extract(epoch FROM %(last)s - k * %(week)s - s.created_at) / 86400)::float8 AS age
    FROM story s CROSS JOIN LATERAL generate_series(
        greatest(0, ceil(extract(epoch FROM %(last)s - s.left_at) / 604800)::int),
        least(%(readings)s, ceil(extract(epoch FROM %(last)s - s.at) / 604800)::int) - 1
    ) AS k
    WHERE s.kind IN ('entered', 'moved', 'reopened') AND s.at < %(last)s
) v JOIN unnest(%(pipelines)s::bigint[], %(cuts)s::text[]) AS p (pipeline_id, cuts)
    ON p.pipeline_id = v.pipeline_id
CROSS JOIN LATERAL (SELECT string_to_array(p.cuts, ',')::float8[] AS cuts) e
LEFT JOIN story w ON w.deal_id = v.deal_id AND w.kind = 'won' AND w.at < v.day + %(horizon)s
    AND (w.left_at IS NULL OR w.left_at >= v.day + %(horizon)s)
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Deals of one stage from `low` days of age on, up to below `high`, and their chance.

    `read` and `won` are the readings behind it; both are 0 for a chance typed in the settings.
    """

    pipeline: int
    stage: int
    low: int
    high: int
    chance: Decimal
    read: int = 0
    won: int = 0
    is_rotten: bool = False


@dataclass(slots=True)
class PipelineRates:
    """Spans of one pipeline; `is_known` is False where history is too short for own chances."""

    pipeline: int
    closed: int
    won: int
    is_known: bool
    rots_after: int | None
    spans: list[Span]


Rates = dict[int, PipelineRates]


def fit(day: date, horizon: int) -> Rates:
    """The chances as history before the day tells them."""
    until = datetime.combine(day, time.min, zone()).astimezone(UTC)  # days of 24 hours
    cycles = {row[0]: row[1:] for row in _rows(CYCLES, {"until": until})}
    edges = {key: _edges(won, cuts) for key, (_closed, won, cuts) in cycles.items()}
    counts = _read(until, timedelta(days=horizon), edges)
    found = {}
    for pipeline, stages in _stages().items():
        closed, won, _cuts = cycles.get(pipeline, (0, 0, None))
        read = counts.get(pipeline, {})
        is_known = closed >= MIN_CLOSED and sum(n for n, _won in read.values()) >= MIN_READINGS
        cuts = edges.get(pipeline, []) if is_known else []
        spans = _learned(pipeline, stages, cuts, read) if is_known else _typed(pipeline, stages)
        rots_after = cuts[-1] - 1 if cuts else None
        found[pipeline] = PipelineRates(pipeline, closed, won, is_known, rots_after, spans)
    return found


def _rows(sql: str, params: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(STORY + sql, params)
        return cursor.fetchall()


def _edges(won: int, cuts: list[float] | None) -> list[int]:
    """Rising whole days at which the next age begins; the last one is where rotting begins."""
    if won < MIN_WON or not cuts:
        return []
    rots = int(cuts[-1]) + 1
    return [*sorted({max(1, int(-(-cut // 1))) for cut in cuts[:-1]} - {rots}), rots]


def _read(
    until: datetime, horizon: timedelta, edges: dict[int, list[int]]
) -> dict[int, dict[tuple[int, int], tuple[int, int]]]:
    """Readings and won ones by pipeline, then by stage and place of the age."""
    params = {
        "until": until,
        "horizon": horizon,
        "last": until - horizon,
        "week": timedelta(weeks=1),
        "readings": READINGS,
        "pipelines": list(edges),
        "cuts": [",".join(str(cut) for cut in cuts or [FOREVER]) for cuts in edges.values()],
    }
    found: dict[int, dict[tuple[int, int], tuple[int, int]]] = defaultdict(dict)
    for pipeline, stage, place, read, won in _rows(READ, params):
        found[pipeline][stage, place] = (read, won)
    return found


def _stages() -> dict[int, list[tuple[int, int]]]:
    """Every stage with its typed probability, by pipeline."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pipeline, stage, chance in Stage.objects.order_by("pipeline", "position", "pk").values_list(
        "pipeline", "pk", "probability"
    ):
        found[pipeline].append((stage, chance))
    return found


def _typed(pipeline: int, stages: list[tuple[int, int]]) -> list[Span]:
    """The probabilities of the settings, whatever the age."""
    return [
        Span(pipeline, stage, 0, FOREVER, (Decimal(chance) / 100).quantize(PLACES))
        for stage, chance in stages
    ]


def _learned(
    pipeline: int,
    stages: list[tuple[int, int]],
    cuts: list[int],
    read: dict[tuple[int, int], tuple[int, int]],
) -> list[Span]:
    """Chances of every stage and age; those past the last cut are 0."""
    lows, highs = [0, *cuts], [*cuts, FOREVER]
    live = {key: pair for key, pair in read.items() if not cuts or key[1] < len(cuts)}
    whole = _sum(live.values())
    of_all = Decimal(whole[1] + 1) / (whole[0] + 2)
    spans = []
    for stage, _chance in stages:
        mine = _sum(pair for (where, _place), pair in live.items() if where == stage)
        of_stage = _leaning(mine, of_all)
        for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
            n, won = read.get((stage, place), (0, 0))
            is_rotten = bool(cuts) and place == len(cuts)
            chance = Decimal(0) if is_rotten else _leaning((n, won), of_stage)
            told = chance.quantize(PLACES, ROUND_HALF_UP)
            spans.append(Span(pipeline, stage, low, high, told, n, won, is_rotten))
    return spans


def _sum(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found = list(pairs)
    return sum(n for n, _won in found), sum(won for _n, won in found)


def _leaning(pair: tuple[int, int], on: Decimal) -> Decimal:
    read, won = pair
    return (won + LEAN * on) / (read + LEAN)


def rates_on(day: date, horizon: int) -> Rates:
    """The stored fit of the day, or one made now; nothing is written."""
    return stored([day], horizon).get(day) or fit(day, horizon)


def stored(days: Iterable[date], horizon: int) -> dict[date, Rates]:
    """The kept fits of these days."""
    rows = ForecastFit.objects.filter(day__in=list(days), horizon=horizon)
    return {row.day: _unpacked(row.rates) for row in rows}


def packed(rates: Rates) -> list[dict[str, Any]]:
    """Plain values to keep."""
    return [
        {
            "pipeline": row.pipeline,
            "closed": row.closed,
            "won": row.won,
            "known": row.is_known,
            "rots": row.rots_after,
            "spans": [
                [s.stage, s.low, s.high, str(s.chance), s.read, s.won, s.is_rotten]
                for s in row.spans
            ],
        }
        for row in rates.values()
    ]


def _unpacked(rows: list[dict[str, Any]]) -> Rates:
    found = {}
    for row in rows:
        key = row["pipeline"]
        spans = [
            Span(key, stage, low, high, Decimal(chance), read, won, is_rotten)
            for stage, low, high, chance, read, won, is_rotten in row["spans"]
        ]
        found[key] = PipelineRates(key, row["closed"], row["won"], row["known"], row["rots"], spans)
    return found
