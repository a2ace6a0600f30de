"""Phones, e-mails and jobs that come with a person or a company."""

import re
from collections import defaultdict
from typing import Any

import phonenumbers
from django.db import models

from contacts.models import Contact, Email, Employment, Phone
from contacts.phones import normalise
from crm.importing.context import Context, PieceFields
from crm.importing.drafts import Draft

SEPARATORS = re.compile(r"[;,\n|]")


def split_texts(text: str) -> list[str]:
    """Several numbers or addresses in one cell."""
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]


def phone_values(text: str, region: str = "") -> dict[str, str]:
    """The columns of one number; a region says what numbers without a country code mean."""
    parsed = normalise(_international(text, region))
    return {
        "number": text[:60],
        "e164": parsed.e164[:20],
        "extension": parsed.extension,
        "reversed_digits": parsed.reversed_digits[:40],
    }


def _international(text: str, region: str) -> str:
    """The number with its country code where the region makes it a valid one."""
    if not region:
        return text
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if number.extension or not phonenumbers.is_valid_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class ChannelPieces:
    """Phones and e-mails: those of the file replace those of the record."""

    fields: PieceFields = {"phones": None, "emails": None}

    def __init__(self, context: Context) -> None:
        self.region = context.mapping.region

    def save(self, drafts: list[Draft]) -> set[int]:
        """Replace where the ordered list differs."""
        return self._save(drafts, "phones", Phone, self._phones) | self._save(
            drafts, "emails", Email, self._emails
        )

    def _phones(self, text: str) -> list[dict[str, Any]]:
        return [phone_values(part, self.region) for part in split_texts(text)]

    def _emails(self, text: str) -> list[dict[str, Any]]:
        return [{"address": part.lower()[:254]} for part in split_texts(text)]

    def _save(self, drafts: list[Draft], name: str, model: type[models.Model], read: Any) -> set:
        mapped = [draft for draft in drafts if name in draft.pieces]
        if not mapped:
            return set()
        holder = mapped[0].record._meta.model_name
        stored = _stored(model, holder, [draft.record.pk for draft in mapped])
        changed, fresh = set(), []
        for draft in mapped:
            wanted = read(draft.pieces[name])
            if wanted == [dict(row) for row in stored[draft.record.pk]]:
                continue
            changed.add(draft.row)
            model.objects.filter(**{f"{holder}_id": draft.record.pk}).delete()
            fresh += [
                model(**{f"{holder}_id": draft.record.pk, "position": at, **values})
                for at, values in enumerate(wanted)
            ]
        model.objects.bulk_create(fresh)
        return changed


def _stored(model: type[models.Model], holder: str, keys: list[int]) -> dict[int, list]:
    columns = ["address"] if model is Email else ["number", "e164", "extension", "reversed_digits"]
    found: dict[int, list] = defaultdict(list)
    rows = model.objects.filter(**{f"{holder}__in": keys}).order_by("position", "pk")
    for row in rows.values(f"{holder}_id", *columns):
        found[row.pop(f"{holder}_id")].append(row)
    return found


class EmploymentPieces:
    """The company a contact works in; others stay."""

    fields: PieceFields = {
        "company": Employment._meta.get_field("company"),
        "company_role": Employment._meta.get_field("role"),
    }

    def __init__(self, context: Context) -> None:
        self.context = context

    def save(self, drafts: list[Draft]) -> set[int]:
        """Add the job or change the role in it."""
        mapped = [draft for draft in drafts if draft.pieces.get("company")]
        people = [draft.record.pk for draft in mapped]
        stored = {
            (row.contact_id, row.company_id): row
            for row in Employment.objects.filter(contact__in=people)
        }
        changed, fresh = set(), []
        for draft in mapped:
            role = draft.pieces.get("company_role", "")
            row = stored.get((draft.record.pk, draft.pieces["company"]))
            if row is None:
                fresh.append(_job(draft.record, draft.pieces["company"], role))
            elif row.role != role and "company_role" in draft.pieces:
                Employment.objects.filter(pk=row.pk).update(role=role)
            else:
                continue
            changed.add(draft.row)
        Employment.objects.bulk_create(fresh)
        return changed


def _job(contact: Contact, company_id: int, role: str) -> Employment:
    return Employment(contact=contact, company_id=company_id, role=role)
