"""Two funnels side by side as a report."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import number
from records.formatting import percent as in_percent
from reports.asking import Asked
from reports.charts import wings
from reports.funnel.beside import Side, differ, pair
from reports.funnel.links import Links
from reports.funnel.steps import LOST, OPEN, WON, Step, percent
from reports.output import funnel_values
from reports.sheets import Column, Report, Sheet

SIDES = ("a", "b")


def beside_report(one: Asked, two: Asked) -> Report:
    """The cohort of the period on both sides. Raises ValueError without a pipeline."""
    a, b = pair(one, two, names_of(one, two))
    is_same = one.pipeline == two.pipeline
    return Report(
        "compare",
        _("Whose funnel is better?"),
        _(
            "Deals created in the period by the furthest stage each ever reached, on both sides "
            "alike. Bars are shares of the deals of their side. The share of the won lies in its "
            "interval with 95 %% (Wilson); when the intervals meet, the difference may be chance. "
            "Cycle: median days from creation to winning of the won."
        )
        % {},
        _values(a, b),
        [_summary(a, b), *([_together(a, b)] if is_same else [_alone(a), _alone(b)])],
        answer=_answer(a, b),
        picture="reports/pictures/wings.html",
        context=_picture(a, b),
        empty=_empty(one, two, a, b),
        advice=_("Both sides are the same now; choose another one in a field of the second.")
        if _is_same(one, two)
        else "",
    )


def names_of(one: Asked, two: Asked) -> tuple[str, str]:
    """What tells the sides apart; all of what is asked when nothing does."""
    first, second = _parts(one), _parts(two)
    names = [key for key in first if first[key] != second[key]] or ["pipeline"]
    left, right = (" · ".join(parts[key] for key in names) for parts in (first, second))
    return left, right


def _parts(asked: Asked) -> dict[str, str]:
    owner = asked.owner
    person = (owner.full_name or owner.email) if owner else _("Everybody")
    return {
        "pipeline": asked.pipeline.name if asked.pipeline else "",
        "department": asked.department.name if asked.department else _("All departments"),
        "owner": person,
        "source": asked.source or _("All sources"),
    }


def _is_same(one: Asked, two: Asked) -> bool:
    names = ("pipeline", "owner", "department", "source")
    return all(getattr(one, name) == getattr(two, name) for name in names)


def _empty(one: Asked, two: Asked, a: Side, b: Side) -> str:
    if _is_same(one, two):
        return _("Choose what to compare: two pipelines, managers, departments or sources")
    if not a.funnel.entered.count and not b.funnel.entered.count:
        return _("No deals were created in this period")
    return ""


def _values(a: Side, b: Side) -> dict[str, Any]:
    sides = {
        key: {
            "name": side.name,
            **funnel_values(side.funnel),
            "won_interval": list(side.interval) if side.interval else None,
            "average_won": side.average_won,
            "median_cycle_days": side.cycle,
        }
        for key, side in zip(SIDES, (a, b), strict=True)
    }
    rows = [{"side": key, **row} for key, side in sides.items() for row in side["rows"]]
    return {"report": "compare", **sides, "differ": differ(a, b), "rows": rows}


def _links(side: Side) -> Links:
    steps = side.funnel.steps
    return Links(side.asked, "reached", steps[0].stage if steps else None)


def _answer(a: Side, b: Side) -> list[str]:
    lines = [
        _("%(name)s: %(won)s of %(entered)s won, %(share)s.")
        % {
            "name": side.name,
            "won": number(side.funnel.won.count),
            "entered": number(side.funnel.entered.count),
            "share": in_percent(side.funnel.won_share, 1) or "—",
        }
        for side in (a, b)
    ]
    apart = differ(a, b)
    if apart is not None:
        lines.append(
            _("The difference is more than chance.")
            if apart
            else _("The difference may be chance.")
        )
    return lines


def _summary(a: Side, b: Side) -> Sheet:
    columns = [
        Column("side", _("Side")),
        Column("entered", _("Entered"), "count"),
        Column(WON, pgettext("deals", "Won"), "count"),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column(OPEN, pgettext("deals", "Still open"), "count"),
        Column("share", _("Share of the won"), "percent"),
        Column("interval", _("with 95 %% between") % {}),
        Column("won_amount", _("Revenue"), "money"),
        Column("average_won", _("Average sale"), "money"),
        Column("cycle", _("Cycle, days"), "days"),
    ]
    rows = [_summary_row(side) for side in (a, b)]
    urls = [_summary_urls(side) for side in (a, b)]
    return Sheet("summary", _("Both sides"), columns, rows, None, urls, currency=base_code())


def _summary_row(side: Side) -> dict[str, Any]:
    found, ends = side.funnel, side.interval
    told = f"{in_percent(ends[0], 1)} – {in_percent(ends[1], 1)}" if ends else ""
    return {
        "side": side.name,
        "entered": found.entered.count,
        WON: found.won.count,
        LOST: found.lost.count,
        OPEN: found.open.count,
        "share": found.won_share,
        "interval": told,
        "won_amount": found.won.amount,
        "average_won": side.average_won,
        "cycle": side.cycle,
    }


def _summary_urls(side: Side) -> dict[str, str]:
    links = _links(side)
    found = {what: links.cell(what) for what in ("entered", WON, LOST, OPEN)}
    return {**found, "won_amount": found[WON]}


def _together(a: Side, b: Side) -> Sheet:
    """One pipeline: a stage a row, both sides across."""
    columns = [Column("stage", _("Stage"))]
    for key, side in zip(SIDES, (a, b), strict=True):
        columns += [
            Column(f"entered_{key}", _("Entered: %(side)s") % {"side": side.name}, "count"),
            Column(f"conversion_{key}", _("Conversion: %(side)s") % {"side": side.name}, "percent"),
        ]
    columns.append(Column("gap", _("Conversion, ± pp"), "points"))
    for key, side in zip(SIDES, (a, b), strict=True):
        columns += [
            Column(f"lost_{key}", _("Lost: %(side)s") % {"side": side.name}, "count"),
            Column(f"days_{key}", _("Median, days: %(side)s") % {"side": side.name}, "days"),
        ]
    by_stage = [{step.stage: step for step in side.funnel.steps} for side in (a, b)]
    stages = {step.stage: step for side in (b, a) for step in side.funnel.steps}
    ordered = sorted(stages.values(), key=lambda step: (step.position, step.stage))
    rows, urls = [], []
    for stage in ordered:
        row: dict[str, Any] = {"stage": stage.name}
        url: dict[str, str] = {}
        for key, side, known in zip(SIDES, (a, b), by_stage, strict=True):
            step = known.get(stage.stage)
            row |= _cells(key, step)
            url |= _cell_urls(key, step, side)
        first, second = (row[f"conversion_{key}"] for key in SIDES)
        row["gap"] = None if first is None or second is None else second - first
        rows.append(row)
        urls.append(url)
    note = _("± pp: second less first")
    return Sheet("rows", _("Stage by stage"), columns, rows, None, urls, note=note)


def _cells(key: str, step: Step | None) -> dict[str, Any]:
    return {
        f"entered_{key}": step.entered.count if step else None,
        f"conversion_{key}": step.conversion if step else None,
        f"lost_{key}": step.lost.count if step else None,
        f"days_{key}": step.median_days if step else None,
    }


def _cell_urls(key: str, step: Step | None, side: Side) -> dict[str, str]:
    if step is None:
        return {}
    links = _links(side)
    return {
        f"entered_{key}": links.cell("entered", step.stage),
        f"lost_{key}": links.cell(LOST, step.stage),
    }


def _alone(side: Side) -> Sheet:
    """The stages of one side, when the pipelines differ."""
    columns = [
        Column("stage", _("Stage")),
        Column("entered", _("Entered"), "count"),
        Column("share", _("Share of the entered"), "percent"),
        Column("conversion", _("Conversion"), "percent"),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column(OPEN, pgettext("deals", "Still open"), "count"),
        Column("days", _("Median, days"), "days"),
    ]
    links, whole = _links(side), side.funnel.entered.count
    rows = [
        {
            "stage": step.name,
            "entered": step.entered.count,
            "share": percent(step.entered.count, whole),
            "conversion": step.conversion,
            LOST: step.lost.count,
            OPEN: step.open.count,
            "days": step.median_days,
        }
        for step in side.funnel.steps
    ]
    urls = [
        {name: links.cell(name, step.stage) for name in ("entered", LOST, OPEN)}
        for step in side.funnel.steps
    ]
    return Sheet("rows", side.name, columns, rows, None, urls)


def _picture(a: Side, b: Side) -> dict[str, Any]:
    return {"wings": wings(_bars(a), _bars(b)), "sides": (a.name, b.name)}


def _bars(side: Side) -> list[tuple[str, int, Any, str]]:
    links, whole = _links(side), side.funnel.entered.count
    bars = [
        (step.name, step.entered.count, links.cell("entered", step.stage))
        for step in side.funnel.steps
    ]
    bars.append((pgettext("deals", "Won"), side.funnel.won.count, links.cell(WON)))
    return [(name, count, percent(count, whole), url) for name, count, url in bars]
