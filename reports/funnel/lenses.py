"""The strict lens, the flow, the snapshot and the leads as reports."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.asking import Asked
from reports.drawing import stacks
from reports.funnel.flow import ENDS, FlowStep, flow, total
from reports.funnel.leads import STEPS, lead_steps
from reports.funnel.links import Links
from reports.funnel.snapshot import snapshot
from reports.funnel.steps import LOST, OPEN, WON, percent
from reports.funnel.strict import strict
from reports.funnel.words import lens_report
from reports.output import flow_values, lead_values, snapshot_values, strict_values
from reports.sheets import Column, Report, Sheet


def strict_report(asked: Asked) -> Report:
    """The cohort by how many stages each deal went through in order."""
    found = strict(asked)
    links = Links(asked, "strict")
    past = Links(asked.of(period=asked.before), "strict") if asked.before else None
    values = strict_values(found, asked)
    columns = [
        Column("stage", _("Stage")),
        Column("entered", _("Went here in order"), "count"),
        Column("passed", _("Passed on"), "count"),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column(OPEN, pgettext("deals", "Still open"), "count"),
        Column("left", _("Won without the next stages"), "count"),
        Column("conversion", _("Conversion"), "percent"),
        *([Column("previous_entered", _("Before"), "count")] if past else []),
        Column("entered_amount", _("Sum of the entered"), "money"),
    ]
    names = ("entered", "passed", LOST, OPEN, "left")
    urls = [
        {name: links.cell(name, step.stage) for name in names}
        | {"previous_entered": past.cell("entered", step.stage) if past else ""}
        for step in found.steps
    ]
    sheet = Sheet(
        "rows", _("Strictly in order"), columns, values["rows"], None, urls, currency=base_code()
    )
    answer = _(
        "%(won)s of %(whole)s deals went through every stage in order and were won: %(share)s."
    ) % {
        "won": number(found.won.count),
        "whole": number(found.whole.count),
        "share": in_percent(percent(found.won.count, found.whole.count), 1) or "—",
    }
    pictured = [
        (step.name, [step.entered.count], links.cell("entered", step.stage)) for step in found.steps
    ]
    pictured.append((pgettext("deals", "Won"), [found.won.count], links.cell(WON)))
    return lens_report(
        "strict",
        values,
        [sheet],
        answer=[answer],
        picture="reports/pictures/stacks.html",
        context=_stacked(_("Deals that went through the stages in order"), pictured, ["1"]),
        empty="" if found.whole.count else _("No deals were created in this period"),
    )


def _flow_columns(*, has_past: bool) -> list[Column]:
    return [
        Column("stage", _("Stage")),
        Column("entries", _("Entries"), "count"),
        Column("advanced", _("Advanced"), "count"),
        Column("back", _("Moved back"), "count"),
        Column(WON, pgettext("deals", "Won"), "count"),
        Column(LOST, pgettext("deals", "Lost"), "count"),
        Column("still", _("Still there"), "count"),
        *([Column("previous_entries", _("Entries before"), "count")] if has_past else []),
        Column("entries_amount", _("Sum of the entries"), "money"),
        Column("median_days", _("Median, days"), "days"),
        Column("p90_days", _("P90, days"), "days"),
        Column("running_median_days", _("Standing for, days"), "days"),
    ]


def flow_report(asked: Asked) -> Report:
    """Visits that began in the period, by how each ended."""
    steps = flow(asked)
    whole = total(steps)
    links = Links(asked, "flow")
    past = Links(asked.of(period=asked.before), "flow") if asked.before else None
    values = flow_values(steps, whole, asked)

    def addresses(stage: int | None) -> dict[str, str]:
        found = {name: links.cell(name, stage) for name in ("entries", *ENDS)}
        return found | {"previous_entries": past.cell("entries", stage) if past else ""}

    sheet = Sheet(
        "rows",
        _("Flow in the period"),
        _flow_columns(has_past=past is not None),
        values["rows"],
        {**values["total"], "stage": _("Total")},
        [addresses(step.stage) for step in steps],
        addresses(None),
        currency=base_code(),
    )
    pictured = [
        (
            step.name,
            [getattr(step, name).count for name in ENDS],
            links.cell("entries", step.stage),
        )
        for step in steps
    ]
    legend = [
        _("Advanced"),
        _("Moved back"),
        pgettext("deals", "Won"),
        pgettext("deals", "Lost"),
        _("Still there"),
    ]
    return lens_report(
        "flow",
        values,
        [sheet],
        answer=[_flow_answer(whole)],
        picture="reports/pictures/stacks.html",
        context=_stacked(_("How the visits to each stage ended"), pictured, list("12345"), legend),
        empty="" if whole.entries.count else _("Nothing happened in this period"),
    )


def _flow_answer(whole: FlowStep) -> str:
    return _(
        "%(entries)s times a deal entered a stage: %(advanced)s went on, %(back)s back, %(won)s "
        "were won, %(lost)s lost, %(still)s still stand there."
    ) % {name: number(getattr(whole, name).count) for name in ("entries", *ENDS)}


def snapshot_report(asked: Asked) -> Report:
    """Open deals where they stand."""
    found = snapshot(asked)
    links = Links(asked, "snapshot")
    values = snapshot_values(found, asked)
    columns = [
        Column("stage", _("Stage")),
        Column(OPEN, _("Open"), "count"),
        Column("open_amount", _("Sum"), "money"),
        Column("weighted", _("Sum by probability"), "money"),
        Column("stuck", _("Stuck"), "count"),
        Column("median_age_days", _("Standing for, days"), "days"),
    ]
    urls = [
        {name: links.cell(name, stock.stage) for name in (OPEN, "stuck")}
        | {"open_amount": links.cell(OPEN, stock.stage)}
        for stock in found
    ]
    total_urls = {OPEN: links.cell(OPEN), "open_amount": links.cell(OPEN)}
    total = {**values["total"], "stage": _("Total")}
    sheet = Sheet(
        "rows",
        _("Open today"),
        columns,
        values["rows"],
        total,
        urls,
        {**total_urls, "stuck": links.cell("stuck")},
        currency=base_code(),
    )
    answer = _("%(count)s deals are open for %(amount)s; %(stuck)s stand longer than they may.") % {
        "count": number(total[OPEN]),
        "amount": money(total["open_amount"], base_code()),
        "stuck": number(total["stuck"]),
    }
    pictured = [
        (stock.name, [stock.open.count - stock.stuck, stock.stuck], links.cell(OPEN, stock.stage))
        for stock in found
    ]
    return lens_report(
        "snapshot",
        values,
        [sheet],
        answer=[answer],
        picture="reports/pictures/stacks.html",
        context=_stacked(
            _("Open deals by stage"), pictured, ["1", "4"], [_("In time"), _("Stuck")]
        ),
        empty="" if total[OPEN] else _("There are no open deals"),
    )


def leads_report(asked: Asked) -> Report:
    """The cohort of leads up to the won deals."""
    found = lead_steps(asked)
    links = Links(asked, "leads")
    past = Links(asked.of(period=asked.before), "leads") if asked.before else None
    values = lead_values(found, asked)
    words = {
        "created": pgettext("leads", "Created"),
        "worked": _("Taken into work"),
        "converted": _("Became a deal"),
        "won": pgettext("leads", "Won"),
    }
    columns = [
        Column("name", _("Step")),
        Column("leads", _("Leads"), "count"),
        Column("conversion", _("Conversion"), "percent"),
        Column("share", _("Share"), "percent"),
        *([Column("previous", _("Before"), "count")] if past else []),
        Column("leads_amount", _("Sum of their deals"), "money"),
    ]
    rows = [{**row, "name": words[row["step"]]} for row in values["rows"]]
    urls = [
        {"leads": links.cell(name), "previous": past.cell(name) if past else ""} for name in STEPS
    ]
    first, last = found[0].leads.count, found[-1].leads.count
    answer = _("Of %(leads)s leads %(won)s became a won deal: %(share)s.") % {
        "leads": number(first),
        "won": number(last),
        "share": in_percent(found[-1].share, 1) or "—",
    }
    pictured = [(words[step.name], [step.leads.count], links.cell(step.name)) for step in found]
    return lens_report(
        "leads",
        values,
        [Sheet("rows", _("From the lead on"), columns, rows, None, urls, currency=base_code())],
        answer=[answer],
        picture="reports/pictures/stacks.html",
        context=_stacked(_("Leads of the period by what became of them"), pictured, ["1"]),
        empty="" if first else _("No leads were created in this period"),
    )


def _stacked(
    title: str,
    rows: list[tuple[str, list[int], str]],
    tones: list[str],
    legend: list[str] | None = None,
) -> dict[str, Any]:
    """The picture of horizontal bars made of parts."""
    return {"title": title, "stack": stacks(rows, tones, legend or [])}
