"""Purchases as a report: the average bill and repeat purchases by month."""

from dataclasses import fields
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.charts import posts
from reports.ledger.bills import Bills, bills, bills_before, month_days
from reports.ledger.retention_report import buyers_url
from reports.ledger.rows import Buyers
from reports.ledger.words import what_is_a_purchase
from reports.sheets import Column, Report, Sheet


def bills_report(asked: Asked) -> Report:
    """Purchases of the period by month, with the whole period of comparison in the answer."""
    months, total = bills(asked)
    before = bills_before(asked)
    return Report(
        "purchases",
        _("How often and for how much do clients buy?"),
        what_is_a_purchase()
        + " "
        + _(
            "Average bill = sum of purchases / purchases, returns left out. A repeat purchase is "
            "any after the client's first day. New clients made their first purchase in the row's "
            "days."
        ),
        {
            "report": "purchases",
            "from": asked.period.first,
            "to": asked.period.last,
            **_values(total),
            "rows": [{"month": f"{row.month:%Y-%m}", **_values(row)} for row in months],
            "previous": _values(before) if before else None,
        },
        [_sheet(months, total, asked)],
        answer=_answer(total, before),
        picture="reports/pictures/columns.html",
        context=_picture(months, asked),
        empty="" if months else _("Nobody bought anything in this period"),
    )


def _values(row: Bills) -> dict[str, Any]:
    told = {part.name: getattr(row, part.name) for part in fields(row) if part.name != "month"}
    names = ("net", "average", "repeat_share", "per_customer")
    return {**told, **{name: getattr(row, name) for name in names}}


def _answer(total: Bills, before: Bills | None) -> list[str]:
    base = base_code()
    lines = [
        _("%(customers)s clients made %(purchases)s purchases for %(amount)s.")
        % {
            "customers": number(total.customers),
            "purchases": number(total.purchases),
            "amount": money(round(total.gross), base),
        }
    ]
    if total.average is not None:
        average = money(round(total.average), base)
        was = before.average if before else None
        lines.append(
            _("The average bill is %(average)s, it was %(before)s.")
            % {"average": average, "before": money(round(was), base)}
            if was is not None
            else _("The average bill is %(average)s.") % {"average": average}
        )
        lines.append(
            _("Repeat purchases make %(share)s of the sum.")
            % {"share": in_percent(total.repeat_share, 1) or "—"}
        )
    return lines


def _sheet(months: list[Bills], total: Bills, asked: Asked) -> Sheet:
    columns = [
        Column("label", _("Month")),
        Column("customers", _("Clients"), "count"),
        Column("new", _("New clients"), "count"),
        Column("purchases", _("Purchases"), "count"),
        Column("repeat", _("Repeat"), "count"),
        Column("gross", _("Sum"), "money"),
        Column("average", _("Average bill"), "money"),
        Column("median", _("Median bill"), "money"),
        Column("repeat_share", _("Repeat, share of the sum"), "percent"),
        Column("returns", _("Returns"), "count"),
        Column("net", _("Less returns"), "money"),
    ]
    rows = [{"label": date_format(row.month, "F Y"), **_values(row)} for row in months]
    return Sheet(
        "rows",
        _("Purchases by month"),
        columns,
        rows,
        {"label": _("Total"), **_values(total)},
        [_urls(row, asked) for row in months],
        _urls(total, asked),
        currency=base_code(),
    )


def _urls(row: Bills, asked: Asked) -> dict[str, str]:
    """Clients and purchases behind the numbers of a row."""
    days = month_days(asked, row.month)
    if not days.first or not days.last:
        return {}
    hit = {"hit_from": days.first, "hit_to": days.last}
    new = {"first_from": days.first, "first_to": days.last}
    found = {
        "customers": buyers_url(asked, Buyers(**hit)),
        "new": buyers_url(asked, Buyers(**new)) if row.new else "",
    }
    for name, kind in (("purchases", "purchases"), ("repeat", "repeat"), ("returns", "returns")):
        if getattr(row, name):
            found[name] = report_url("bought", asked.of(period=days), kind=kind)
    return {**found, "gross": found.get("purchases", "")}


def _picture(months: list[Bills], asked: Asked) -> dict[str, Any]:
    bars = [
        (
            date_format(row.month, "M y"),
            [row.purchases - row.repeat, row.repeat],
            _urls(row, asked).get("purchases", ""),
        )
        for row in months
    ]
    return {
        "title": _("Purchases by month"),
        "columns": posts(bars, ["1", "3"], [_("First purchases"), _("Repeat purchases")]),
    }
