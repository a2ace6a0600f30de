"""The front page of reports."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from records.policy import right
from reports.views.pages import SumsPage


class ReportsIndex(SumsPage, TemplateView):
    """Every report by the question it answers."""

    policy = right("view_reports")
    template_name = "reports/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [
            (
                "reports:funnel",
                "filter",
                _("Where do we lose deals?"),
                _("How many deals reach each stage, where and why the others stop."),
            ),
            (
                "reports:managers",
                "users",
                _("Who sells how much?"),
                _("New, won and lost deals, revenue, cycle, calls and tasks of each manager."),
            ),
            (
                "reports:losses",
                "thumb-down",
                _("Why do we lose deals?"),
                _("Lost deals by reason, stage, manager and source, and how that changes."),
            ),
            (
                "reports:sources",
                "target-arrow",
                _("Which sources pay off?"),
                _("Leads, sales, cost of a lead and of a client, ROMI by source and campaign."),
            ),
            (
                "reports:plan",
                "calendar-stats",
                _("Do we reach the plan?"),
                _("Plan and fact of the month or quarter, the pace, what history suggests."),
            ),
            (
                "reports:forecast",
                "arrow-narrow-right",
                _("What will the open deals bring?"),
                _("Expected sum by own history, its range, rotting deals, how forecasts held."),
            ),
            (
                "reports:rfm",
                "chart-bar",
                _("Which clients buy often, much and lately?"),
                _("Clients in groups by recency, frequency and sum of purchases."),
            ),
            (
                "reports:clv",
                "star",
                _("What is a client worth?"),
                _("Expected purchases and lifetime value of each client."),
            ),
        ]
        reports = [(_address(name), *rest) for name, *rest in lines]
        return super().get_context_data(reports=[row for row in reports if row[0]], **kwargs)


def _address(name: str) -> str:
    """The address of a page, or an empty string where it is not installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
