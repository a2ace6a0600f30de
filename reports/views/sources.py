"""Pages of sources: the report, the leads behind its numbers, the costs."""

import re
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView

from catalog.services import base_code
from deals.filters import FIRST_DAY, LAST_DAY, KeyField
from leads.models import Source
from records.access import require_shown
from records.forms import MoneyField
from records.policy import right
from records.views import RecordFormView, admit, go_to
from reports.asking import Asked
from reports.forms import ReportForm
from reports.models import MarketingCost
from reports.sheets import Report
from reports.sources.costs import set_cost
from reports.sources.counting import WON, source_cell
from reports.sources.report import sources_report
from reports.views.funnel import ROWS, shown_rows
from reports.views.pages import ReportPage, SumsPage

COSTS = 50
NEEDS = (("lead", "source"), ("deal", "source"))
"""Who may not see these fields has no such report."""
TITLES = {
    "created": _("Leads"),
    "converted": _("Leads that became a deal"),
    WON: _("Leads whose deal is won"),
    "new": _("Leads that brought a new client"),
    "open": pgettext_lazy("leads", "Still open"),
}


class SourcesForm(ReportForm):
    """By source or by campaign, and the gross margin; leads have no pipeline."""

    options = {"by": "source", "margin": ""}

    by = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[("source", _("By source")), ("campaign", _("By campaign"))],
    )
    margin = forms.DecimalField(
        label=_("Gross margin, %"), required=False, min_value=0, max_value=100, decimal_places=2
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("pipeline")
        self.fields["margin"].widget.attrs["step"] = "any"

    @cached_property
    def asked(self) -> Asked:
        asked = super().asked
        margin = self.valid.get("margin")
        told = "" if margin is None else f"{margin:f}"
        return asked.of(options={**asked.options, "margin": told})

    @cached_property
    def kept(self) -> dict[str, Any]:
        found = {name: value for name, value in super().kept.items() if name != "margin"}
        told = self.asked.options["margin"]
        return {**found, "margin": told} if told else found


class SourcesPage(ReportPage):
    """What leads each source brings, what they become and what that costs."""

    name = "sources"
    form_class = SourcesForm
    template_name = "reports/sources.html"
    needs = NEEDS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _with_sources(self, super().dispatch, request, *args, **kwargs)

    def report(self, asked: Asked, form: Any) -> Report:
        return sources_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["by"]
        found["tabs"] = [
            (label, "?" + self.query(form, by=name), name == chosen)
            for name, label in form.fields["by"].choices
        ]
        user: Any = self.request.user
        found["sets_costs"] = bool(user.grant("system", "manage_rules"))
        return found


def _with_sources(page: Any, go_on: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Closed to whoever may not see the source of leads or of deals."""
    admit(request.user, page.policy)
    for kind, field in NEEDS:
        require_shown(request.user, kind, field)
    return go_on(request, *args, **kwargs)


class LeadCellForm(SourcesForm):
    """One number of the report; `of` is a source, 0 for leads without one."""

    what = forms.ChoiceField(choices=list(TITLES.items()), required=False)
    of = forms.IntegerField(required=False, min_value=0, max_value=2**31)
    campaign = forms.CharField(max_length=120, required=False)

    def rows(self) -> Any:
        """The leads. Raises Http404 for a number that is not there."""
        values = self.valid
        if {"what", "of", "campaign", "by"} & set(self.errors):
            raise Http404
        is_campaign = self.asked.options["by"] == "campaign"
        campaign = values["campaign"] if is_campaign else None
        return source_cell(self.asked, values["what"] or "created", values["of"], campaign)


class SourceLeads(SumsPage, TemplateView):
    """Exactly the leads a number counts."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _with_sources(self, super().dispatch, request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = LeadCellForm(self.request.GET, user=self.request.user)
        rows = form.rows().order_by("-created_at", "-pk").select_related("owner", "source")
        page = Paginator(rows, ROWS).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            lens=TITLES[form.valid["what"] or "created"],
            definition_of="leads",
            back="reports:sources",
            period=form.span,
            page_obj=page,
            count=page.paginator.count,
            rows=shown_rows(list(page.object_list), self.request.user),
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )


class MonthField(forms.Field):
    """A month written `2026-11`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-11"})

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
        if not found or not FIRST_DAY.year <= int(found[1]) <= LAST_DAY.year:
            raise forms.ValidationError(_("Write a month as 2026-11."))
        return date(int(found[1]), int(found[2]), 1)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class CostForm(forms.Form):
    """The cost of a source, or of one campaign of it, in a month; what was there is replaced."""

    source = KeyField(queryset=Source.objects.all(), label=_("Source"), empty_label="—")
    campaign = forms.CharField(
        label=_("Campaign"),
        max_length=120,
        required=False,
        help_text=_("As it is written on leads; empty for the source as a whole."),
    )
    month = MonthField(label=_("Month"))
    amount = MoneyField(label=_("Sum"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class SetCost(RecordFormView):
    """Writes a cost; the same post again writes the same."""

    policy = right("manage_rules")
    form_class = CostForm
    title = _("Cost of a source")

    def get_initial(self) -> dict[str, Any]:
        given = {name: self.request.GET.get(name, "") for name in ("source", "campaign", "month")}
        form = CostForm({**given, "amount": "0"}, user=self.request.user)
        form.is_valid()
        values = form.cleaned_data
        row = MarketingCost.objects.filter(
            source=values.get("source"),
            campaign=values.get("campaign", ""),
            month=values.get("month"),
        ).first()
        month = values.get("month") or timezone.localdate().replace(day=1)
        return {**values, "month": month, "amount": row.amount if row else None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:costs"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        set_cost(**form.cleaned_data, by=self.request.user, now=timezone.now())
        return go_to(self.request, reverse("reports:costs"))


class RemoveCostForm(forms.Form):
    """One cost."""

    cost = KeyField(queryset=MarketingCost.objects.all(), label=_("Cost"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class Costs(RecordFormView):
    """Costs by month, the newest first; a post takes one away."""

    policy = right("manage_rules")
    form_class = RemoveCostForm
    template_name = "reports/costs.html"
    fragment = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = MarketingCost.objects.select_related("source", "changed_by")
        ordered = rows.order_by("-month", "source__position", "source__name", "campaign", "pk")
        page = Paginator(ordered, COSTS).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            rows=list(page.object_list), page_obj=page, base=base_code(), **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        form.cleaned_data["cost"].delete()
        return go_to(self.request, reverse("reports:costs"))
