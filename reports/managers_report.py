"""Managers as a report: the table of owners, the months, one person's trend."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import list_url, query_of, report_url, tasks_url
from reports.asking import Asked
from reports.drawing import stacks
from reports.managers import ManagerRow, MonthRow, by_month, managers
from reports.output import managers_values, month_values
from reports.periods import Period, days_of_month
from reports.sheets import Column, Report, Sheet

DRAWN = 20


def managers_report(asked: Asked) -> Report:
    """Deals, revenue, cycle and work by owner; revenue by month."""
    found = managers(asked)
    months = by_month(_year_of(asked) if asked.owner else asked)
    values = {**managers_values(found), "months": [month_values(row) for row in months]}
    total = found.total
    answer = [
        _("Won deals: %(won)s, %(amount)s.")
        % {"won": number(total.won), "amount": money(total.won_amount, base_code())}
    ]
    best = found.rows[0] if found.rows and found.rows[0].won else None
    if best and not asked.owner:
        answer.append(
            _("The most was sold by %(name)s: %(amount)s.")
            % {"name": best.name or "—", "amount": money(best.won_amount, base_code())}
        )
    if total.win_rate is not None:
        answer.append(_("Win rate: %(rate)s.") % {"rate": in_percent(total.win_rate, 1)})
    return Report(
        "managers",
        _("Who sells how much?"),
        _(
            "New: deals created in the period. In work: deals open on some moment of it. Won and "
            "lost: deals closed in it; win rate = won / (won + lost). Cycle: median days from "
            "creation to winning. Calls, meetings, letters and tasks: done in it; late tasks were "
            "done after they were due. Connected: calls that ended in a talk or in a request to "
            "call back, or without a result but with a duration. First answer: from the coming "
            "of a lead of the period to the first call, meeting or letter with it, median and "
            "the time within which 9 of 10 were answered; one without an answer counts with its "
            "age. Pipeline and source narrow deals only."
        ),
        values,
        [
            _deals_sheet(found.rows, total, values, asked),
            _work_sheet(found.rows, values, asked),
            *([_months_sheet(months, asked)] if months else []),
        ],
        answer=answer,
        picture="reports/pictures/stacks.html",
        context=_picture(found.rows, months, asked),
        empty="" if found.rows else _("Nothing happened in this period"),
    )


def _year_of(asked: Asked) -> Asked:
    """The twelve months up to the end of the period, for the trend of one person."""
    last = asked.period.last or asked.now.date()
    first = (last.replace(day=1) - timedelta(days=330)).replace(day=1)
    return asked.of(period=Period(min(first, asked.period.first or first), last))


def _name_column() -> Column:
    return Column("name", _("Manager"))


def _deals_sheet(
    rows: list[ManagerRow], total: ManagerRow, values: dict[str, Any], asked: Asked
) -> Sheet:
    columns = [
        _name_column(),
        Column("new", pgettext("deals", "New"), "count"),
        Column("worked", _("In work"), "count"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("win_rate", _("Win rate"), "percent"),
        Column("won_amount", _("Revenue"), "money"),
        *([Column("previous_won_amount", _("Revenue before"), "money")] if asked.before else []),
        Column("average_won", _("Average sale"), "money"),
        Column("median_won", _("Median sale"), "money"),
        Column("median_cycle_days", _("Cycle, days"), "days"),
    ]
    return Sheet(
        "rows",
        _("Deals by manager"),
        columns,
        [{**row, "name": row["name"] or _("Nobody")} for row in values["rows"]],
        {**values["total"], "name": _("Total")},
        [_deal_urls(row.owner, asked) | _person_url(row, asked) for row in rows],
        _deal_urls(asked.owner.pk if asked.owner else None, asked, is_total=True),
        _("Win rate = won / (won + lost) of the deals closed in the period"),
        base_code(),
    )


def _person_url(row: ManagerRow, asked: Asked) -> dict[str, str]:
    """The page of this person."""
    if not row.owner or asked.owner:
        return {}
    kept = {**asked.link(), "owner": row.owner, "department": None}
    return {"name": f"{reverse('reports:manager')}?{query_of(kept)}"}


def _deal_urls(owner: int | None, asked: Asked, *, is_total: bool = False) -> dict[str, str]:
    """Rows nobody owns have no address: the lists cannot ask for them."""
    if owner is None and not is_total:
        return {}
    base = {**asked.link(), **({"owner": owner, "department": None} if owner else {})}
    closed = asked.period.link("closed")
    won = list_url(**base, status="won", **closed)
    found = {
        "new": list_url(**base, **asked.period.link("created")),
        "worked": report_url("worked", asked, **base),
        "won": won,
        "won_amount": won,
        "lost": list_url(**base, status="lost", **closed),
    }
    if asked.before:
        past = asked.before.link("closed")
        found["previous_won_amount"] = list_url(**base, status="won", **past)
    return found


def _work_sheet(rows: list[ManagerRow], values: dict[str, Any], asked: Asked) -> Sheet:
    columns = [
        _name_column(),
        Column("calls", _("Calls"), "count"),
        Column("connected", _("Connected"), "count"),
        Column("minutes", _("Talked, min"), "count"),
        Column("no_answer", _("No answer"), "count"),
        Column("call_back", _("To call back"), "count"),
        Column("meetings", _("Meetings"), "count"),
        Column("emails", _("Letters"), "count"),
        Column("tasks_done", _("Tasks"), "count"),
        Column("tasks_late", _("Late"), "count"),
        Column("first_answer_minutes", _("First answer, min"), "count"),
        Column("first_answer_p90", _("9 of 10 within, min"), "count"),
        Column("waiting", _("Wait for an answer"), "count"),
    ]
    return Sheet(
        "work",
        _("Work by manager"),
        columns,
        [{**_worked(row), "name": row["name"] or _("Nobody")} for row in values["rows"]],
        {**_worked(values["total"]), "name": _("Total")},
        [_work_urls(row.owner, asked) if row.owner else {} for row in rows],
        _total_urls(asked),
    )


def _worked(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the time of talks in minutes."""
    return {**row, "minutes": round(row["talked_seconds"] / 60)}


