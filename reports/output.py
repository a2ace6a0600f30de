"""Reports as plain values for JSON and CSV; docs/reports.md defines every key."""

from dataclasses import fields
from typing import Any

from reports.asking import Asked
from reports.funnel.flow import ENDS, FlowStep
from reports.funnel.leads import LeadStep
from reports.funnel.snapshot import Stock
from reports.funnel.steps import ZERO, Funnel, Reason, Step, Tally
from reports.funnel.strict import Strict, StrictStep
from reports.managers import ManagerRow, Managers, MonthRow, Result, Sales
from reports.periods import Period

TALLIES = ("entered", "passed", "lost", "open", "now_open")


def period_values(period: Period) -> dict[str, Any]:
    """The days, both included."""
    return {"from": period.first, "to": period.last}


def funnel_values(found: Funnel) -> dict[str, Any]:
    """The funnel and, below `previous`, the same of the period before."""
    return {
        "report": "funnel",
        "lens": "reached",
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


def _lens(name: str, asked: Asked) -> dict[str, Any]:
    return {
        "report": "funnel",
        "lens": name,
        **period_values(asked.period),
        "as_of": asked.as_of,
        "pipeline": asked.pipeline.name if asked.pipeline else None,
    }


def strict_values(found: Strict, asked: Asked) -> dict[str, Any]:
    """The strict lens."""
    return {
        **_lens("strict", asked),
        **_tally("entered", found.whole),
        **_tally("won", found.won),
        "rows": [_strict_step(step) for step in found.steps],
    }


def _strict_step(step: StrictStep) -> dict[str, Any]:
    values: dict[str, Any] = {"stage": step.name}
    for name in ("entered", "passed", "lost", "open", "left"):
        values |= _tally(name, getattr(step, name))
    return {**values, "conversion": step.conversion, "previous_entered": step.previous_entered}


def flow_values(steps: list[FlowStep], whole: FlowStep, asked: Asked) -> dict[str, Any]:
    """The flow lens."""
    return {
        **_lens("flow", asked),
        "rows": [_flow_step(step) for step in steps],
        "total": _flow_step(whole),
    }


def _flow_step(step: FlowStep) -> dict[str, Any]:
    values: dict[str, Any] = {"stage": step.name}
    for name in ("entries", *ENDS):
        values |= _tally(name, getattr(step, name))
    for name in ("median_days", "p90_days", "running_median_days", "previous_entries"):
        values[name] = getattr(step, name)
    return values


def snapshot_values(found: list[Stock], asked: Asked) -> dict[str, Any]:
    """The snapshot lens."""
    whole = sum((stock.open for stock in found), Tally())
    return {
        **_lens("snapshot", asked),
        "rows": [
            {
                "stage": stock.name,
                **_tally("open", stock.open),
                "weighted": stock.weighted,
                "stuck": stock.stuck,
                "median_age_days": stock.median_age_days,
            }
            for stock in found
        ],
        "total": {
            **_tally("open", whole),
            "weighted": sum((stock.weighted for stock in found), ZERO),
            "stuck": sum(stock.stuck for stock in found),
        },
    }


def lead_values(found: list[LeadStep], asked: Asked) -> dict[str, Any]:
    """The way from the lead to the won deal."""
    return {
        **_lens("leads", asked),
        "rows": [
            {
                "step": step.name,
                **_tally("leads", step.leads),
                "conversion": step.conversion,
                "share": step.share,
                "previous": step.previous,
            }
            for step in found
        ],
    }


def managers_values(found: Managers) -> dict[str, Any]:
    """Rows by owner and their total."""
    return {
        "report": "managers",
        **period_values(found.period),
        "rows": [_result(row) for row in found.rows],
        "total": _result(found.total),
    }


def month_values(row: MonthRow) -> dict[str, Any]:
    """Closed deals of a month."""
    return {**_result(row), "month": f"{row.month:%Y-%m}"}


def sales_values(found: Sales) -> dict[str, Any]:
    """Rows by what was asked, rows by month, the total."""
    return {
        "report": "sales",
        "by": found.by,
        **period_values(found.period),
        "rows": [_result(row) for row in found.rows],
        "months": [month_values(row) for row in found.by_month],
        "total": _result(found.total),
    }


def _tally(name: str, tally: Tally) -> dict[str, Any]:
    return {name: tally.count, f"{name}_amount": tally.amount}


def _step(step: Step) -> dict[str, Any]:
    values: dict[str, Any] = {"stage": step.name, "position": step.position}
    for name in TALLIES:
        values |= _tally(name, getattr(step, name))
    values |= {"conversion": step.conversion, "change": step.change}
    names = ("previous_entered", "previous_conversion", "skipped", "returned", "visits")
    for name in (*names, "median_days", "p90_days", "running", "running_median_days"):
        values[name] = getattr(step, name)
    return values


def _reason(row: Reason) -> dict[str, Any]:
    return {"reason": row.name, **_tally("lost", row.lost), "share": row.share}


def _result(row: Result | ManagerRow) -> dict[str, Any]:
    """Every field of the row, then the two rates made of them."""
    values = {part.name: getattr(row, part.name) for part in fields(row) if part.name != "owner"}
    return {**values, "win_rate": row.win_rate, "average_won": row.average_won}
