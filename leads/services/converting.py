"""A lead becomes contact, company and deal in one transaction, once."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.services import MoneyError
from contacts.models import Company, Contact
from contacts.services import save_company, save_contact, set_emails, set_phones
from deals.models import Deal, Pipeline
from deals.services import DealRuleError, StageNeedsFields, create_deal
from leads.models import Lead, LeadStatus
from leads.services.errors import LeadRuleError


@dataclass(frozen=True, slots=True)
class Conversion:
    """What to make of the lead; a given contact or company is used, otherwise one is made.

    `company` and `company_name` empty means no company; without `pipeline` no deal is made.
    """

    contact: Contact | None = None
    company: Company | None = None
    company_name: str = ""
    pipeline: Pipeline | None = None
    title: str = ""
    amount: Decimal = Decimal(0)
    expected_close_date: date | None = None
    description: str = ""


@transaction.atomic
def convert_lead(*, lead_id: int, by: User, now: datetime, wish: Conversion) -> Lead:
    """Convert and freeze the lead; a second call returns the first result unchanged.

    Phones, e-mails and activities go along. Raises LeadRuleError for a rejected lead, a chosen
    record that is gone, or a deal that its pipeline, the demands of its stage or the lack of a
    rate forbid.
    """
    lead = Lead.objects.select_for_update(of=("self",)).get(pk=lead_id, deleted_at__isnull=True)
    if lead.status == LeadStatus.CONVERTED:
        return lead
    if not lead.is_open:
        raise LeadRuleError(_("A rejected lead cannot be converted."))
    _still_here(wish)
    owner = lead.owner or by
    company = _company(lead, by, now, wish, owner)
    contact = _contact(lead, by, now, wish, owner, company)
    deal = _deal(lead, by, now, wish, owner, company, contact)
    lead.contact, lead.company, lead.deal = contact, company, deal
    lead.owner, lead.status, lead.closed_at = owner, LeadStatus.CONVERTED, now
    lead.version += 1
    lead.save(
        update_fields=[
            "contact",
            "company",
            "deal",
            "owner",
            "status",
            "closed_at",
            "version",
            "updated_at",
        ]
    )
    _carry_activities(lead)
    return lead


def _carry_activities(lead: Lead) -> None:
    """The history stays with the lead and shows on what came of it; other links are kept."""
    came = {"contact": lead.contact, "company": lead.company, "deal": lead.deal}
    links = {name: record for name, record in came.items() if record is not None}
    lead.activities.update(**links, version=F("version") + 1)


def _still_here(wish: Conversion) -> None:
    """The records chosen are locked; one deleted since the page was opened is refused."""
    chosen: list[Contact | Company] = [row for row in (wish.contact, wish.company) if row]
    for row in chosen:
        rows = type(row).objects.alive().select_for_update(of=("self",))
        if not rows.filter(pk=row.pk).exists():
            raise LeadRuleError(_("“%(name)s” was deleted meanwhile.") % {"name": row})


def _company(lead: Lead, by: User, now: datetime, wish: Conversion, owner: User) -> Company | None:
    if wish.company is not None or not wish.company_name.strip():
        return wish.company
    made = Company(name=wish.company_name.strip()[:200], city=lead.city, owner=owner)
    return save_company(company=made, by=by, now=now, phones=[], emails=[])


def _contact(
    lead: Lead, by: User, now: datetime, wish: Conversion, owner: User, company: Company | None
) -> Contact:
    """The person of the lead; an existing one gains the numbers it did not have."""
    phones = [phone.number for phone in lead.phones.all()]
    emails = [email.address for email in lead.emails.all()]
    if wish.contact is not None:
        known = [phone.number for phone in wish.contact.phones.all()]
        set_phones(wish.contact, list(dict.fromkeys(known + phones)))
        set_emails(wish.contact, [e.address for e in wish.contact.emails.all()] + emails)
        if company is not None:
            wish.contact.employments.get_or_create(company=company)
        return wish.contact
    made = Contact(
        last_name=lead.last_name,
        first_name=(lead.first_name or _name_without_name(lead, phones + emails))[:120],
        patronymic=lead.patronymic,
        position=lead.position,
        city=lead.city,
        owner=owner,
    )
    return save_contact(contact=made, by=by, now=now, phones=phones, emails=emails, company=company)


def _name_without_name(lead: Lead, channels: list[str]) -> str:
    """A surname alone is enough; else the company, else the first number or address."""
    if lead.last_name:
        return ""
    return lead.company_name or (channels[0] if channels else str(lead))


def _deal(
    lead: Lead,
    by: User,
    now: datetime,
    wish: Conversion,
    owner: User,
    company: Company | None,
    contact: Contact,
) -> Deal | None:
    if wish.pipeline is None:
        return None
    try:
        return create_deal(
            by=by,
            now=now,
            title=wish.title.strip() or lead.title or str(lead),
            pipeline=wish.pipeline,
            amount=wish.amount,
            owner=owner,
            company=company,
            contact=contact,
            source=lead.source.name if lead.source else "",
            expected_close_date=wish.expected_close_date,
            description=wish.description,
        )
    except StageNeedsFields as error:
        raise LeadRuleError(str(error), dict.fromkeys(error.empty, error.wish)) from error
    except (DealRuleError, MoneyError) as error:
        raise LeadRuleError(str(error)) from error


def matching_contacts(lead: Lead, user: User) -> list[Contact]:
    """People the user may see who share a phone or an e-mail with the lead."""
    phones = [phone.e164 for phone in lead.phones.all() if phone.e164]
    emails = [email.address for email in lead.emails.all()]
    rows = Contact.objects.visible_to(user).reached_by(phones, emails)
    return list(rows.with_channels().prefetch_related("employments__company")[:5])


def matching_companies(lead: Lead, user: User, contacts: list[Contact]) -> list[Company]:
    """Companies the user may see: the same name or channels, or where the matches work."""
    phones = [phone.e164 for phone in lead.phones.all() if phone.e164]
    emails = [email.address for email in lead.emails.all()]
    seen = Company.objects.visible_to(user)
    keys = set(seen.reached_by(phones, emails).values_list("pk", flat=True)[:5])
    keys |= set(seen.same_as(lead.company_name, "").values_list("pk", flat=True)[:5])
    works = Q(pk__in=keys) | Q(contacts__in=[contact.pk for contact in contacts])
    return list(seen.filter(works).distinct()[:5])
