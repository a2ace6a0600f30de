"""The funnel by the lens that is asked for."""

from collections.abc import Callable

from reports.asking import Asked
from reports.funnel.lenses import flow_report, leads_report, snapshot_report, strict_report
from reports.funnel.reached_report import reached_report
from reports.sheets import Report

REPORTS: dict[str, Callable[[Asked], Report]] = {
    "reached": reached_report,
    "strict": strict_report,
    "flow": flow_report,
    "snapshot": snapshot_report,
    "leads": leads_report,
}


def funnel_report(asked: Asked) -> Report:
    """The report of the chosen lens. Raises ValueError without a pipeline."""
    return REPORTS.get(asked.options.get("lens", ""), reached_report)(asked)
