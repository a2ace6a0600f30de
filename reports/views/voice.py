"""Pages of what customers say: the report, the marked activities, their deals."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.models import User
from activities.models import Mark, MarkKind
from activities.parents import attach_sights
from catalog.services import base_code
from deals.filters import KeyField
from records.policy import right
from reports.asking import Asked
from reports.forms import ReportForm
from reports.sheets import Report
from reports.views.funnel import ROWS, shown_rows
from reports.views.pages import ReportPage, SumsPage
from reports.voice.counting import BY, marked, marked_deals
from reports.voice.report import LABELS, voice_report, words_of


class VoiceForm(ReportForm):
    """The dimension by which marks are counted, of the present year unless chosen."""

    options = {"by": "mark"}
    usual = "year"

    by = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[(name, name) for name in BY]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("source", None)


class VoicePage(ReportPage):
    """Marks on calls, meetings and notes: how often, when, in whose words."""

    name = "voice"
    form_class = VoiceForm

    def report(self, asked: Asked, form: Any) -> Report:
        return voice_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["by"]
        found["tabs"] = [
            (LABELS[name], "?" + self.query(form, by=name), name == chosen) for name in BY
        ]
        return found


class MarkedForm(VoiceForm):
    """The filter of the report and what one number counts."""

    mark = KeyField(queryset=Mark.objects.all(), required=False)
    kind = forms.ChoiceField(required=False, choices=MarkKind.choices)
    who = KeyField(queryset=User.objects.all(), required=False)
    status = forms.ChoiceField(required=False, choices=[("won", "won"), ("lost", "lost")])

    def keys(self) -> dict[str, Any]:
        """Values of dimensions. Raises Http404 for a number that is not there."""
        values = self.valid
        if {"mark", "kind", "who", "status"} & set(self.errors):
            raise Http404
        names = {"mark": "mark", "kind": "kind", "manager": "who"}
        found = {name: values.get(param) for name, param in names.items()}
        return {name: getattr(value, "pk", value) for name, value in found.items() if value}


class MarkedRows(SumsPage, TemplateView):
    """The marked activities behind a number."""

    policy = right("view_reports")
    template_name = "reports/marked.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = MarkedForm(self.request.GET, user=self.request.user)
        rows = marked(form.asked, **form.keys()).select_related("owner")
        rows = rows.prefetch_related("marked__mark").order_by("-done_at", "-pk")
        page = Paginator(rows, ROWS).get_page(self.request.GET.get("page"))
        found = list(page.object_list)
        attach_sights(found, self.request.user)
        return super().get_context_data(
            period=form.span,
            page_obj=page,
            count=page.paginator.count,
            rows=[(row, words_of(row)) for row in found],
            query=_without_page(self.request),
            **kwargs,
        )


class MarkedDeals(SumsPage, TemplateView):
    """The deals of marked activities."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = MarkedForm(self.request.GET, user=self.request.user)
        rows = marked_deals(form.asked, **form.keys())
        if status := form.valid.get("status"):
            rows = rows.filter(status=status)
        found = rows.for_cards().order_by("-created_at", "-pk")
        page = Paginator(found, ROWS).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            lens=_("Deals with marked talks"),
            back="reports:voice",
            period=form.span,
            page_obj=page,
            count=page.paginator.count,
            rows=shown_rows(list(page.object_list), self.request.user),
            query=_without_page(self.request),
            base=base_code(),
            **kwargs,
        )


def _without_page(request: Any) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
