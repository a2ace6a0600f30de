"""What one does with a deal: move, win, lose, reopen, give to somebody, delete, its lines."""

import json
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from catalog.services import base_code
from deals import services
from deals.board import figures
from deals.forms import LINES, AssignForm, LoseForm, MoveForm, VersionForm
from deals.models import Deal, Stage
from deals.standing import standing
from deals.views.board import board_address, narrowed
from deals.views.refusing import say_why
from records.access import find_record, require_field
from records.policy import record
from records.views import Door, Fragments, RecordDelete, go_to


class DealAct(Fragments, Door, FormView):
    """A small form about one deal, as a dialog or a page; refused rules answer 422.

    `act` calls the service. After it: back to the page in `next`, else to the card.
    """

    policy = record("deal", "change")
    action = "change"
    template_name = "deals/act.html"
    fragment = "form"
    title: Any = ""
    submit_label: Any = _("Save")
    said: Any = ""

    @cached_property
    def deal(self) -> Deal:
        return find_record(Deal, self.request.user, self.kwargs["pk"], self.action)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "deal": self.deal}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.act(form.cleaned_data)
        except services.StaleVersionError as error:
            self._freshen(form)
            form.add_error(None, error.message)
            return self.form_invalid(form)
        except services.DealRuleError as error:
            say_why(form, error)
            return self.form_invalid(form)
        return self.done()

    def _freshen(self, form: Any) -> None:
        """The refused form carries the present version: sending it again is an informed choice."""
        del self.deal
        form.data = form.data.copy()
        form.data["version"] = self.deal.version

    def act(self, given: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def done(self) -> HttpResponse:
        if self.said:
            messages.success(self.request, str(self.said))
        return go_to(self.request, self.back_url())

    def back_url(self) -> str:
        """The page it was opened from when that is ours, else the card."""
        target = self.request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
            return target
        return self.deal.get_absolute_url()

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            deal=self.deal,
            title=self.title,
            submit_label=self.submit_label,
            cancel_url=self.back_url(),
            **kwargs,
        )

    def who_and_when(self) -> dict[str, Any]:
        return {"deal_id": self.deal.pk, "by": self.request.user, "now": timezone.now()}


class DealMove(DealAct):
    """To another stage; the board posts here too and gets no page back."""

    form_class = MoveForm
    title = _("Move to a stage")
    submit_label = _("Move")

    def act(self, given: dict[str, Any]) -> None:
        services.move_deal(
            stage_id=given["stage"].pk, version=given["version"], **self.who_and_when()
        )

    def done(self) -> HttpResponse:
        if self.request.htmx and self.request.htmx.target == "board":
            return self._board_answer()
        return super().done()

    def _board_answer(self) -> HttpResponse:
        """The card and the heads of the columns, each with its id, to be put in place."""
        now = timezone.now()
        deal = Deal.objects.visible_to(self.request.user).for_cards().get(pk=self.deal.pk)
        found = narrowed(self.request)
        stages = Stage.objects.filter(pipeline=deal.pipeline_id, is_active=True)
        context = {
            "card": standing(deal, now),
            "columns": figures(found.qs, list(stages), now),
            "base": base_code(),
            "back": quote(board_address(self.request), safe=""),
        }
        response = TemplateResponse(self.request, "deals/moved.html", context)
        response.headers["X-Version"] = str(deal.version)
        response.headers["HX-Trigger"] = json.dumps({"deal:changed": {"deal": deal.pk}})
        return response


class DealWin(DealAct):
    """Close as won; a button posts here, a link shows the question."""

    form_class = VersionForm
    title = _("Close the deal as won?")
    submit_label = _("Won")
    said = _("The deal is won.")

    def act(self, given: dict[str, Any]) -> None:
        services.win_deal(version=given["version"], **self.who_and_when())


class DealLose(DealAct):
    """Close as lost, with the reason."""

    form_class = LoseForm
    title = _("Why is the deal lost?")
    submit_label = _("Lost")
    said = _("The deal is lost.")

    def act(self, given: dict[str, Any]) -> None:
        services.lose_deal(
            reason=given["reason"],
            competitor=given.get("competitor"),
            comment=given["comment"],
            version=given["version"],
            **self.who_and_when(),
        )


class DealReopen(DealAct):
    """Back to work after a loss."""

    form_class = VersionForm
    title = _("Reopen the deal?")
    submit_label = _("Reopen")

    def act(self, given: dict[str, Any]) -> None:
        services.reopen_deal(version=given["version"], **self.who_and_when())


class DealAssign(DealAct):
    """To another person, with the open activities."""

    policy = record("deal", "assign")
    action = "assign"
    form_class = AssignForm
    title = _("Give the deal to")
    submit_label = _("Give")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def act(self, given: dict[str, Any]) -> None:
        services.reassign_deal(
            owner=given["owner"], version=given["version"], **self.who_and_when()
        )

    def back_url(self) -> str:
        """The card, unless the person does not see it any more."""
        seen = Deal.objects.visible_to(self.request.user).filter(pk=self.deal.pk).exists()
        return super().back_url() if seen else str(reverse_lazy("deals:list"))


class DealDelete(RecordDelete):
    """Into the trash."""

    policy = record("deal", "delete")
    model = Deal
    success_url = reverse_lazy("deals:board")

    def delete_record(self, record: Deal) -> None:
        services.delete_deal(deal_id=record.pk, by=self.request.user, now=timezone.now())


class DealLines(Door):
    """The editor of product lines; saving makes their sum the amount."""

    policy = record("deal", "change")
    template_name = "deals/lines.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        require_field(request.user, "deal", "amount")
        deal = find_record(Deal, request.user, pk, "change")
        return self._page(deal, self._formset(deal), deal.version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require_field(request.user, "deal", "amount")
        deal = find_record(Deal, request.user, pk, "change")
        formset = self._formset(deal, request.POST)
        version = request.POST.get("version", "")
        if not formset.is_valid() or not version.isdecimal() or len(version) > 9:
            return self._page(deal, formset, version, status=422)
        try:
            services.save_lines(
                deal_id=deal.pk,
                lines=formset.lines(),
                by=request.user,
                now=timezone.now(),
                version=int(version),
            )
        except services.StaleVersionError as error:
            deal.refresh_from_db()
            return self._page(deal, formset, deal.version, str(error), status=409)
        except services.DealRuleError as error:
            return self._page(deal, formset, version, str(error), status=422)
        return go_to(request, deal.get_absolute_url())

    def _formset(self, deal: Deal, data: Any = None) -> Any:
        names = ("pk", "product", "name", "quantity", "price", "discount", "vat")
        initial = [{name: row[name] for name in names} for row in deal.lines.values(*names)]
        return LINES(data, initial=initial, prefix="lines", form_kwargs={"user": self.request.user})

    def _page(
        self, deal: Deal, formset: Any, version: Any, error: str = "", status: int = 200
    ) -> HttpResponse:
        part = "#form" if self.request.htmx else ""
        context = {"deal": deal, "formset": formset, "version": version, "error": error}
        return TemplateResponse(self.request, f"{self.template_name}{part}", context, status=status)
