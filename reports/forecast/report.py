"""The forecast as a report: by a dimension, the chances it is made of, the back-test."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.services import base_code
from deals.models import Pipeline, Stage
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.dimensions import DIMENSIONS
from reports.drawing import stacks
from reports.forecast.drawing import ranges
from reports.forecast.rates import Rates, Span
from reports.forecast.testing import Tested, back_test
from reports.forecast.weighing import (
    BY,
    Weighed,
    horizon_of,
    is_lacking,
    rates_of,
    weighed_by,
)
from reports.funnel.steps import ZERO
from reports.funnel.steps import percent as share_of
from reports.periods import Period
from reports.plans import sees_company
from reports.sheets import Column, Report, Sheet

DRAWN = 15


def forecast_report(asked: Asked) -> Report:
    """What the open deals will bring within the horizon."""
    by = asked.options.get("by") or "stage"
    by = by if by in BY else "stage"
    rates = rates_of(asked)
    rows = weighed_by(asked, rates, by)
    total = Weighed()
    for row in rows:
        total.add(row)
    tested = back_test(asked)
    is_open = bool(total.live.count or total.rotten.count)
    return Report(
        "forecast",
        _("What will the open deals bring?"),
        _definition(),
        _values(asked, by, rows, total, rates, tested),
        [
            *([_rows_sheet(asked, by, rows, total)] if is_open else []),
            *([_tested_sheet(asked, tested)] if tested else []),
            *_rates_sheets(asked, rates),
        ],
        answer=_answer(asked, total, tested, rates),
        picture="reports/pictures/forecast.html",
        context=_picture(asked, by, rows, tested),
        empty="" if is_open or tested else _("There are no open deals"),
    )


def _definition() -> str:
    return _(
        "Deals open at the moment of the report. Expected: the sum of each deal × the chance that "
        "it is won within the horizon, rounded to the kopeck and added up. The chance is the share "
        "won within the horizon of the deals that stood in the same stage at the same age on 104 "
        "days of the past, a week apart; small numbers lean on the stage and the pipeline by 20 "
        "readings. A deal older than 99 of 100 won ones ever were is rotting: it counts as 0 "
        "and stands apart. Range: 80 %, as if every deal were decided on its own; how often the "
        "fact lay in it is told by the check of the past twelve months, made from what was known "
        "on each of those days. Sums and owners are those of today."
    )


def _values(
    asked: Asked,
    by: str,
    rows: list[Weighed],
    total: Weighed,
    rates: Rates,
    tested: list[Tested],
) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    seen = _chosen(asked, rates)
    return {
        "report": "forecast",
        "as_of": asked.as_of,
        "horizon_days": horizon_of(asked),
        "by": by,
        "own_chances": all(row.is_known for row in seen) if seen else False,
        **_figures(total),
        "rows": [{"name": row.name, **_figures(row)} for row in rows],
        "chances": [
            {"stage": name, **_chance(span)}
            for row in seen
            for name, span in _named(row.spans)
        ],
        "back_test": [_month(row) for row in tested],
    }  # fmt: skip


def _chosen(asked: Asked, rates: Rates) -> list[Any]:
    return [r for r in rates.values() if not asked.pipeline or asked.pipeline.pk == r.pipeline]


def _figures(row: Weighed) -> dict[str, Any]:
    low, high = row.range
    return {
        "live": row.live.count,
        "live_amount": row.live.amount,
        "expected": row.expected,
        "low": low,
        "high": high,
        "expected_share": row.share,
        "rotting": row.rotten.count,
        "rotting_amount": row.rotten.amount,
    }


def _chance(span: Span) -> dict[str, Any]:
    return {
        "age_from": span.low,
        "age_below": None if span.high >= 10**6 else span.high,
        "chance": (span.chance * 100).quantize(Decimal("0.1")),
        "rotting": span.is_rotten,
    }


def _month(row: Tested) -> dict[str, Any]:
    return {
        "day": row.day,
        "open": row.open.count,
        "open_amount": row.open.amount,
        "expected": row.expected,
        "low": row.low,
        "high": row.high,
        "won": row.won.count,
        "won_amount": row.won.amount,
        "error": row.error,
        "within": row.is_within,
        "by_stage_settings": row.typed,
    }


def _answer(asked: Asked, total: Weighed, tested: list[Tested], rates: Rates) -> list[str]:
    low, high = total.range
    base = base_code()
    lines = [
        ngettext(
            "%(count)s open deal will bring about %(sum)s within %(days)s days, between %(low)s "
            "and %(high)s.",
            "%(count)s open deals will bring about %(sum)s within %(days)s days, between %(low)s "
            "and %(high)s.",
            total.live.count,
        )
        % {
            "count": number(total.live.count),
            "sum": money(round(total.expected), base),
            "days": horizon_of(asked),
            "low": money(round(low), base),
            "high": money(round(high), base),
        }
    ]
    if total.rotten.count:
        lines.append(
            ngettext(
                "%(count)s more for %(sum)s is rotting: close it or bring it back to life.",
                "%(count)s more for %(sum)s are rotting: close them or bring them back to life.",
                total.rotten.count,
            )
            % {
                "count": number(total.rotten.count),
                "sum": money(round(total.rotten.amount), base),
            }
        )
    if not all(row.is_known for row in _chosen(asked, rates)):
        lines.append(
            _(
                "Own history is too short (under 50 closed deals), so the probability typed in "
                "the settings of the stage is taken, whatever the age."
            )
        )
    return lines + _held(tested)


def _held(tested: list[Tested]) -> list[str]:
    """How the forecast held, in a sentence."""
    won = sum((row.won.amount for row in tested), ZERO)
    if not tested or not won:
        return []
    said = sum((row.expected for row in tested), ZERO)
    return [
        _(
            "Over the past %(months)s months the forecast came to %(share)s of what was won; the "
            "fact lay in the range in %(within)s of %(months)s."
        )
        % {
            "months": len(tested),
            "share": in_percent(share_of(said, won), 1),
            "within": sum(row.is_within for row in tested),
        }
    ]


def _rows_sheet(asked: Asked, by: str, rows: list[Weighed], total: Weighed) -> Sheet:
    columns = [
        Column("name", str(DIMENSIONS[by].label)),
        Column("live", _("Open deals"), "count"),
        Column("live_amount", _("Their sum"), "money"),
        Column("expected", _("Expected"), "money"),
        Column("expected_share", _("Of the sum"), "percent"),
        Column("low", _("From (80 %)"), "money"),
        Column("high", _("To (80 %)"), "money"),
        Column("rotting", _("Rotting"), "count"),
        Column("rotting_amount", _("Sum of the rotting"), "money"),
    ]
    return Sheet(
        "rows",
        _("Open deals by what they will bring"),
        columns,
        [{"name": row.name, **_figures(row)} for row in rows],
        {"name": _("Total"), **_figures(total)},
        [_urls(asked, by, row) for row in rows],
        _urls(asked, "", total),
        currency=base_code(),
    )


def _urls(asked: Asked, by: str, row: Weighed) -> dict[str, str]:
    keys = _asks(by, row.key) if by else {}
    live = rows_url(asked, "live", **keys)
    found = {"live": live, "live_amount": live, "expected": live}
    if row.rotten.count:
        found["rotting"] = found["rotting_amount"] = rows_url(asked, "rotten", **keys)
    return found


def _asks(by: str, key: Any) -> dict[str, Any]:
    """Parameters of one value of a dimension."""
    if is_lacking(key):
        return {"lack": by}
    found = {DIMENSIONS[by].own: key}
    return {**found, "department": None} if by == "manager" else found


def rows_url(asked: Asked, what: str, **keys: Any) -> str:
    """The deals behind a number."""
    options = {"horizon": str(horizon_of(asked)), "what": what}
    found = report_url("forecast_rows", asked.of(options=options, period=Period()), **keys)
    return found.replace("from=&to=&", "")


def _tested_sheet(asked: Asked, tested: Sequence[Tested]) -> Sheet:
    columns = [
        Column("label", _("Forecast of the day")),
        Column("open", _("Open deals"), "count"),
        Column("open_amount", _("Their sum"), "money"),
        Column("expected", _("Forecast"), "money"),
        Column("low", _("From (80 %)"), "money"),
        Column("high", _("To (80 %)"), "money"),
        Column("won", _("Then won"), "count"),
        Column("won_amount", _("Then won for"), "money"),
        Column("error", _("Forecast against fact"), "points", is_neutral=True),
        Column("told", _("In the range")),
        Column("by_stage_settings", _("By the typed probabilities"), "money"),
    ]
    rows, urls = [], []
    for row in tested:
        label = date_format(row.day, "SHORT_DATE_FORMAT")
        told = _("yes") if row.is_within else _("no")
        rows.append({"label": label, "told": told, **_month(row)})
        then = asked.of(as_of=row.day - timedelta(days=1))
        opened, won = rows_url(then, "open"), rows_url(then, "won")
        urls.append({"open": opened, "open_amount": opened, "won": won, "won_amount": won})
    return Sheet(
        "back_test",
        _("What the forecast said and what came"),
        columns,
        rows,
        None,
        urls,
        note=_("Of the deals open on the day, won within the horizon; change in per cent"),
        currency=base_code(),
    )


def _named(spans: list[Span]) -> list[tuple[str, Span]]:
    stages = Stage.objects.in_bulk([span.stage for span in spans])
    return [(stages[span.stage].name, span) for span in spans if span.stage in stages]


def _rates_sheets(asked: Asked, rates: Rates) -> list[Sheet]:
    """Chances of every pipeline with own history; the readings for who sees every deal."""
    found = []
    pipelines = Pipeline.objects.in_bulk(list(rates))
    for row in _chosen(asked, rates):
        if not row.is_known or row.pipeline not in pipelines:
            continue
        named = {"pipeline": pipelines[row.pipeline].name}
        title = _("Chances by stage and age in days: %(pipeline)s") % named
        found.append(_matrix(f"chances_{row.pipeline}", title, row.spans, "percent", _told))
        if sees_company(asked.user):
            title = _("Won of the readings: %(pipeline)s") % named
            found.append(_matrix(f"read_{row.pipeline}", title, row.spans, "text", _behind))
    return found


def _told(span: Span) -> Decimal | None:
    return None if span.is_rotten else span.chance * 100


def _behind(span: Span) -> str:
    return f"{number(span.won)} / {number(span.read)}"


def _matrix(
    key: str, title: str, spans: list[Span], kind: str, cell: Callable[[Span], Any]
) -> Sheet:
    """Stages down, ages across."""
    ages = {span.low: _age(span) for span in spans}
    columns = [Column("stage", _("Stage"))]
    columns += [Column(f"age_{low}", words, kind) for low, words in sorted(ages.items())]
    lines: dict[int, dict[str, Any]] = {}
    for name, span in _named(spans):
        line = lines.setdefault(span.stage, {"stage": name})
        line[f"age_{span.low}"] = cell(span)
    return Sheet(key, title, columns, list(lines.values()))


def _age(span: Span) -> str:
    if span.is_rotten:
        return _("%(days)s+, rotting") % {"days": span.low}
    if span.high >= 10**6:
        return _("from %(days)s") % {"days": span.low} if span.low else _("any")
    return f"{span.low}–{span.high - 1}"


def _picture(asked: Asked, by: str, rows: list[Weighed], tested: list[Tested]) -> dict[str, Any]:
    bars = []
    for row in rows[:DRAWN]:
        parts = [row.expected, row.live.amount - row.expected, row.rotten.amount]
        bars.append((row.name, [int(part) for part in parts], _urls(asked, by, row)["live"]))
    legend = [_("Expected"), _("The rest of the sum"), _("Rotting")]
    return {
        "title": _("Sum of open deals"),
        "stack": stacks(bars, ["3", "5", "4"], legend) if bars else None,
        "tested": ranges(
            [
                (date_format(row.day, "M y"), row.expected, row.low, row.high, row.won.amount)
                for row in tested
            ]
        ),
    }  # fmt: skip
