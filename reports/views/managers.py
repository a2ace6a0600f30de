"""The page of managers and sales."""

from calendar import monthrange
from typing import Any

from reports.managers import ManagerRow, MonthRow, managers, sales
from reports.periods import Period, PeriodForm
from reports.views.pages import ReportPage, list_url, tasks_url


class ManagersPage(ReportPage):
    """Who sells how much: deals, revenue, cycle and work by owner, revenue by month."""

    template_name = "reports/managers.html"

    def report(self, form: PeriodForm) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "user": self.request.user,
            "period": form.span,
            "pipeline": form.valid.get("pipeline"),
            "owner": form.valid.get("owner"),
        }
        found, sold = managers(**asked), sales(**asked)
        pipeline = getattr(asked["pipeline"], "pk", None)
        owner = getattr(asked["owner"], "pk", None)
        rows = [_row(row, form.span, pipeline) for row in found.rows]
        total = _row(found.total, form.span, pipeline, owner, is_total=True)
        best = found.rows[0] if found.rows and found.rows[0].won else None
        return {
            "rows": rows,
            "total": total,
            "best": best,
            "months": [_month(row, form.span, pipeline, owner) for row in sold.by_month],
            "largest": max([row["row"].won_amount for row in rows], default=0),
            "largest_month": max([row.won_amount for row in sold.by_month], default=0),
        }


def _row(
    row: ManagerRow,
    period: Period,
    pipeline: int | None,
    owner: int | None = None,
    *,
    is_total: bool = False,
) -> dict[str, Any]:
    """One owner with the addresses of the rows behind each number.

    Rows nobody owns have no address: the lists cannot ask for them.
    """
    if row.owner is None and not is_total:
        return {"row": row, "urls": {}}
    who = row.owner or owner
    base = {"pipeline": pipeline, "owner": who}
    done = {"owner": who, **period.link("done")}
    closed = period.link("closed")
    urls = {
        "new": list_url(**base, **period.link("created")),
        "won": list_url(**base, status="won", **closed),
        "lost": list_url(**base, status="lost", **closed),
        "calls": tasks_url(kind="call", **done),
        "meetings": tasks_url(kind="meeting", **done),
        "tasks_done": tasks_url(kind="task", **done),
        "tasks_late": tasks_url(kind="task", late="true", **done),
    }
    return {"row": row, "urls": urls}


def _month(
    row: MonthRow, period: Period, pipeline: int | None, owner: int | None
) -> dict[str, Any]:
    """One month, cut by the edges of the period, with the address of its won deals."""
    month = month_of(row, period)
    url = list_url(pipeline=pipeline, owner=owner, status="won", **month.link("closed"))
    return {"row": row, "url": url}


def month_of(row: MonthRow, period: Period) -> Period:
    """The days of the month that lie in the period."""
    first = row.month
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return Period(
        max(first, period.first) if period.first else first,
        min(last, period.last) if period.last else last,
    )
