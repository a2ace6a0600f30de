"""One manager's page: twelve months, the plan, and the median of the department beside."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import list_url, report_url, tasks_url
from reports.asking import Asked
from reports.funnel.steps import percent
from reports.periods import Period
from reports.sheets import Column, Report, Sheet
from reports.trend.counting import FIGURES, Month, Trend, last_day, trend
from reports.trend.drawing import lines

DRAWN = ("won_amount", "won", "win_rate", "calls", "meetings", "tasks_late")


def manager_report(asked: Asked) -> Report | None:
    """The trend of `asked.owner`; None without a person."""
    if asked.owner is None:
        return None
    found = trend(asked, asked.owner)
    sheets = [_own_sheet(found, asked)]
    if found.medians:
        sheets.append(_median_sheet(found))
    return Report(
        "manager",
        person_name(asked.owner),
        _(
            "New: deals created in the month. Won and lost: deals closed in it; win rate = won / "
            "(won + lost). Cycle: median days from creation to winning. Calls and meetings: done "
            "in the month; late tasks were done after they were due. The median is over the "
            "people of the same department whose deals you see, the person among them; it is "
            "shown from two people on. Pipeline and source narrow deals only."
        ),
        values_of(found),
        sheets,
        answer=_answer(found, asked),
        picture="reports/pictures/trend.html",
        context=_picture(found),
    )


def person_name(person: User) -> str:
    """The name, else the address."""
    return person.full_name or person.email


def values_of(found: Trend) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "manager",
        "name": person_name(found.person),
        "people": found.peers,
        "rows": [_own(found, month) for month in found.months],
        "medians": [
            {"month": f"{month:%Y-%m}", **values} for month, values in found.medians.items()
        ],
    }


def _own(found: Trend, first: date) -> dict[str, Any]:
    month, plan = found.months[first], found.plans.get(first)
    return {
        "month": f"{first:%Y-%m}",
        **{name: getattr(month, name) for name in FIGURES},
        "plan_amount": plan,
        "done": percent(month.won_amount, plan) if plan else None,
    }


def _answer(found: Trend, asked: Asked) -> list[str]:
    last = list(found.months)[-1]
    month, plan = found.months[last], found.plans.get(last)
    words = [
        _("%(month)s: won %(won)s for %(amount)s.")
        % {
            "month": date_format(last, "F Y").capitalize(),
            "won": number(month.won),
            "amount": money(month.won_amount, base_code()),
        }
    ]
    if plan:
        words.append(
            _("Plan %(plan)s, done %(share)s.")
            % {
                "plan": money(plan, base_code()),
                "share": in_percent(percent(month.won_amount, plan) or 0, 1),
            }
        )
    middle = found.medians.get(last, {}).get("won_amount")
    if middle is not None:
        words.append(
            _("The median of the department: %(amount)s.") % {"amount": money(middle, base_code())}
        )
    return words


def _columns() -> list[Column]:
    return [
        Column("label", _("Month")),
        Column("new", pgettext("deals", "New"), "count"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("win_rate", _("Win rate"), "percent"),
        Column("won_amount", _("Revenue"), "money"),
        Column("plan_amount", _("Plan"), "money"),
        Column("done", _("Done, %"), "percent"),
        Column("average_won", _("Average sale"), "money"),
        Column("cycle_days", _("Cycle, days"), "days"),
        Column("calls", _("Calls"), "count"),
        Column("meetings", _("Meetings"), "count"),
        Column("tasks_late", _("Late"), "count"),
    ]


def _own_sheet(found: Trend, asked: Asked) -> Sheet:
    rows = [{**_own(found, first), "label": month_name(first)} for first in found.months]
    urls = [_urls(month, first, asked) for first, month in found.months.items()]
    title = _("The last twelve months")
    return Sheet("rows", title, _columns(), rows, None, urls, currency=base_code())


def month_name(first: date) -> str:
    """The month and its year."""
    return date_format(first, "F Y")


def _urls(month: Month, first: date, asked: Asked) -> dict[str, str]:
    """The records behind each number above zero."""
    days = Period(first, last_day(first))
    base = {**asked.link(), "department": None}
    won = list_url(**base, status="won", **days.link("closed"))
    owner = asked.owner.pk if asked.owner else None
    done: dict[str, Any] = {"owner": owner, **days.link("done")}
    found = {
        "new": list_url(**base, **days.link("created")),
        "won": won,
        "won_amount": won,
        "lost": list_url(**base, status="lost", **days.link("closed")),
        "calls": tasks_url(kind="call", **done),
        "meetings": tasks_url(kind="meeting", **done),
        "tasks_late": tasks_url(kind="task", late="true", **done),
        "label": report_url("managers", asked.of(period=days), department=None),
    }
    return {name: url for name, url in found.items() if name == "label" or getattr(month, name)}


def _median_sheet(found: Trend) -> Sheet:
    columns = [column for column in _columns() if column.key not in ("plan_amount", "done")]
    halves = [
        Column(column.key, column.label, "days" if column.kind == "count" else column.kind)
        for column in columns
    ]
    rows = [{"label": month_name(first), **row} for first, row in found.medians.items()]
    return Sheet(
        "medians",
        _("Median of the department"),
        halves,
        rows,
        note=_("people compared: %(count)s") % {"count": number(found.peers)},
        currency=base_code(),
    )


def _picture(found: Trend) -> dict[str, Any]:
    """Small pictures of six figures, the person's line over the median's."""
    titles = {column.key: column.label for column in _columns()}
    currency = base_code()
    shown: dict[str, Any] = {
        "won_amount": lambda value: money(round(value), currency),
        "win_rate": lambda value: in_percent(value, 1),
    }
    firsts = list(found.months)
    charts = []
    for place, name in enumerate(DRAWN):
        own = [getattr(month, name) for month in found.months.values()]
        middle = [found.medians.get(first, {}).get(name) for first in firsts]
        charts.append(
            lines(
                place,
                titles[name],
                [month_name(first) for first in firsts],
                own,
                middle,
                shown.get(name, number),
            )
        )
    return {
        "charts": charts,
        "first": date_format(firsts[0], "M Y"),
        "last": date_format(firsts[-1], "M Y"),
        "has_medians": bool(found.medians),
    }
