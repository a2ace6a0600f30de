"""The forecast: open deals by the month they are expected to close in."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from catalog.services import base_code
from deals import services
from deals.expected import columns, figures, spans
from deals.forms import MonthForm
from deals.models import Deal
from deals.narrowing import Narrowing
from deals.standing import standing
from deals.totals import Total
from deals.views.acts import DealAct
from deals.views.board import BoardRows, narrowed
from records.access import require_field, require_shown
from records.policy import record
from records.views import Door, admit


class Forecast(BoardRows, Door, TemplateView):
    """A column for each month, twenty cards each; a card dragged to a month gets a day in it."""

    policy = record("deal")
    template_name = "deals/forecast.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        admit(request.user, self.policy)
        require_shown(request.user, "deal", "expected_close_date")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.found.form.is_valid()
        pipeline = self.found.form.cleaned_data.get("pipeline")
        made = columns(self.found.qs, timezone.localdate(), timezone.now())
        return super().get_context_data(
            columns=made,
            total=sum((column.total for column in made), Total()),
            narrowing=Narrowing(self.request, self.found, pipeline),
            pipelines=self.pipelines,
            pipeline=pipeline,
            base=base_code(),
            can_create=bool(self.request.user.grant("deal", "create")),
            **kwargs,
        )


class DealMonth(DealAct):
    """The month a deal is expected to close in; the forecast posts here too."""

    form_class = MonthForm
    title = _("Expected month of closing")
    submit_label = _("Save")

    def get_form_kwargs(self) -> dict[str, Any]:
        require_field(self.request.user, "deal", "expected_close_date")
        today = timezone.localdate()
        return {**super().get_form_kwargs(), "spans": [s for s in spans(today) if s.is_month]}

    def act(self, given: dict[str, Any]) -> None:
        before: date | None = self.deal.expected_close_date
        services.edit_deal(
            version=given["version"],
            expected_close_date=given["month"].day_for(before) if given["month"] else None,
            **self.who_and_when(),
        )

    def done(self) -> HttpResponse:
        if self.request.htmx and self.request.htmx.target == "board":
            return self._forecast_answer()
        return super().done()

    def _forecast_answer(self) -> HttpResponse:
        """The card and the heads of the columns, each with its id, to be put in place."""
        deal = Deal.objects.visible_to(self.request.user).for_cards().get(pk=self.deal.pk)
        made = figures(narrowed(self.request).qs, spans(timezone.localdate()))
        query = urlsplit(self.request.htmx.current_url or "").query
        back = reverse("deals:forecast") + (f"?{query}" if query else "")
        context = {
            "card": standing(deal, timezone.now()),
            "columns": made.values(),
            "base": base_code(),
            "back": quote(back, safe=""),
        }
        response = TemplateResponse(self.request, "deals/expected_moved.html", context)
        response.headers["X-Version"] = str(deal.version)
        response.headers["HX-Trigger"] = json.dumps({"deal:changed": {"deal": deal.pk}})
        return response
