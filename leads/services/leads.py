"""New leads, assignment, refusal."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.services import set_emails, set_phones
from leads.models import Lead, LeadStatus
from leads.services.errors import LeadRuleError
from records.events import publish


@transaction.atomic
def save_lead(
    *, lead: Lead, by: User | None, now: datetime, phones: list[str], emails: list[str]
) -> Lead:
    """Store a new or changed lead with its phones and e-mails.

    A new lead without owner is announced for distribution. Raises LeadRuleError for a converted
    one: it is frozen.
    """
    is_new = lead.pk is None
    if is_new:
        lead.created_at, lead.created_by = now, by
        lead.assigned_at = now if lead.owner_id else None
    else:
        if lead.status == LeadStatus.CONVERTED:
            raise LeadRuleError(_("A converted lead is frozen."))
        lead.version += 1
    lead.save()
    set_phones(lead, phones)
    set_emails(lead, emails)
    if is_new and lead.owner_id is None:
        publish("lead.waiting", lead_id=lead.pk)
    elif is_new:
        publish("lead.assigned", lead_id=lead.pk, user_id=lead.owner_id, by_id=_key(by), now=now)
    return lead


def _key(person: User | None) -> int | None:
    return person.pk if person else None


def _locked(lead_id: int) -> Lead:
    return Lead.objects.select_for_update(of=("self",)).get(pk=lead_id, deleted_at__isnull=True)


def _write(lead: Lead, **values: object) -> Lead:
    for name, value in values.items():
        setattr(lead, name, value)
    lead.version += 1
    lead.save(update_fields=[*values, "version", "updated_at"])
    return lead


@transaction.atomic
def assign_lead(*, lead_id: int, owner: User | None, by: User, now: datetime) -> Lead:
    """Give an open lead to a person, or to nobody: then the rules decide again.

    Open planned activities of the former owner go along. Raises LeadRuleError.
    """
    lead = _locked(lead_id)
    if not lead.is_open:
        raise LeadRuleError(_("Only an open lead can be given to somebody."))
    if owner is not None and not owner.is_active:
        raise LeadRuleError(_("This person is not active."))
    former = lead.owner_id
    _write(lead, owner=owner, assigned_at=now if owner else None)
    if owner is None:
        publish("lead.waiting", lead_id=lead.pk)
    elif owner.pk != former:
        lead.activities.filter(done_at__isnull=True, owner=former).update(
            owner=owner, version=F("version") + 1
        )
        publish("lead.assigned", lead_id=lead.pk, user_id=owner.pk, by_id=by.pk, now=now)
    return lead


@transaction.atomic
def take_in_work(*, lead_id: int, by: User, now: datetime) -> Lead:
    """A new lead becomes one in work, the person's own when it had no owner."""
    lead = _locked(lead_id)
    if lead.status != LeadStatus.NEW:
        return lead
    if lead.owner_id is None:
        _write(lead, owner=by, assigned_at=now)
    return _write(lead, status=LeadStatus.WORKING)


@transaction.atomic
def reject_lead(*, lead_id: int, by: User, now: datetime, reason: str) -> Lead:
    """Close an open lead without a deal; the reason is obligatory. Raises LeadRuleError."""
    lead = _locked(lead_id)
    if not lead.is_open:
        raise LeadRuleError(_("This lead is closed already."))
    if not reason.strip():
        raise LeadRuleError(_("Say why the lead is rejected."))
    return _write(
        lead, status=LeadStatus.REJECTED, closed_at=now, reject_reason=reason.strip()[:300]
    )
