"""The list of deals, the panel of a client's deals, the form of filters."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.forms import offer_people
from accounts.models import Department
from catalog.services import base_code
from deals.columns import DEAL_COLUMNS
from deals.filters import DealFilter
from deals.models import Deal, Pipeline, Stage
from deals.narrowing import Narrowing
from deals.totals import total_of
from records.listing import TableExport, TableList
from records.policy import record
from records.views import Door

PANEL_ROWS = 20


class DealList(TableList):
    """Every deal the person may see, narrowed by the address."""

    policy = record("deal")
    model = Deal
    title = _("Deals")
    list_name = "deals:list"
    export_name = "deals:export"
    head_template = "deals/list_head.html"
    foot_template = "deals/list_foot.html"
    empty_icon = "briefcase"
    empty_title = _("No deals yet")
    empty_text = _("A deal is a sale you lead from the first talk to the payment.")
    columns = DEAL_COLUMNS
    bulk_rights = {"assign": "assign", "stage": "change", "delete": "delete"}
    filterset_class = DealFilter
    sorts = {
        "new": ("-created_at", "-id"),
        "amount": ("-amount_base", "-id"),
        "amount_up": ("amount_base", "id"),
        "changed": ("-updated_at", "-id"),
        "changed_up": ("updated_at", "id"),
        "stage_days": ("stage_entered_at", "id"),
        "stage_days_up": ("-stage_entered_at", "-id"),
    }

    def decorate(self, rows: QuerySet) -> QuerySet:
        return rows.for_cards()

    def totals(self, rows: QuerySet) -> Any:
        """Count, sum and weighted sum over the whole filter, in one query."""
        if self.request.htmx and self.request.GET.get("after"):
            return None
        self.stages = Stage.objects.in_bulk()
        return total_of(rows.summed(), self.stages)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values = getattr(self.filter.form, "cleaned_data", {})
        pipeline = values.get("pipeline")
        return super().get_context_data(
            narrowing=Narrowing(self.request, self.filter, pipeline),
            pipelines=Pipeline.objects.filter(is_active=True),
            pipeline=pipeline,
            base=base_code(),
            **kwargs,
        )


class DealExport(TableExport, DealList):
    """The filtered deals as a file."""

    policy = record("deal", "export")


class FilterPage(Door, TemplateView):
    """The form of all filters, as a dialog or a page; it goes to list, board or forecast."""

    policy = record("deal")
    deed = ""
    template_name = "records/filter.html"

    def get_template_names(self) -> list[str]:
        part = "#form" if self.request.htmx else ""
        return [f"{self.template_name}{part}"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        rows = Deal.objects.visible_to(user)
        found = DealFilter(self.request.GET, queryset=rows, request=self.request)
        form = found.form
        offer_people(form.fields["owner"], user, "deal")
        form.fields["department"].queryset = Department.objects.filter(is_active=True)
        asked = self.request.GET.get("to")
        name = asked if asked in ("board", "forecast") else "list"
        action = reverse(f"deals:{name}")
        return super().get_context_data(form=form, action=action, reset_url=action, **kwargs)


class DealPanel(Door):
    """Deals of one client, open ones first: a fragment for the client's card."""

    policy = record("deal")
    deed = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Deal.objects.visible_to(request.user)
        found = DealFilter(request.GET, queryset=rows, request=request)
        found.form.is_valid()
        values = found.form.cleaned_data
        client = {name: values[name] for name in ("company", "contact") if values.get(name)}
        found_rows = rows.filter(**client) if client else rows.none()
        deals = list(
            found_rows.for_cards().order_by("-status", "-created_at", "-id")[: PANEL_ROWS + 1]
        )
        return TemplateResponse(
            request,
            "deals/panel.html",
            {
                "deals": deals[:PANEL_ROWS],
                "has_more": len(deals) > PANEL_ROWS,
                "client": client,
                "can_create": bool(request.user.grant("deal", "create")),
            },
        )