def _total_urls(asked: Asked) -> dict[str, str]:
    """The list of activities cannot ask for a department; the page of waiting leads can."""
    waiting = {"waiting": report_url("waiting", asked)}
    if asked.owner:
        return _work_urls(asked.owner.pk, asked)
    return waiting if asked.department else {**_work_urls(None, asked), **waiting}


def _work_urls(owner: int | None, asked: Asked) -> dict[str, str]:
    done: dict[str, Any] = {"owner": owner, **asked.period.link("done")}
    return {
        "calls": tasks_url(kind="call", **done),
        "connected": tasks_url(kind="call", connected="true", **done),
        "no_answer": tasks_url(kind="call", result="no_answer", **done),
        "call_back": tasks_url(kind="call", result="call_back", **done),
        "waiting": report_url("waiting", asked, owner=owner, department=None),
        "meetings": tasks_url(kind="meeting", **done),
        "emails": tasks_url(kind="email", **done),
        "tasks_done": tasks_url(kind="task", **done),
        "tasks_late": tasks_url(kind="task", late="true", **done),
    }


def _months_sheet(months: list[MonthRow], asked: Asked) -> Sheet:
    columns = [
        Column("label", _("Month")),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("win_rate", _("Win rate"), "percent"),
        Column("won_amount", _("Revenue"), "money"),
        Column("average_won", _("Average sale"), "money"),
    ]
    span = _year_of(asked).period if asked.owner else asked.period
    rows, urls = [], []
    for month in months:
        rows.append({**month_values(month), "label": date_format(month.month, "F Y")})
        days = days_of_month(month.month, span).link("closed")
        won = list_url(**asked.link(), status="won", **days)
        lost = list_url(**asked.link(), status="lost", **days)
        urls.append({"won": won, "won_amount": won, "lost": lost})
    title = _("The last twelve months") if asked.owner else _("Revenue by month")
    return Sheet("months", title, columns, rows, None, urls, currency=base_code())


def _picture(rows: list[ManagerRow], months: list[MonthRow], asked: Asked) -> dict[str, Any]:
    """Won and lost deals by manager, or by month for one person."""
    if asked.owner:
        lines = [(date_format(row.month, "F Y"), [row.won, row.lost], "") for row in months]
    else:
        lines = [
            (
                row.name or _("Nobody"),
                [row.won, row.lost],
                _deal_urls(row.owner, asked).get("won", ""),
            )
            for row in rows[:DRAWN]
        ]
    return {
        "title": _("Won and lost deals"),
        "stack": stacks(lines, ["3", "4"], [pgettext("deals", "Won"), pgettext("deals", "Lost")]),
    }
