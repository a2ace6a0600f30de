"""Who else has the same keys: shown when seen, only counted when not."""

import zlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from contacts.models import Company, Contact
from contacts.phones import normalise

SHOWN = 5
CLIENT_KEYS = 7301


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Matches the person may see, and whether others exist that he may not."""

    visible: list[Any] = field(default_factory=list)
    has_hidden: bool = False

    def __bool__(self) -> bool:
        return bool(self.visible) or self.has_hidden


def _split(matches: QuerySet, seen: QuerySet) -> Duplicates:
    visible = seen.filter(pk__in=matches.values("pk"))
    hidden = matches.exclude(pk__in=seen.values("pk"))
    return Duplicates(list(visible.order_by("-pk")[:SHOWN]), hidden.exists())


def wait_for_same_keys(phones: list[str], emails: list[str], *others: str) -> None:
    """Hold, to the end of the transaction, everybody else who saves one of these keys.

    Of two people who enter one client at the same moment the second then sees the first.
    """
    texts = {normalise(phone).e164 for phone in phones} | {*emails, *map(str.lower, others)}
    keys = sorted({zlib.crc32(text.encode()) for text in texts if text})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CLIENT_KEYS, key - 2**31])


def same_contacts(user: User, phones: list[str], emails: list[str]) -> Duplicates:
    """People with one of these phones or e-mails."""
    keys = [normalise(phone).e164 for phone in phones]
    matches = Contact.objects.alive().reached_by([key for key in keys if key], emails)
    return _split(matches, Contact.objects.visible_to(user).with_channels())


def same_companies(
    user: User, name: str, tax_id: str, phones: list[str], emails: list[str]
) -> Duplicates:
    """Companies with the same name, tax number, phone or e-mail."""
    keys = [key for key in (normalise(phone).e164 for phone in phones) if key]
    alive = Company.objects.alive()
    matches = alive.same_as(name, tax_id)
    if keys or emails:
        matches = matches | alive.reached_by(keys, emails)
    return _split(matches, Company.objects.visible_to(user).with_channels())
