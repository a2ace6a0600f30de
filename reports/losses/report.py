"""Losses as a report: by one dimension, across another, by month."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.asking import Asked
from reports.cells import LOST, WON, deals_url
from reports.charts import posts
from reports.dimensions import DIMENSIONS
from reports.drawing import stacks
from reports.losses.counting import RATED, Losses, LossMonth, LossRow, losses
from reports.periods import days_of_month
from reports.sheets import Column, Report, Sheet

DRAWN, TOLD = 15, 8
TONES = ("4", "2", "1", "3", "5")


def losses_report(asked: Asked) -> Report:
    """Lost deals of the period by `asked.options["by"]`."""
    found = losses(asked, asked.options.get("by", "reason"))
    return Report(
        "losses",
        _("Why do we lose deals?"),
        _(
            "Deals lost in the period, by the day of closing; the stage is the one in which the "
            "deal was lost, the sum is that of the deal. Share: of all deals lost in the period. "
            "Loss rate = lost / (won + lost) of the deals closed in it. Days: median from "
            "creation to loss."
        ),
        values_of(found, asked),
        [_rows_sheet(found, asked), _across_sheet(found, asked), _months_sheet(found, asked)],
        answer=_answer(found),
        picture="reports/pictures/both.html",
        context=_picture(found, asked),
        empty="" if found.total.lost.count else _("No deals were lost in this period"),
    )


def values_of(found: Losses, asked: Asked) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "losses",
        "from": asked.period.first,
        "to": asked.period.last,
        "by": found.by,
        **_row(found.total),
        "rows": [{"name": row.name, **_row(row)} for row in found.rows],
        "across": [
            {"name": row.name, found.other: name, "lost": row.across[key]}
            for row in found.rows
            for key, name in found.across
            if row.across.get(key)
        ],
        "months": [{"month": f"{row.month:%Y-%m}", **_month(row)} for row in found.months],
    }


def _row(row: LossRow) -> dict[str, Any]:
    return {
        "lost": row.lost.count,
        "lost_amount": row.lost.amount,
        "share": row.share,
        "amount_share": row.amount_share,
        "average_lost": row.average,
        "median_days": row.median_days,
        "won": row.won,
        "loss_rate": row.rate,
        "previous_lost": row.previous_lost,
        "change": row.change,
    }


def _month(row: LossMonth) -> dict[str, Any]:
    counts = {"lost": row.lost.count, "lost_amount": row.lost.amount, "won": row.won}
    return {**counts, "loss_rate": row.rate}


def _answer(found: Losses) -> list[str]:
    total = found.total
    lines = [
        _("Lost deals: %(lost)s for %(amount)s, %(rate)s of the closed ones.")
        % {
            "lost": number(total.lost.count),
            "amount": money(round(total.lost.amount), base_code()),
            "rate": in_percent(total.rate, 1) or "—",
        }
    ]
    if found.rows and found.rows[0].lost.count:
        first = found.rows[0]
        lines.append(
            _("The most by “%(name)s”: %(count)s, %(share)s of the lost.")
            % {
                "name": first.name,
                "count": number(first.lost.count),
                "share": in_percent(first.share, 1),
            }
        )
    return lines


def _rows_sheet(found: Losses, asked: Asked) -> Sheet:
    is_rated = found.by in RATED
    columns = [
        Column("name", str(DIMENSIONS[found.by].label)),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("share", _("Share"), "percent"),
        *(
            [Column("change", _("Share, change"), "points", is_neutral=True)]
            if asked.before
            else []
        ),
        *([Column("previous_lost", _("Lost before"), "count")] if asked.before else []),
        Column("lost_amount", _("Sum of the lost"), "money"),
        Column("amount_share", _("Share of the sum"), "percent"),
        Column("average_lost", _("Average lost"), "money"),
        *([Column("won", pgettext("deals", "Won"), "count")] if is_rated else []),
        *([Column("loss_rate", _("Loss rate"), "percent")] if is_rated else []),
        Column("median_days", _("To the loss, days"), "days"),
    ]
    return Sheet(
        "rows",
        _("Lost deals"),
        columns,
        [{"name": row.name, **_row(row)} for row in found.rows],
        {"name": _("Total"), **_row(found.total)},
        [_row_urls(asked, **{found.by: row.key}) for row in found.rows],
        _row_urls(asked),
        currency=base_code(),
    )


def _row_urls(asked: Asked, **keys: Any) -> dict[str, str]:
    """Addresses of one row; a won deal has neither reason nor stage of loss."""
    lost = deals_url(asked, LOST, "losses", **keys)
    found = {"lost": lost, "lost_amount": lost}
    if not keys or set(keys) & set(RATED):
        found["won"] = deals_url(asked, WON, "losses", **keys)
    if asked.before:
        past = asked.of(period=asked.before)
        found["previous_lost"] = deals_url(past, LOST, "losses", **keys)
    return found


def _across_sheet(found: Losses, asked: Asked) -> Sheet:
    """One dimension down, the other one across: the stage, or the reason for stages."""
    columns = [Column("name", str(DIMENSIONS[found.by].label))]
    columns += [Column(f"at_{key}", name, "count") for key, name in found.across]
    rows, urls = [], []
    for row in found.rows:
        if not row.lost.count:
            continue
        rows.append({"name": row.name, **_cells(found, row)})
        urls.append(_cell_urls(found, row, asked, **{found.by: row.key}))
    return Sheet(
        "across",
        _("Lost deals by reason and stage")
        if {found.by, found.other} == {"reason", "stage"}
        else _("Lost deals by stage"),
        columns,
        rows,
        {"name": _("Total"), **_cells(found, found.total)},
        urls,
        _cell_urls(found, found.total, asked),
    )


def _cells(found: Losses, row: LossRow) -> dict[str, int]:
    return {f"at_{key}": row.across.get(key, 0) for key, _name in found.across}


def _cell_urls(found: Losses, row: LossRow, asked: Asked, **keys: Any) -> dict[str, str]:
    return {
        f"at_{key}": deals_url(asked, LOST, "losses", **keys, **{found.other: key})
        for key, _name in found.across
        if row.across.get(key)
    }


def _months_sheet(found: Losses, asked: Asked) -> Sheet:
    """Months down; the values with the most lost deals across."""
    told = [row for row in found.rows if row.lost.count][:TOLD]
    columns = [
        Column("label", _("Month")),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("lost_amount", _("Sum of the lost"), "money"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("loss_rate", _("Loss rate"), "percent"),
        *(Column(f"by_{at}", row.name, "count") for at, row in enumerate(told)),
    ]
    rows, urls = [], []
    for month in found.months:
        within = asked.of(period=days_of_month(month.month, asked.period))
        parts = {f"by_{at}": month.parts.get(row.key, 0) for at, row in enumerate(told)}
        rows.append({"label": date_format(month.month, "F Y"), **_month(month), **parts})
        lost = deals_url(within, LOST, "losses")
        won = deals_url(within, WON, "losses")
        addresses = {"lost": lost, "lost_amount": lost, "won": won}
        addresses |= {
            f"by_{at}": deals_url(within, LOST, "losses", **{found.by: row.key})
            for at, row in enumerate(told)
            if parts[f"by_{at}"]
        }
        urls.append(addresses)
    return Sheet("months", _("By month"), columns, rows, None, urls, currency=base_code())


def _picture(found: Losses, asked: Asked) -> dict[str, Any]:
    """Bars by value; columns by month with the four greatest values and the rest."""
    bars = [
        (row.name, [row.lost.count], deals_url(asked, LOST, "losses", **{found.by: row.key}))
        for row in found.rows[:DRAWN]
        if row.lost.count
    ]
    told = [row for row in found.rows if row.lost.count][:4]
    months = []
    for month in found.months:
        parts = [month.parts.get(row.key, 0) for row in told]
        within = asked.of(period=days_of_month(month.month, asked.period))
        label = date_format(month.month, "M y")
        url = deals_url(within, LOST, "losses")
        months.append((label, [*parts, month.lost.count - sum(parts)], url))
    legend = [row.name for row in told]
    if sum(row.lost.count for row in told) < found.total.lost.count:
        legend.append(_("Others"))
    return {
        "title": _("Lost deals"),
        "stack": stacks(bars, ["4"], []),
        "trend_title": _("Lost deals by month"),
        "columns": posts(months, TONES, legend) if len(months) > 1 else None,
    }
