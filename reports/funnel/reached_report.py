"""The lens `reached` as a report: sheets, answer and picture."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import number
from records.formatting import percent as in_percent
from reports.asking import Asked
from reports.drawing import bands, height
from reports.funnel.links import Links
from reports.funnel.reached import funnel
from reports.funnel.steps import LOST, OPEN, WON, Funnel, Step, Tally, percent
from reports.funnel.words import lens_report
from reports.output import funnel_values
from reports.sheets import Column, Report, Sheet


def _counted(name: str, tally: Tally) -> dict[str, Any]:
    return {name: tally.count, f"{name}_amount": tally.amount}


def reached_report(asked: Asked) -> Report:
    """The cohort by the furthest stage each deal reached."""
    found = funnel(asked)
    links = Links(asked, "reached", found.steps[0].stage if found.steps else None)
    past = Links(asked.of(period=asked.before), "reached", links.first) if asked.before else None
    values = funnel_values(found)
    return lens_report(
        "reached",
        values,
        [_conversions(found, values, links, past), _times(found, values, links)]
        + ([_reasons(found, links)] if found.reasons else []),
        answer=_reached_answer(found),
        picture="reports/pictures/funnel.html",
        context=_picture(found, links),
        empty="" if found.entered.count else _("No deals were created in this period"),
    )


def _conversions(found: Funnel, values: dict[str, Any], links: Links, past: Links | None) -> Sheet:
    columns = [
        Column("stage", _("Stage")),
        Column("entered", _("Entered"), "count"),
        Column("passed", _("Passed on"), "count"),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column(OPEN, pgettext("deals", "Still open"), "count"),
        Column("conversion", _("Conversion"), "percent"),
        *(
            [
                Column("previous_entered", _("Entered before"), "count"),
                Column("change", _("± pp"), "points"),
            ]
            if past
            else []
        ),
        Column("skipped", _("Skipped it"), "count"),
        Column("returned", _("Moved back"), "count"),
    ]
    total = {
        "stage": _("Total"),
        "entered": found.entered.count,
        "passed": found.won.count,
        LOST: found.lost.count,
        OPEN: found.open.count,
        "conversion": found.won_share,
        "previous_entered": found.previous.entered.count if found.previous else None,
    }
    total_urls = {
        "entered": links.cell("entered"),
        "passed": links.cell(WON),
        LOST: links.cell(LOST),
        OPEN: links.cell(OPEN),
        "previous_entered": past.cell("entered") if past else "",
    }
    urls = []
    after = [links.cell("entered", step.stage) for step in found.steps[1:]] + [links.cell(WON)]
    for step, passed in zip(found.steps, after, strict=True):
        names = ("entered", LOST, OPEN, "skipped", "returned")
        row = {name: links.cell(name, step.stage) for name in names}
        row["passed"] = passed
        row["previous_entered"] = past.cell("entered", step.stage) if past else ""
        urls.append(row)
    return Sheet("rows", _("Conversions"), columns, values["rows"], total, urls, total_urls)


def _times(found: Funnel, values: dict[str, Any], links: Links) -> Sheet:
    columns = [
        Column("stage", _("Stage")),
        Column("entered_amount", _("Sum of the entered"), "money"),
        Column("lost_amount", _("Sum of the lost"), "money"),
        Column("open_amount", _("Sum of the open"), "money"),
        Column("median_days", _("Median, days"), "days"),
        Column("p90_days", _("P90, days"), "days"),
        Column("running", _("Still standing"), "count"),
        Column("running_median_days", _("Standing for, days"), "days"),
        Column("now_open", _("Open now, all"), "count"),
        Column("now_open_amount", _("Sum of the open now"), "money"),
    ]
    total = {
        "stage": _("Total"),
        **_counted("entered", found.entered),
        **_counted(LOST, found.lost),
        **_counted(OPEN, found.open),
        **_counted("now_open", found.now_open),
        "running": sum(step.running for step in found.steps),
    }
    urls = [
        {
            "entered_amount": links.cell("entered", step.stage),
            "lost_amount": links.cell(LOST, step.stage),
            "open_amount": links.cell(OPEN, step.stage),
            "now_open": links.cell("now_open", step.stage),
            "now_open_amount": links.cell("now_open", step.stage),
        }
        for step in found.steps
    ]
    total_urls = {
        "entered_amount": links.cell("entered"),
        "lost_amount": links.cell(LOST),
        "open_amount": links.cell(OPEN),
        "now_open": links.cell("now_open"),
        "now_open_amount": links.cell("now_open"),
    }
    note = _("Median and P90 are of visits that ended; the age of the running ones is beside them.")
    return Sheet(
        "times",
        _("Sums and time in stage"),
        columns,
        values["rows"],
        total,
        urls,
        total_urls,
        note,
        base_code(),
    )


def _reasons(found: Funnel, links: Links) -> Sheet:
    columns = [
        Column("reason", _("Loss reason")),
        *(Column(f"stage_{step.stage}", step.name, "count") for step in found.steps),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column("share", _("Share"), "percent"),
        Column("lost_amount", _("Sum of the lost"), "money"),
    ]
    rows, urls = [], []
    for row in found.reasons:
        cells = {f"stage_{step.stage}": row.stages.get(step.stage, 0) for step in found.steps}
        rows.append(
            {"reason": row.name or "—", **cells, **_counted(LOST, row.lost), "share": row.share}
        )
        address = {
            f"stage_{step.stage}": links.cell(LOST, step.stage, reason=row.reason)
            for step in found.steps
            if row.stages.get(step.stage)
        }
        urls.append({**address, LOST: links.cell(LOST, reason=row.reason)})
    total = {
        "reason": _("Total"),
        **{f"stage_{step.stage}": step.lost.count for step in found.steps},
        **_counted(LOST, found.lost),
        "share": percent(found.lost.count, found.lost.count),
    }
    total_urls = {f"stage_{step.stage}": links.cell(LOST, step.stage) for step in found.steps}
    return Sheet(
        "loss_reasons",
        _("Losses by reason and stage"),
        columns,
        rows,
        total,
        urls,
        {**total_urls, LOST: links.cell(LOST)},
        currency=base_code(),
    )


def _reached_answer(found: Funnel) -> list[str]:
    bad = worst(found)
    lines = [_("Nothing is lost so far.")]
    if bad:
        lines = [
            _("Most deals are lost at the stage “%(stage)s”: %(lost)s of %(entered)s.")
            % {
                "stage": bad.name,
                "lost": number(bad.lost.count),
                "entered": number(bad.entered.count),
            }
        ]
    if found.reasons:
        first = found.reasons[0]
        lines.append(
            _("The most frequent reason is “%(reason)s” (%(count)s).")
            % {"reason": first.name or "—", "count": number(first.lost.count)}
        )
    lines.append(
        _("%(share)s of the deals are still open.") % {"share": in_percent(found.open_share, 1)}
    )
    return lines


def worst(found: Funnel) -> Step | None:
    """The stage after which the largest share of deals was lost; a tie is of the earlier one."""
    lossy = [step for step in found.steps if step.lost.count]
    return max(lossy, key=lambda step: step.lost.count / step.entered.count, default=None)


def _picture(found: Funnel, links: Links) -> dict[str, Any]:
    """Every stage and the won below them with their coordinates."""
    counts = [step.entered.count for step in found.steps] + [found.won.count]
    before = None
    if found.previous:
        before = [step.previous_entered or 0 for step in found.steps] + [found.previous.won.count]
    names = [step.name for step in found.steps] + [pgettext("deals", "Won")]
    urls = [links.cell("entered", step.stage) for step in found.steps] + [links.cell(WON)]
    steps: list[Step | None] = [*found.steps, None]
    past: list[Any] = [*before] if before else [None] * len(counts)
    keys = ("name", "count", "before", "url", "band", "step")
    bars = [
        dict(zip(keys, line, strict=True))
        for line in zip(names, counts, past, urls, bands(counts, before), steps, strict=True)
    ]
    return {
        "funnel": found,
        "bars": bars,
        "worst": worst(found),
        "height": height(len(bars)),
        "before": found.previous.period if found.previous else None,
    }
