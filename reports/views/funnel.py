"""The page of the funnel and the rows behind its numbers."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from catalog.services import base_code
from contacts.models import Company, Contact
from deals.filters import KeyField
from deals.models import Pipeline
from records.policy import right
from reports.asking import Asked
from reports.forms import ReportForm, day_field
from reports.funnel.cells import reached_cell, snapshot_cell, strict_cell
from reports.funnel.flow import deals_of, visits
from reports.funnel.leads import lead_cell
from reports.funnel.report import funnel_report
from reports.funnel.words import LENSES
from reports.sheets import Report
from reports.views.pages import ReportPage, SumsPage

ROWS = 50
FIRST = {
    "reached": "entered",
    "strict": "entered",
    "flow": "entries",
    "snapshot": "open",
    "leads": "created",
}
"""The number of each lens that is opened when none is named."""


class FunnelForm(ReportForm):
    """The same of exactly one pipeline, the lens, and the day up to whose end events are read."""

    options = {"lens": "reached"}

    pipeline = KeyField(
        queryset=Pipeline.objects.all(), label=_("Pipeline"), required=False, empty_label=None
    )
    as_of = day_field(_("As of"))
    lens = forms.ChoiceField(choices=list(LENSES.items()), required=False, widget=forms.HiddenInput)

    @cached_property
    def asked(self) -> Asked:
        """The default pipeline, or the first one, unless another is chosen."""
        asked = super().asked
        ordered = Pipeline.objects.order_by("-is_default", "-is_active", "position", "pk")
        return asked.of(pipeline=asked.pipeline or ordered.first())

    @cached_property
    def kept(self) -> dict[str, Any]:
        pipeline = self.asked.pipeline
        return {**super().kept, **({"pipeline": pipeline.pk} if pipeline else {})}


class FunnelPage(ReportPage):
    """Where deals are lost, by four lenses and from the lead on."""

    name = "funnel"
    form_class = FunnelForm

    def report(self, asked: Asked, form: Any) -> Report | None:
        return funnel_report(asked) if asked.pipeline else None

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        found["tabs"] = lens_tabs(form, self, form.asked.options["lens"])
        return found


def lens_tabs(form: Any, page: ReportPage, chosen: str) -> list[tuple[Any, str, bool]]:
    """The lenses of the funnel and the comparison, with the same filter."""
    funnel = reverse("reports:funnel")
    tabs = [
        (label, f"{funnel}?{page.query(form, lens=name)}", name == chosen)
        for name, label in LENSES.items()
    ]
    address = f"{reverse('reports:compare')}?{page.query(form, lens='')}"
    return [*tabs, (_("Side by side"), address, not chosen)]


class FunnelRows(SumsPage, TemplateView):
    """The deals, visits or leads behind one number of the funnel, exactly as many."""

    policy = right("view_reports")
    template_name = "reports/funnel_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = FunnelForm(self.request.GET, user=self.request.user)
        asked = form.asked
        if asked.pipeline is None:
            raise Http404
        try:
            page, rows = self._page(asked)
        except LookupError as error:
            raise Http404 from error
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            lens=LENSES[asked.options["lens"]],
            definition_of=asked.options["lens"],
            back="reports:funnel",
            period=asked.period,
            as_of=asked.as_of,
            page_obj=page,
            count=page.paginator.count,
            rows=rows,
            query=query.urlencode(),
            base=base_code(),
            **kwargs,
        )

    def _page(self, asked: Asked) -> tuple[Any, list[Any]]:
        """A page of rows; raises LookupError for a number that is not there."""
        lens = asked.options["lens"]
        what = self.request.GET.get("what", "") or FIRST[lens]
        stage, reason = (_key(self.request.GET.get(name, "")) for name in ("stage", "reason"))
        if lens == "flow":
            return self._visits(asked, what, stage)
        if lens == "leads":
            found = lead_cell(asked, what).order_by("-created_at", "-pk")
            found = found.select_related("owner", "source")
        else:
            cells: dict[str, Any] = {"strict": strict_cell, "snapshot": snapshot_cell}
            deals = (
                cells[lens](asked, what, stage)
                if lens in cells
                else reached_cell(asked, what, stage, reason)
            )
            found = deals.for_cards().order_by("-created_at", "-pk")
        page = Paginator(found, ROWS).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        return page, shown_rows(rows, self.request.user)

    def _visits(self, asked: Asked, what: str, stage: int | None) -> tuple[Any, list[Any]]:
        """Visits, the same deal again where it came back."""
        first = visits(asked, what, stage, 1, 0)
        count = first[0]["whole"] if first else 0
        page = Paginator(range(count), ROWS).get_page(self.request.GET.get("page"))
        rows = visits(asked, what, stage, ROWS, (page.number - 1) * ROWS) if count else []
        deals = deals_of(rows, asked)
        shown = shown_rows([deals[row["id"]] for row in rows], self.request.user)
        for line, row in zip(shown, rows, strict=True):
            line["at"], line["left_at"] = row["at"], row["left_at"]
        return page, shown


def _key(text: str) -> int | None:
    """A key from the address, None without one; LookupError for anything else."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise LookupError(text)
    return int(text)


def shown_rows(rows: list[Any], user: Any) -> list[dict[str, Any]]:
    """Rows with the customer's name where the person may open the card."""
    seen = _names(rows, user)
    return [{"row": row, "customer": seen.get(row.pk, "")} for row in rows]


def _names(rows: list[Any], user: Any) -> dict[int, Any]:
    deals = [row for row in rows if row.record_type == "deal"]
    companies = {row.company_id for row in deals if row.company_id}
    people = {row.contact_id for row in deals if row.contact_id}
    known = Company.objects.visible_to(user).in_bulk(companies)
    known_people = Contact.objects.visible_to(user).in_bulk(people)
    return {
        row.pk: known.get(row.company_id) or known_people.get(row.contact_id) or "" for row in deals
    }
