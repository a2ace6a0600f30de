"""The sales velocity as a report: its four levers by manager, department, source, pipeline."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.asking import Asked
from reports.cells import CLOSED, LOST, OPEN, WON, deals_url
from reports.dimensions import DIMENSIONS
from reports.drawing import stacks
from reports.funnel.steps import percent, rounded
from reports.sheets import Column, Report, Sheet
from reports.velocity.counting import Pace, paces

DRAWN = 15


def velocity_report(asked: Asked) -> Report:
    """Money a day, with the arithmetic in the answer."""
    by = asked.options.get("by", "manager")
    rows, total = paces(asked, by)
    return Report(
        "velocity",
        _("How fast does money come?"),
        _(
            "Velocity = open deals × win rate × average sale / cycle, in money a day. Win rate, "
            "average sale and mean cycle (days from creation to winning) are of the deals closed "
            "in the period; open deals stand open at its end. Double any lever, or halve the "
            "cycle, and the velocity doubles. A row is reckoned from its own levers, so rows do "
            "not add up to the total."
        ),
        {
            "report": "velocity",
            "from": asked.period.first,
            "to": asked.period.last,
            "by": by,
            **_values(total),
            "rows": [{"name": row.name, **_values(row)} for row in rows],
        },
        [_sheet(rows, total, asked, by)],
        answer=_answer(total),
        picture="reports/pictures/stacks.html",
        context=_picture(rows),
        empty="" if rows else _("Nothing is open and nothing was closed in this period"),
    )


def _values(row: Pace) -> dict[str, Any]:
    before = row.previous.velocity if row.previous else None
    return {
        "open": row.open,
        "open_amount": row.open_amount,
        "won": row.won,
        "won_amount": row.won_amount,
        "lost": row.lost,
        "win_rate": row.win_rate,
        "average_won": row.average_won,
        "mean_cycle_days": rounded(row.mean_cycle),
        "median_cycle_days": rounded(row.median_cycle),
        "velocity": row.velocity,
        "previous_velocity": before,
        "change": percent(row.velocity - before, before) if row.velocity and before else None,
    }


def _answer(total: Pace) -> list[str]:
    base = base_code()
    if total.velocity is None or total.average_won is None:
        return [_("No deal was won in this period, so there is no velocity to tell.")]
    lines = [
        _("%(velocity)s a day: %(open)s open deals × %(rate)s × %(average)s / %(days)s days.")
        % {
            "velocity": money(round(total.velocity), base),
            "open": number(total.open),
            "rate": in_percent(total.win_rate, 1),
            "average": money(round(total.average_won), base),
            "days": number(rounded(total.mean_cycle), 1),
        }
    ]
    before = total.previous.velocity if total.previous else None
    if before is not None:
        lines.append(_("It was %(before)s.") % {"before": money(round(before), base)})
    return lines


def _sheet(rows: list[Pace], total: Pace, asked: Asked, by: str) -> Sheet:
    columns = [
        Column("name", str(DIMENSIONS[by].label)),
        Column("velocity", _("Velocity, a day"), "money"),
        *([Column("previous_velocity", _("Before"), "money")] if asked.before else []),
        *([Column("change", _("Change, %"), "points")] if asked.before else []),
        Column("open", _("Open"), "count"),
        Column("open_amount", _("Sum of the open"), "money"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("win_rate", _("Win rate"), "percent"),
        Column("average_won", _("Average sale"), "money"),
        Column("mean_cycle_days", _("Mean cycle, days"), "days"),
        Column("median_cycle_days", _("Median cycle, days"), "days"),
    ]
    return Sheet(
        "rows",
        _("Four levers of the velocity"),
        columns,
        [{"name": row.name, **_values(row)} for row in rows],
        {"name": _("Total"), **_values(total)},
        [_urls(asked, **{by: row.key}) for row in rows],
        _urls(asked),
        currency=base_code(),
    )


def _urls(asked: Asked, **keys: Any) -> dict[str, str]:
    found = {what: deals_url(asked, what, "velocity", **keys) for what in (OPEN, WON, LOST)}
    return {
        **found,
        "open_amount": found[OPEN],
        "win_rate": deals_url(asked, CLOSED, "velocity", **keys),
    }


def _picture(rows: list[Pace]) -> dict[str, Any]:
    bars = [
        (row.name, [round(row.velocity)], "") for row in rows[:DRAWN] if row.velocity is not None
    ]
    title = _("Velocity, %(currency)s a day") % {"currency": base_code()}
    return {"title": title, "stack": stacks(bars, ["3"], [])}
