"""The page of the forecast and the deals behind its numbers."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from accounts.models import Department
from catalog.services import base_code
from deals.filters import KeyField
from deals.models import Stage
from records.formatting import percent
from records.policy import right
from reports.asking import Asked
from reports.dimensions import DIMENSIONS, offered
from reports.forecast.rates import HORIZONS
from reports.forecast.report import forecast_report
from reports.forecast.weighing import BY, behind, column_of, lacking, moment_of, rates_of
from reports.forms import ReportForm, day_field
from reports.sheets import Report
from reports.views.funnel import ROWS, shown_rows
from reports.views.pages import ReportPage, SumsPage

UNUSED = ("period", "from", "to", "compare")
TITLES = {
    "live": _("Open deals of the forecast"),
    "rotten": _("Rotting deals"),
    "open": _("Open deals"),
    "won": _("Open deals that were then won"),
}


class ForecastForm(ReportForm):
    """The horizon, the dimension, the day, and what narrows deals; a stock has no period."""

    options = {"by": "stage", "horizon": "90"}

    as_of = day_field(_("As of"))
    by = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    horizon = forms.ChoiceField(
        choices=[(str(days), str(days)) for days in HORIZONS],
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in UNUSED:
            self.fields.pop(name, None)
        field: Any = self.fields["by"]
        field.choices = [(name, DIMENSIONS[name].label) for name in offered(BY, self.user)]


class ForecastPage(ReportPage):
    """What open deals will bring within a horizon, and how such forecasts held."""

    name = "forecast"
    form_class = ForecastForm

    def report(self, asked: Asked, form: Any) -> Report:
        return forecast_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["by"]
        found["tabs"] = [
            (label, "?" + self.query(form, by=name), name == chosen)
            for name, label in form.fields["by"].choices
        ]
        return found

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        chosen = int(form.asked.options["horizon"])
        return [
            (
                ngettext("%(n)s day ahead", "%(n)s days ahead", days) % {"n": days},
                "?" + self.query(form, horizon=days),
                days == chosen,
            )
            for days in HORIZONS
        ]

    def query(self, form: Any, **more: Any) -> str:
        return urlencode({**{k: v for k, v in form.kept.items() if v}, **more})

    def paper(self, form: Any, report: Report) -> dict[str, Any]:
        return {**super().paper(form, report), "period": ""}


class RowsForm(ForecastForm):
    """One number of the forecast."""

    options = {"what": "live", "horizon": "90"}

    what = forms.ChoiceField(choices=list(TITLES.items()), required=False)
    stage = KeyField(queryset=Stage.objects.all(), required=False)
    unit = KeyField(queryset=Department.objects.all(), required=False)
    lack = forms.ChoiceField(choices=[(name, name) for name in BY], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source" in self.fields:  # a deal may bear one that is not in the list of sources
            self.fields["source"] = forms.CharField(max_length=120, required=False)

    @cached_property
    def moment(self) -> Any:
        """The moment of the report."""
        return moment_of(self.asked)

    def rows(self) -> Any:
        """The deals. Raises Http404 for a number that is not there."""
        values = self.valid
        if {"what", "stage", "unit", "lack", "horizon"} & set(self.errors):
            raise Http404
        rows = behind(self.asked, self.asked.options["what"], rates_of(self.asked))
        for name in ("stage", "department"):
            if found := values.get(DIMENSIONS[name].own):
                rows = rows.filter(**{column_of(name): found.pk})
        return lacking(rows, values["lack"]) if values.get("lack") else rows


class ForecastRows(SumsPage, TemplateView):
    """Exactly the deals a number of the forecast counts, each with its chance."""

    policy = right("view_reports")
    template_name = "reports/forecast_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = RowsForm(self.request.GET, user=self.request.user)
        rows = form.rows().for_cards().order_by("-weighed", "-amount_base", "-pk")
        page = Paginator(rows, ROWS).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        lines = shown_rows(list(page.object_list), self.request.user)
        stages = Stage.objects.in_bulk({line["row"].place for line in lines})
        for line in lines:
            row = line["row"]
            line["stage"] = stages[row.place].name
            line["days"] = (form.moment - row.created_at).days
            line["chance"] = percent(row.chance * 100, 1)
        asked = form.asked
        return super().get_context_data(
            title=TITLES[asked.options["what"]],
            horizon=asked.options["horizon"],
            moment=timezone.localdate(form.moment) if not asked.as_of else asked.as_of,
            page_obj=page,
            count=page.paginator.count,
            rows=lines,
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )
