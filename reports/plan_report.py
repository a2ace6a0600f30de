"""Plan and fact as a report."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Department, User
from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import list_url, query_of
from reports.asking import Asked
from reports.drawing import stacks
from reports.funnel.steps import ZERO
from reports.plans import PlanRow, Suggestion, plan_rows
from reports.sheets import Column, Report, Sheet


def plan_report(
    asked: Asked, period: str, people: list[User], departments: list[Department], *, company: bool
) -> Report:
    """Every holder one may see, with his plan, fact, pace and a suggestion."""
    rows = plan_rows(asked, period, people, departments, company=company)
    base = base_code()
    values = [_values(row, base) for row in rows]
    urls = [_urls(row, asked, period) for row in rows]
    planned = [row for row in rows if row.plan and row.plan.amount]
    lines = [(_name(row), _parts(row), "") for row in planned]
    return Report(
        "plan",
        _("Do we reach the plan?"),
        _(
            "Won: deals won in the period so far. At this pace: won / working days gone × working "
            "days of the period (Monday to Friday, today included). Needed a day: what is missing "
            "/ working days left. A department counts with those below it."
        ),
        {
            "report": "plan",
            "period": period,
            "from": asked.period.first,
            "to": asked.period.last,
            "rows": values,
        },
        [Sheet("rows", _("Plan and fact"), _columns(), values, None, urls, currency=base)],
        answer=[_answer(planned[0] if planned else None, base)],
        picture="reports/pictures/stacks.html" if lines else "",
        context={
            "title": _("Won of the plan"),
            "stack": stacks(lines, ["3", "5"], [pgettext("deals", "Won"), _("Left to win")]),
        },
        empty="" if rows else _("There is nobody to plan for"),
    )


def _parts(row: PlanRow) -> list[int]:
    """Won, and what is left of the plan, in whole units."""
    whole = row.plan.amount if row.plan else row.fact
    return [int(row.fact), int(max(whole - row.fact, ZERO))]


def _answer(first: PlanRow | None, base: str) -> str:
    if first is None or first.plan is None:
        return _("No plan is set for this period. Press a name to set one.")
    return _("%(name)s: %(fact)s of %(plan)s, %(done)s; at this pace %(forecast)s.") % {
        "name": _name(first),
        "fact": money(round(first.fact), base),
        "plan": money(round(first.plan.amount), base),
        "done": in_percent(first.done, 1) or "—",
        "forecast": "—" if first.forecast is None else money(round(first.forecast), base),
    }


def _columns() -> list[Column]:
    return [
        Column("name", _("Whose plan")),
        Column("plan_amount", _("Plan"), "money"),
        Column("won_amount", pgettext("deals", "Won"), "money"),
        Column("done", pgettext("plan", "Done"), "percent"),
        Column("forecast", _("At this pace"), "money"),
        Column("per_day", _("Needed a day"), "money"),
        Column("plan_count", _("Plan, deals"), "count"),
        Column("won", _("Won, deals"), "count"),
        Column("suggested", _("History suggests"), "money"),
        Column("arithmetic", _("How it is counted")),
    ]


def _name(row: PlanRow) -> str:
    if row.owner:
        return row.owner.full_name or row.owner.email
    return row.department.name if row.department else str(_("The whole company"))


def _values(row: PlanRow, base: str) -> dict[str, Any]:
    return {
        "name": _name(row),
        "plan_amount": row.plan.amount if row.plan else None,
        "won_amount": row.fact,
        "done": row.done,
        "forecast": row.forecast,
        "per_day": row.per_day,
        "plan_count": row.plan.count if row.plan else None,
        "won": row.count,
        "suggested": row.suggestion.amount if row.suggestion.kind != "none" else None,
        "arithmetic": arithmetic(row.suggestion, base),
    }


def arithmetic(found: Suggestion, base: str) -> str:
    """The suggestion as a sum anybody can check."""
    if found.kind == "season":
        same = money(round(found.same), base)
        return _("the same months a year ago %(same)s × growth %(growth)s") % {
            "same": same,
            "growth": number(found.growth, 2),
        }
    if found.kind == "mean":
        parts = " + ".join(money(round(part), base) for part in found.months)
        return _("mean of the last months: (%(parts)s) / %(count)s") % {
            "parts": parts,
            "count": len(found.months),
        }
    return _("no history yet")


def _urls(row: PlanRow, asked: Asked, period: str) -> dict[str, str]:
    owner = row.owner.pk if row.owner else None
    department = row.department.pk if row.department else None
    won = list_url(owner=owner, department=department, status="won", **asked.period.link("closed"))
    who = query_of(
        {"owner": owner, "department": department, "period": period, "day": asked.period.first}
    )
    return {"name": f"{reverse('reports:plan_set')}?{who}", "won_amount": won, "won": won}
