"""What is done to one lead: convert, reject, give to somebody, take into work."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals.models import Pipeline
from leads import services
from leads.forms import AssignForm, ConvertForm, RejectForm
from leads.models import Lead, LeadStatus
from leads.services import Conversion, LeadRuleError
from records.access import find_record
from records.policy import record
from records.views import Door, RecordFormView, go_to


class LeadAct(RecordFormView):
    """A form about one lead the person may change; a refusal of the rule stays on the form."""

    policy = record("lead", "change")
    action = "change"
    model = Lead

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kwargs = kwargs
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.lead = find_record(Lead, request.user, kwargs["pk"], self.action)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.lead = find_record(Lead, request.user, kwargs["pk"], self.action)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["user"]
        return kwargs

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            found = self.act(form)
        except LeadRuleError as error:
            here = {name: text for name, text in error.fields.items() if name in form.fields}
            for name, text in here.items():
                form.add_error(name, text)
            if not here or len(here) < len(error.fields):
                form.add_error(None, str(error))
            return self.form_invalid(form)
        return go_to(self.request, found.get_absolute_url())

    def act(self, form: Any) -> Any:
        """Call the service; returns the record to show."""
        raise NotImplementedError


class LeadConvert(LeadAct):
    """Contact, company and deal in one step; converting twice leads to the first result."""

    form_class = ConvertForm
    title = _("Convert the lead")
    submit_label = _("Convert")
    template_name = "leads/convert.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.request.user
        contacts = services.matching_contacts(self.lead, user)
        kinds = ("contact", "company", "deal")
        return {
            **super().get_form_kwargs(),
            "contacts": contacts,
            "companies": services.matching_companies(self.lead, user, contacts),
            "may": {kind: bool(user.grant(kind, "create")) for kind in kinds},
        }

    def get_initial(self) -> dict[str, Any]:
        return {
            "company_name": self.lead.company_name,
            "title": self.lead.title or str(self.lead),
            "amount": self.lead.amount,
            "pipeline": Pipeline.objects.filter(is_default=True, is_active=True).first(),
        }

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not form.is_bound:
            for name, fallback in (("contact", "new"), ("company", "new")):
                found = next(iter(form.matches[name]), fallback)
                no_name = name == "company" and found == "new" and not self.lead.company_name
                form.initial[name] = "none" if no_name else found
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lead = find_record(Lead, request.user, kwargs["pk"], "change")
        if lead.status == LeadStatus.CONVERTED:
            return go_to(request, result_of(lead))
        return super().post(request, *args, **kwargs)

    def act(self, form: ConvertForm) -> Any:
        data = form.cleaned_data
        wish = Conversion(
            contact=form.chosen("contact"),
            company=form.chosen("company"),
            company_name=data["company_name"] if data["company"] == "new" else "",
            pipeline=data.get("pipeline") if data.get("with_deal") else None,
            title=data.get("title", ""),
            amount=data.get("amount") or 0,
            expected_close_date=data.get("expected_close_date"),
            description=data.get("description", ""),
        )
        lead = services.convert_lead(
            lead_id=self.lead.pk, by=self.request.user, now=timezone.now(), wish=wish
        )
        return lead.deal or lead.contact


def result_of(lead: Lead) -> str:
    """Where a converted lead leads to."""
    return (lead.deal or lead.contact or lead).get_absolute_url()


class LeadReject(LeadAct):
    """Closed without a deal."""

    form_class = RejectForm
    title = _("Reject the lead")
    submit_label = _("Reject")

    def act(self, form: RejectForm) -> Lead:
        return services.reject_lead(
            lead_id=self.lead.pk,
            by=self.request.user,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )


class LeadAssign(LeadAct):
    """To a person within reach, or back to the rules."""

    policy = record("lead", "assign")
    action = "assign"
    form_class = AssignForm
    title = _("Give the lead to")
    submit_label = _("Give")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["owner"].narrow(self.request.user, self.lead)
        form.fields["owner"].initial = self.lead.owner_id
        return form

    def act(self, form: AssignForm) -> Lead:
        return services.assign_lead(
            lead_id=self.lead.pk,
            owner=form.cleaned_data["owner"],
            by=self.request.user,
            now=timezone.now(),
        )


class LeadTake(Door):
    """A new lead is taken into work by one press."""

    policy = record("lead", "change")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = find_record(Lead, request.user, pk, "change")
        services.take_in_work(lead_id=lead.pk, by=request.user, now=timezone.now())
        return go_to(request, lead.get_absolute_url())
