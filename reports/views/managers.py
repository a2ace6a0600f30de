"""The page of managers, and the deals that were in work."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from catalog.services import base_code
from records.policy import right
from reports.asking import Asked
from reports.forms import ReportForm
from reports.managers import waiting_leads, worked_deals
from reports.managers_report import managers_report
from reports.quality_sheet import quality_report
from reports.sheets import Report
from reports.views.funnel import ROWS, shown_rows
from reports.views.pages import ReportPage, SumsPage

PARTS = {"work": _("Deals and work"), "quality": _("Quality of data")}


class ManagersForm(ReportForm):
    """Which part of the report is shown."""

    options = {"part": "work"}

    part = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=list(PARTS.items()))


class ManagersPage(ReportPage):
    """Who sells how much: deals, revenue, cycle and work by owner, revenue by month; their data."""

    name = "managers"
    form_class = ManagersForm

    def report(self, asked: Asked, form: Any) -> Report:
        if asked.options["part"] == "quality":
            return quality_report(asked.of(options={}))
        return managers_report(asked.of(options={}))

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["part"]
        found["tabs"] = [
            (label, "?" + self.query(form, part=name), name == chosen)
            for name, label in PARTS.items()
        ]
        return found


class WorkedRows(SumsPage, TemplateView):
    """Deals that were open on some moment of the period."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ReportForm(self.request.GET, user=self.request.user)
        found = worked_deals(form.asked).for_cards().order_by("-created_at", "-pk")
        page = Paginator(found, ROWS).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            lens=_("Deals in work"),
            back="reports:managers",
            period=form.span,
            page_obj=page,
            count=page.paginator.count,
            rows=shown_rows(list(page.object_list), self.request.user),
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )


class WaitingLeads(SumsPage, TemplateView):
    """Open leads of the period that nobody has answered."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ReportForm(self.request.GET, user=self.request.user)
        found = waiting_leads(form.asked).select_related("owner", "source")
        page = Paginator(found.order_by("created_at", "pk"), ROWS)
        shown = page.get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            lens=_("Leads that wait for an answer"),
            definition_of="leads",
            back="reports:managers",
            period=form.span,
            page_obj=shown,
            count=page.count,
            rows=shown_rows(list(shown.object_list), self.request.user),
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )
