"""The records an activity may stand on, resolved through the foreign keys: no upward import."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import Http404

from activities.models import Activity
from activities.querysets import PARENTS
from contacts.models import Phone
from records.access import find_record
from records.rights import Person

CLIENTS = ("company", "contact", "lead")


def parent_model(kind: str) -> type[models.Model]:
    """The model behind "deal", "lead", "contact" or "company"; Http404 for another word."""
    if kind not in PARENTS:
        raise Http404
    model: Any = Activity._meta.get_field(kind).related_model
    return model


def find_parent(kind: str, pk: int, user: Person) -> Any:
    """The record if the person may see it; Http404 otherwise."""
    return find_record(parent_model(kind), user, pk, "view")


def parse_parent(text: str, user: Person) -> Any:
    """The record named `deal:7`, or None for an empty text; Http404 when it may not be seen."""
    if not text:
        return None
    kind, _, number = text.partition(":")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Http404
    return find_parent(kind, int(number), user)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row may tell about its records: the deal, the client, a number to call."""

    deal: Any = None
    client: Any = None
    phone: str = ""


def attach_sights(rows: Iterable[Activity], user: Person) -> None:
    """Set `sight` on each row: one query per record type in use and one for the phones.

    A task may be one's own while its deal belongs to others: their records stay unnamed.
    """
    rows = list(rows)
    seen = _seen(rows, user)
    phones = _phones(seen)
    row: Any
    for row in rows:
        clients = [(kind, seen.get((kind, getattr(row, f"{kind}_id")))) for kind in CLIENTS]
        named = [(kind, found) for kind, found in clients if found is not None]
        numbers = [phones[kind, found.pk] for kind, found in named if (kind, found.pk) in phones]
        row.sight = Sight(
            deal=seen.get(("deal", row.deal_id)),
            client=named[0][1] if named else None,
            phone=numbers[0] if numbers else "",
        )


def _seen(rows: list[Activity], user: Person) -> dict[tuple[str, int | None], Any]:
    """The records of the rows that the person may see, by type and key."""
    seen: dict[tuple[str, int | None], Any] = {}
    for kind in PARENTS:
        keys = {getattr(row, f"{kind}_id") for row in rows} - {None}
        if not keys:
            continue
        manager: Any = parent_model(kind)._default_manager
        found = manager.visible_to(user).filter(pk__in=keys)
        if kind == "deal":
            found = found.select_related("currency")
        seen |= {(kind, record.pk): record for record in found}
    return seen


def _phones(seen: dict[tuple[str, int | None], Any]) -> dict[tuple[str, int], str]:
    """The first number of each holder."""
    condition = Q(pk__in=[])
    for kind in CLIENTS:
        rows = [row for (found, _pk), row in seen.items() if found == kind]
        keys = [row.pk for row in rows if "phones" not in row.veiled]
        if keys:
            condition |= Q(**{f"{kind}__in": keys})
    if not condition.children[1:]:
        return {}
    numbers: dict[tuple[str, int], str] = {}
    rows = Phone.objects.filter(condition).order_by("position", "pk")
    for phone in rows:
        for kind in CLIENTS:
            holder = getattr(phone, f"{kind}_id")
            if holder:
                numbers.setdefault((kind, holder), phone.e164 or phone.number)
    return numbers


def mark_changeable(rows: Iterable[Activity], user: Person) -> None:
    """Set `can_change` on each row the person was shown, by one query."""
    rows = list(rows)
    keys = [row.pk for row in rows]
    allowed = set(
        Activity.objects.filter(pk__in=keys).changeable_of_shown(user).values_list("pk", flat=True)
    )
    row: Any
    for row in rows:
        row.can_change = row.pk in allowed
