"""The list, the card, creating and editing leads."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from activities.querysets import next_step_subqueries
from leads.columns import LEAD_COLUMNS
from leads.distribution import REASONS
from leads.filters import LeadFilter
from leads.forms import LeadForm
from leads.models import Decision, Lead, LeadStatus
from leads.scoring.words import told_score
from leads.services import LeadRuleError, matching_contacts, save_lead
from records.changes import readable_changes
from records.listing import TableExport, TableList
from records.policy import record
from records.views import RecordCreate, RecordDelete, RecordDetail, RecordUpdate


class LeadList(TableList):
    """Leads, newest first."""

    policy = record("lead")
    model = Lead
    title = _("Leads")
    list_name = "leads:list"
    export_name = "leads:export"
    head_template = "leads/list_head.html"
    empty_icon = "target-arrow"
    empty_title = _("No leads here")
    empty_text = _(
        "A lead is somebody who reacted: a site form, a call, a letter, a visiting card."
    )
    columns = LEAD_COLUMNS
    presets = (
        (_("All"), ""),
        (_("Mine"), "whose=me"),
        (pgettext_lazy("leads", "New"), "status=new"),
        (_("In work"), "status=working"),
        (_("Without owner"), "whose=nobody"),
    )
    filterset_class = LeadFilter
    sorts = {
        "new": ("-created_at", "-id"),
        "new_up": ("created_at", "id"),
        "chance": ("-chance", "-created_at", "-id"),
        "chance_up": ("chance", "created_at", "id"),
    }

    def decorate(self, rows: QuerySet) -> QuerySet:
        related = self.read_by_columns("phones", "emails")
        found = rows.select_related("owner", "source").prefetch_related(*related)
        return found.annotate(**next_step_subqueries("lead"))


class LeadExport(TableExport, LeadList):
    """The filtered leads as a file."""

    policy = record("lead", "export")


class LeadDetail(RecordDetail):
    """The card of a lead with the reason why it is whose it is."""

    policy = record("lead")
    model = Lead
    template_name = "leads/lead_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead, user = self.object, self.request.user
        phones = list(lead.phones.all())
        decisions = explained(lead.decisions.order_by("-sequence")[:3])
        seen = came_of(lead, user) if lead.status == LeadStatus.CONVERTED else []
        return super().get_context_data(
            phones=phones,
            emails=list(lead.emails.all()),
            decisions=decisions,
            by_hand=bool(decisions) and decisions[0]["decision"].user_id != lead.owner_id,
            changes=readable_changes(lead, user, limit=10),
            came=seen,
            score=told_score(lead, user),
            reads_reports=user.has_right("view_reports") and user.fields("deal").sees("amount"),
            matches=matching_contacts(lead, user) if lead.is_open else [],
            can_assign=lead.is_open
            and Lead.objects.permitted(user, "assign").filter(pk=lead.pk).exists(),
            **kwargs,
        )


def came_of(lead: Lead, user: User) -> list[tuple[str, Any]]:
    """(icon, record) of the deal, contact and company made, as far as the person may see them."""
    found = []
    for name, icon in (("deal", "briefcase"), ("contact", "user"), ("company", "building")):
        rows = Lead._meta.get_field(name).related_model._default_manager.visible_to(user)
        row = rows.filter(pk=getattr(lead, f"{name}_id")).first()
        found += [(icon, row)] if row else []
    return found


def explained(decisions: QuerySet[Decision]) -> list[dict[str, Any]]:
    """Decisions with names and words instead of keys and codes."""
    rows = list(decisions.select_related("user", "rule"))
    keys = {line["user"] for row in rows for line in row.explanation}
    people = User.objects.in_bulk(list(keys))
    return [
        {
            "decision": row,
            "lines": [
                {
                    "person": people.get(line["user"]),
                    "given": line["given"],
                    "reason": REASONS.get(line["result"], line["result"]),
                }
                for line in row.explanation
            ],
        }
        for row in rows
    ]


class LeadCreate(RecordCreate):
    """A new lead; without an owner the rules give it out."""

    policy = record("lead", "create")
    model = Lead
    form_class = LeadForm
    template_name = "contacts/client_form.html"
    title = _("New lead")
    submit_label = _("Create lead")

    def save(self, form: LeadForm) -> Lead:
        return _save(form, self.request.user)


class LeadUpdate(RecordUpdate):
    """A changed lead."""

    policy = record("lead", "change")
    model = Lead
    form_class = LeadForm
    template_name = "contacts/client_form.html"
    title = _("Edit lead")

    def save(self, form: LeadForm) -> Lead:
        return _save(form, self.request.user)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except LeadRuleError as error:
            form = self.get_form()
            form.is_valid()
            form.add_error(None, str(error))
            return self.form_invalid(form)


def _save(form: LeadForm, user: User) -> Lead:
    data = form.cleaned_data
    return save_lead(
        lead=form.save(commit=False),
        by=user,
        now=timezone.now(),
        phones=data["phones"],
        emails=data["emails"],
    )


class LeadDelete(RecordDelete):
    """Into the trash."""

    policy = record("lead", "delete")
    model = Lead
    success_url = reverse_lazy("leads:list")

    def delete_record(self, record: Lead) -> None:
        if record.status == LeadStatus.CONVERTED:
            raise PermissionDenied(_("A converted lead is frozen."))
        super().delete_record(record)
