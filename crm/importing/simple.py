"""Rules of the records that need few: owner, dates, currency."""

from django.utils.translation import gettext as _

from crm.importing.context import Context
from crm.importing.drafts import Draft
from crm.importing.money import base_currency_code
from leads.models import LeadStatus


def complete_owned(draft: Draft, context: Context) -> None:
    """A new record is created now unless the file says when; it is his who imports it."""
    actor = context.actor.pk if context.actor else None
    draft.initial |= {"created_by_id": actor, "owner_id": actor}
    if draft.values.get("created_at") is None:
        draft.values.pop("created_at", None)
        draft.initial["created_at"] = context.now


def complete_product(draft: Draft, context: Context) -> None:
    """A product without a currency is priced in the base one."""
    complete_owned(draft, context)
    if not draft.value("currency_id"):
        draft.initial["currency_id"] = base_currency_code()


def complete_lead(draft: Draft, context: Context) -> None:
    """A finished lead needs its date; an owned one was given out when it was created."""
    complete_owned(draft, context)
    finished = draft.value("status") in (LeadStatus.CONVERTED, LeadStatus.REJECTED)
    if finished and draft.value("closed_at") is None:
        draft.refuse("closed_at", _("A finished lead needs the date it was finished."))
    if not finished and draft.value("closed_at") is not None:
        draft.refuse("closed_at", _("An open lead has a finishing date."))
    if draft.value("owner_id") and "assigned_at" not in draft.values:
        draft.initial["assigned_at"] = draft.value("created_at")


def complete_activity(draft: Draft, context: Context) -> None:
    """The place on the timeline; an activity belongs to at least one record."""
    complete_owned(draft, context)
    holders = ("lead_id", "deal_id", "contact_id", "company_id")
    if not any(draft.value(name) for name in holders):
        draft.refuse("", _("The activity belongs to no lead, deal, contact or company."))
    done, due = draft.value("done_at"), draft.value("due_at")
    if not done and not due and draft.value("kind") != "note":
        draft.refuse("", _("The activity is neither due nor done."))
    draft.derived["happened_at"] = done or due or draft.value("created_at")
