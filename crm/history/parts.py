"""Changes of what hangs on a record: phones, e-mails, companies of a person, lines of a deal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from contacts.models import Company, Email, Employment, Phone
from deals.models import DealLine
from records.formatting import number
from records.history import changes_of_parts

CHANNELS = (("phones", Phone, gettext_lazy("Phone")), ("emails", Email, gettext_lazy("E-mail")))
PARTS: dict[str, tuple[tuple[str, Any, Any], ...]] = {
    "lead": CHANNELS,
    "company": CHANNELS,
    "contact": (*CHANNELS, ("companies", Employment, gettext_lazy("Company"))),
    "deal": (("lines", DealLine, gettext_lazy("Line")),),
}


@dataclass(frozen=True, slots=True)
class PartChange:
    """One moment of one part: what it was and became; one of both is empty."""

    at: datetime
    who: str
    label: str
    before: str
    after: str


def changes_of_all_parts(record: Any, viewer: Any) -> list[PartChange]:
    """The newest changes of every part the viewer may see, newest first."""
    kind = record.record_type
    hidden = viewer.fields(kind).hidden
    rows = [
        (event, label)
        for name, model, label in PARTS.get(kind, ())
        if name not in hidden
        for event in changes_of_parts(model, f"{kind}_id", record)
    ]
    people = User.objects.in_bulk({pk for event, _label in rows if (pk := _by(event))})
    companies = _companies((event for event, _label in rows), viewer)
    told = [
        PartChange(event.pgh_created_at, str(people.get(_by(event), "")), str(label), *pair)
        for event, label in rows
        if len(set(pair := _pair(event, companies))) > 1
    ]
    return sorted(told, key=lambda change: change.at, reverse=True)


def _by(event: Any) -> int:
    """The person behind an event; 0 for none."""
    return (event.pgh_context.metadata.get("user") if event.pgh_context else 0) or 0


def _companies(events: Iterator[Any], viewer: Any) -> dict[int, Any]:
    keys = {event.company_id for event in events if hasattr(event, "role")}
    return Company.objects.visible_to(viewer).in_bulk(list(keys)) if keys else {}


def _pair(event: Any, companies: dict[int, Any]) -> tuple[str, str]:
    """Before and after in words; a new part has no before, a removed one no after."""
    now = _text(event, companies)
    if event.pgh_label == "insert":
        return "", now
    if event.pgh_label == "delete":
        return now, ""
    return (_text(event.older, companies) if event.older else ""), now


def _text(event: Any, companies: dict[int, Any]) -> str:
    if hasattr(event, "role"):
        company = companies.get(event.company_id) or _("company № %(n)s") % {"n": event.company_id}
        return f"{company}, {event.role}" if event.role else str(company)
    if hasattr(event, "quantity"):
        return f"{event.name}: {number(event.quantity)} × {number(event.price)}"
    return str(getattr(event, "number", "") or getattr(event, "address", ""))
