"""Writing companies, people and the ways to reach them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from contacts.models import Company, Contact, Email, Employment, Phone
from contacts.phones import ParsedPhone, normalise

LONGEST_LIST = 20


def _holder(record: Any) -> dict[str, Any]:
    return {record.record_type: record}


@transaction.atomic
def set_phones(record: Any, numbers: Iterable[str]) -> None:
    """Make the record's phones these, in this order; a number that stays keeps its kind.

    Two spellings of one number with one extension are one phone.
    """
    old = {(row.e164, row.extension): row for row in record.phones.select_for_update()}
    kept: list[Phone] = []
    new: list[Phone] = []
    for position, (text, parsed) in enumerate(_each_once(numbers)):
        phone = old.pop((parsed.e164, parsed.extension), None) or Phone(**_holder(record))
        phone.number, phone.e164 = text[:60], parsed.e164
        phone.extension, phone.position = parsed.extension, position
        phone.reversed_digits = parsed.reversed_digits
        (kept if phone.pk else new).append(phone)
    Phone.objects.filter(pk__in=[phone.pk for phone in old.values()]).delete()
    fields = ["number", "position", "reversed_digits"]
    Phone.objects.bulk_update(kept, fields)
    Phone.objects.bulk_create(new)


def _each_once(numbers: Iterable[str]) -> list[tuple[str, ParsedPhone]]:
    """At most twenty different numbers, each with its first spelling; texts without digits go."""
    found: dict[tuple[str, str], tuple[str, ParsedPhone]] = {}
    for text in numbers:
        parsed = normalise(text)
        if parsed.e164:
            found.setdefault((parsed.e164, parsed.extension), (text, parsed))
    return list(found.values())[:LONGEST_LIST]


@transaction.atomic
def set_emails(record: Any, addresses: Iterable[str]) -> None:
    """Make the record's e-mails these, in this order, in lower case."""
    wanted = list(dict.fromkeys(address.strip().lower() for address in addresses))[:LONGEST_LIST]
    record.emails.exclude(address__in=wanted).delete()
    present = {email.address: email for email in record.emails.all()}
    for position, address in enumerate(wanted):
        email = present.get(address) or Email(**_holder(record), address=address)
        email.position = position
        email.save()


@transaction.atomic
def save_company(
    *, company: Company, by: User, now: datetime, phones: list[str], emails: list[str]
) -> Company:
    """Store a new or changed company with its phones and e-mails."""
    _store(company, by, now)
    set_phones(company, phones)
    set_emails(company, emails)
    return company


@transaction.atomic
def save_contact(
    *,
    contact: Contact,
    by: User,
    now: datetime,
    phones: list[str],
    emails: list[str],
    company: Company | None,
    left: Iterable[Company] = (),
) -> Contact:
    """Store a new or changed person who works in the company too, and in `left` no longer."""
    _store(contact, by, now)
    set_phones(contact, phones)
    set_emails(contact, emails)
    contact.employments.filter(company__in=list(left)).delete()
    if company is not None:
        Employment.objects.get_or_create(contact=contact, company=company)
    return contact


def _store(record: Any, by: User, now: datetime) -> None:
    if record.pk:
        record.version += 1
    else:
        record.created_at, record.created_by = now, by
    record.save()
