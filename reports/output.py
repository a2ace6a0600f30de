"""Reports as plain values for JSON and CSV; docs/reports.md defines every key."""

from dataclasses import fields
from typing import Any

from reports.funnel import Funnel, Reason, Step, Tally
from reports.managers import ManagerRow, Managers, Result, Sales
from reports.periods import Period

TALLIES = ("entered", "passed", "lost", "open", "now_open")


def period_values(period: Period) -> dict[str, Any]:
    """The days, both included."""
    return {"from": period.first, "to": period.last}


def funnel_values(found: Funnel) -> dict[str, Any]:
    """The funnel and, below `previous`, the same of the period before."""
    return {
        "report": "funnel",
        **period_values(found.period),
        "as_of": found.as_of,
        "pipeline": found.pipeline.name,
        **_tally("entered", found.entered),
        **_tally("won", found.won),
        **_tally("lost", found.lost),
        **_tally("open", found.open),
        "won_share": found.won_share,
        "open_share": found.open_share,
        "rows": [_step(step) for step in found.steps],
        "loss_reasons": [_reason(row) for row in found.reasons],
        "previous": funnel_values(found.previous) if found.previous else None,
    }


def managers_values(found: Managers) -> dict[str, Any]:
    """Rows by owner and their total."""
    return {
        "report": "managers",
        **period_values(found.period),
        "rows": [_result(row) for row in found.rows],
        "total": _result(found.total),
    }


def sales_values(found: Sales) -> dict[str, Any]:
    """Rows by owner, rows by month, the total."""
    return {
        "report": "sales",
        **period_values(found.period),
        "rows": [_result(row) for row in found.by_manager],
        "months": [{**_result(row), "month": f"{row.month:%Y-%m}"} for row in found.by_month],
        "total": _result(found.total),
    }


def _tally(name: str, tally: Tally) -> dict[str, Any]:
    return {name: tally.count, f"{name}_amount": tally.amount}


def _step(step: Step) -> dict[str, Any]:
    values: dict[str, Any] = {"stage": step.name, "position": step.position}
    for name in TALLIES:
        values |= _tally(name, getattr(step, name))
    values |= {"conversion": step.conversion, "change": step.change}
    names = ("previous_entered", "previous_conversion", "visits", "median_days", "p90_days")
    for name in (*names, "running", "running_median_days"):
        values[name] = getattr(step, name)
    return values


def _reason(row: Reason) -> dict[str, Any]:
    return {"reason": row.name, **_tally("lost", row.lost), "share": row.share}


def _result(row: Result | ManagerRow) -> dict[str, Any]:
    """Every field of the row, then the two rates made of them."""
    values = {part.name: getattr(row, part.name) for part in fields(row) if part.name != "owner"}
    return {**values, "win_rate": row.win_rate, "average_won": row.average_won}


def without_sums(found: Any) -> Any:
    """The same values without any sum, for a person who may not see the amounts of deals."""
    if isinstance(found, list):
        return [without_sums(row) for row in found]
    if not isinstance(found, dict):
        return found
    return {
        name: without_sums(value)
        for name, value in found.items()
        if not name.endswith("amount") and name != "average_won"
    }
