"""Sources as a report: by source or campaign, by month, deals entered without a lead."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.charts import posts
from reports.drawing import stacks
from reports.periods import days_of_month
from reports.sheets import Column, Report, Sheet
from reports.sources.counting import WON, Figures, SourceRow, Sources, sources

DRAWN = 15
COUNTED = {"leads": "created", "converted": "converted", "won": WON, "open": "open", "new": "new"}


def sources_report(asked: Asked) -> Report:
    """The cohort of leads by source with what it costs."""
    found = sources(asked, asked.options.get("by", "source"))
    margin = margin_of(asked)
    return Report(
        "sources",
        _("Which sources pay off?"),
        _definition(found),
        values_of(found, asked, margin),
        [
            _rows_sheet(found, asked, margin),
            *([_months_sheet(found, asked, margin)] if len(found.months) > 1 else []),
            *([_direct_sheet(found, asked)] if found.direct else []),
        ],
        answer=_answer(found, margin),
        picture="reports/pictures/both.html",
        context=_picture(found, asked),
        empty="" if found.rows or found.direct else _("No leads were created in this period"),
    )


def margin_of(asked: Asked) -> Decimal | None:
    """The gross margin in per cent, or None when it is not given."""
    try:
        return Decimal(asked.options.get("margin") or "")
    except InvalidOperation:
        return None


def _definition(found: Sources) -> str:
    words = _(
        "Leads created in the period, by their own source; a deal and a sale belong to the source "
        "of their lead, whenever they come. Still open: leads in work and leads whose deal is "
        "open, so the newest cohorts will grow. New clients: won deals that are the first purchase "
        "of the client. Deals entered without a lead stand apart."
    )
    if not found.has_costs:
        return f"{words} " + _(
            "Costs are of the whole company and are shown to who sees all its leads and deals, "
            "without a filter by person or department."
        )
    return f"{words} " + _(
        "A month that lies in the period in part costs its share of days. Cost of a lead = cost / "
        "leads. CAC = cost / new clients. ROAS = revenue / cost. ROMI = (revenue × margin − cost) "
        "/ cost, when the gross margin is given."
    )


def values_of(found: Sources, asked: Asked, margin: Decimal | None) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "sources",
        "from": asked.period.first,
        "to": asked.period.last,
        "by": found.by,
        "margin": margin,
        **_figures(found.total, margin, found.previous),
        "rows": [{**_names(row), **_figures(row, margin, row.previous)} for row in found.rows],
        "months": [
            {"month": f"{row.month:%Y-%m}", **_figures(row, margin, None)} for row in found.months
        ],
        "without_lead": [
            {"source": row.source, "created": row.created, "won": row.won, "revenue": row.revenue}
            for row in found.direct
        ],
    }


def _names(row: SourceRow) -> dict[str, str]:
    named = {"source": row.name}
    return named if row.campaign is None else {**named, "campaign": row.campaign}


def _figures(row: Figures, margin: Decimal | None, before: Figures | None) -> dict[str, Any]:
    return {
        "leads": row.leads,
        "converted": row.converted,
        "converted_share": row.converted_share,
        "won": row.won,
        "won_share": row.won_share,
        "open": row.open,
        "revenue": row.revenue,
        "new": row.new,
        "cost": row.cost,
        "cost_per_lead": row.cost_per_lead,
        "cac": row.acquisition_cost,
        "roas": row.return_on_spend,
        "romi": row.return_on_investment(margin),
        "previous_leads": before.leads if before else None,
        "previous_cost_per_lead": before.cost_per_lead if before else None,
    }


def _answer(found: Sources, margin: Decimal | None) -> list[str]:
    total = found.total
    lines = [
        _("Of %(leads)s leads %(won)s were won (%(share)s) for %(revenue)s.")
        % {
            "leads": number(total.leads),
            "won": number(total.won),
            "share": in_percent(total.won_share, 1) or "—",
            "revenue": money(round(total.revenue), base_code()),
        }
    ]
    if total.cost is not None:
        lines.append(
            _("Spent %(cost)s: %(lead)s for a lead, %(client)s for a new client.")
            % {
                "cost": money(round(total.cost), base_code()),
                "lead": _sum(total.cost_per_lead),
                "client": _sum(total.acquisition_cost),
            }
        )
    elif found.has_costs:
        lines.append(_("No costs are entered for this period."))
    romi = total.return_on_investment(margin)
    if romi is not None:
        lines.append(_("ROMI %(share)s.") % {"share": in_percent(romi, 1)})
    return lines


def _sum(value: Decimal | None) -> str:
    return "—" if value is None else money(round(value), base_code())


def _columns(first: list[Column], found: Sources, asked: Asked, *, past: bool) -> list[Column]:
    base = [
        *first,
        Column("leads", _("Leads"), "count"),
        *([Column("previous_leads", _("Leads before"), "count")] if past and asked.before else []),
        Column("converted", _("Became a deal"), "count"),
        Column("converted_share", _("To a deal"), "percent"),
        Column("won", pgettext("leads", "Won"), "count"),
        Column("won_share", _("To a sale"), "percent"),
        Column("open", pgettext("leads", "Still open"), "count"),
        Column("revenue", _("Revenue"), "money"),
        Column("new", _("New clients"), "count"),
    ]
    if not found.has_costs:
        return base
    return [
        *base,
        Column("cost", _("Cost"), "money"),
        Column("cost_per_lead", _("Cost of a lead"), "money"),
        Column("cac", "CAC", "money"),
        Column("roas", "ROAS", "percent"),
        Column("romi", "ROMI", "percent"),
    ]


def _rows_sheet(found: Sources, asked: Asked, margin: Decimal | None) -> Sheet:
    first = [Column("name", _("Source"))]
    if found.by == "campaign":
        first.append(Column("label", _("Campaign")))
    rows = [
        {
            "name": row.name or _("not given"),
            "label": row.campaign or "—",
            **_figures(row, margin, row.previous),
        }
        for row in found.rows
    ]
    return Sheet(
        "rows",
        _("Leads of the period by source"),
        _columns(first, found, asked, past=True),
        rows,
        {"name": _("Total"), **_figures(found.total, margin, found.previous)},
        [_urls(asked, **_asks(row)) for row in found.rows],
        _urls(asked),
        currency=base_code(),
    )


def _asks(row: SourceRow) -> dict[str, Any]:
    asks: dict[str, Any] = {"of": row.source or 0}
    return asks if row.campaign is None else {**asks, "campaign": row.campaign, "by": "campaign"}


def _urls(asked: Asked, **keys: Any) -> dict[str, str]:
    """Addresses of the leads behind the numbers of a row."""
    found = {name: leads_url(asked, what, **keys) for name, what in COUNTED.items()}
    found["revenue"] = found["won"]
    if asked.before:
        found["previous_leads"] = leads_url(asked.of(period=asked.before), "created", **keys)
    return found


def leads_url(asked: Asked, what: str, **keys: Any) -> str:
    """The leads behind one number."""
    options = {**asked.options, "margin": "", "by": "", "what": what}
    return report_url("source_leads", asked.of(options=options), **keys)


def _months_sheet(found: Sources, asked: Asked, margin: Decimal | None) -> Sheet:
    rows, urls = [], []
    for row in found.months:
        rows.append({"label": date_format(row.month, "F Y"), **_figures(row, margin, None)})
        within = asked.of(period=days_of_month(row.month, asked.period), before=None)
        urls.append(_urls(within))
    columns = _columns([Column("label", _("Month"))], found, asked, past=False)
    title = _("By the month a lead came")
    return Sheet("months", title, columns, rows, None, urls, currency=base_code())


def _direct_sheet(found: Sources, asked: Asked) -> Sheet:
    """Deals nobody turned from a lead: their source is what is written on the deal."""
    columns = [
        Column("source", _("Source")),
        Column("created", pgettext("deals", "Created"), "count"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("revenue", _("Revenue"), "money"),
    ]
    rows, urls = [], []
    for row in found.direct:
        named = row.source or _("not given")
        cells = {"created": row.created, "won": row.won, "revenue": row.revenue}
        rows.append({"source": named, **cells})
        keys = {"source": row.source} if row.source else {"lack": "source"}
        deals, won = (
            report_url("deals", asked.of(options={}), what=what, report="sources", **keys)
            for what in ("direct", "direct_won")
        )
        urls.append({"created": deals, "won": won, "revenue": won})
    return Sheet(
        "without_lead",
        _("Deals entered without a lead"),
        columns,
        rows,
        None,
        urls,
        currency=base_code(),
    )


def _picture(found: Sources, asked: Asked) -> dict[str, Any]:
    """Leads by what became of them, by source and by month."""
    bars = []
    for row in found.rows[:DRAWN]:
        name = row.name or _("not given")
        label = f"{name}: {row.campaign}" if row.campaign else name
        bars.append((label, _parts(row), leads_url(asked, "created", **_asks(row))))
    months = [(date_format(row.month, "M y"), _parts(row), "") for row in found.months if row.leads]
    legend = [pgettext("leads", "Won"), _("Became a deal"), _("Other leads")]
    return {
        "title": _("Leads by source"),
        "stack": stacks(bars, ["3", "1", "5"], legend),
        "trend_title": _("Leads by the month they came"),
        "columns": posts(months, ["3", "1", "5"], legend) if len(months) > 1 else None,
    }


def _parts(row: Figures) -> list[int]:
    return [row.won, row.converted - row.won, row.leads - row.converted]
