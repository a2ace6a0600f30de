"""The deals behind a number that the list of deals cannot ask for."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView

from accounts.models import Department
from catalog.services import base_code
from deals.filters import KeyField
from deals.models import Competitor, LossReason, Stage
from records.policy import right
from reports.cells import CLOSED, CREATED, DIRECT, DIRECT_WON, LOST, OPEN, WON, deals_of, lacking
from reports.dimensions import DIMENSIONS
from reports.forms import ReportForm
from reports.views.funnel import ROWS, shown_rows
from reports.views.pages import SumsPage

TITLES = {
    CREATED: _("Deals created"),
    WON: pgettext_lazy("deals", "Won deals"),
    LOST: pgettext_lazy("deals", "Lost deals"),
    CLOSED: _("Closed deals"),
    OPEN: _("Open deals"),
    DIRECT: _("Deals entered without a lead"),
    DIRECT_WON: _("Won deals entered without a lead"),
}
BACK = ("losses", "managers", "sources", "velocity")


class CellForm(ReportForm):
    """The filter of a report and the values of the dimensions of one number.

    The source is any text: deals may name one that is not in the list of sources.
    """

    options = {"what": LOST, "report": "losses"}

    source = forms.CharField(max_length=120, required=False)
    what = forms.ChoiceField(choices=list(TITLES.items()), required=False)
    report = forms.ChoiceField(choices=[(name, name) for name in BACK], required=False)
    competitor = KeyField(queryset=Competitor.objects.all(), required=False)
    reason = KeyField(queryset=LossReason.objects.all(), required=False)
    stage = KeyField(queryset=Stage.objects.all(), required=False)
    unit = KeyField(queryset=Department.objects.all(), required=False)
    lack = forms.CharField(max_length=60, required=False)

    def clean_lack(self) -> list[str]:
        """Names of dimensions the deals have no value of."""
        names = [name for name in self.cleaned_data["lack"].split(",") if name]
        if set(names) - set(DIMENSIONS):
            raise forms.ValidationError(_("There is no such number."))
        return names

    def rows(self) -> Any:
        """The deals. Raises Http404 for a number that is not there."""
        values = self.valid
        if {"what", "report", "reason", "competitor", "stage", "unit", "lack"} & set(self.errors):
            raise Http404
        rows = deals_of(self.asked, self.asked.options["what"])
        for name in ("reason", "competitor", "stage", "department"):
            dimension = DIMENSIONS[name]
            if found := values.get(dimension.own):
                rows = rows.filter(**{dimension.column: found.pk})
        for name in values["lack"]:
            rows = rows.filter(lacking(name))
        return rows


class DealRows(SumsPage, TemplateView):
    """Exactly the deals a report counts, with the rights of the viewer."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = CellForm(self.request.GET, user=self.request.user)
        rows = form.rows().for_cards().order_by("-created_at", "-pk")
        page = Paginator(rows, ROWS).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            lens=TITLES[form.asked.options["what"]],
            back=f"reports:{form.asked.options['report']}",
            period=form.span,
            page_obj=page,
            count=page.paginator.count,
            rows=shown_rows(list(page.object_list), self.request.user),
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )
