"""Keeping the settings of a report under a name."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from records.idempotency import submit_once
from records.policy import right
from records.views import RecordFormView, go_to
from reports.forms import RemoveForm, SaveForm
from reports.models import SavedReport
from reports.views.pages import SumsPage


class SaveReport(SumsPage, RecordFormView):
    """A name, and whether everybody sees it."""

    policy = right("view_reports")
    form_class = SaveForm
    title = _("Save the report")

    def get_initial(self) -> dict[str, Any]:
        return {
            "report": self.request.GET.get("report", "funnel"),
            "query": self.request.GET.get("query", "")[:1000],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:index"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        def save() -> str:
            form.instance.owner = self.request.user
            return form.save().get_absolute_url()

        key = form.cleaned_data["form_key"]
        return go_to(self.request, submit_once(self.request.user, key, save))


class SavedReports(SumsPage, RecordFormView):
    """Kept reports: one's own, which may be removed, and those of others shown to everybody."""

    policy = right("view_reports")
    form_class = RemoveForm
    template_name = "reports/saved.html"
    fragment = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        rows = SavedReport.objects.seen_by(user)
        return super().get_context_data(rows=rows, person=user, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        form.cleaned_data["saved"].delete()
        return go_to(self.request, reverse("reports:saved"))
