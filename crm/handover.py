"""Handing a person's work over: what there is, who gets how much, one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import NotificationKind, User
from accounts.services import notify
from activities.models import Activity, Reminder, ReminderState
from contacts.models import Company, Contact
from deals.models import Deal
from leads.models import Lead
from records.history import cause

CHUNK = 1000
KINDS = {
    "lead": gettext_lazy("Open leads"),
    "deal": gettext_lazy("Open deals"),
    "company": gettext_lazy("Companies"),
    "contact": gettext_lazy("Contacts"),
    "activity": gettext_lazy("Planned activities"),
}
PARENTS = ("lead", "deal", "company", "contact")


class HandOverRefused(Exception):
    """Nobody to receive, a deactivated receiver, or the person himself among them."""


@dataclass(slots=True)
class Share:
    """What one receiver gets, by kind."""

    person: User
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def cells(self) -> list[int]:
        """The counts in the order of the kinds."""
        return [self.counts.get(kind, 0) for kind in KINDS]

    @property
    def lines(self) -> list[tuple[Any, int]]:
        """The name of each kind with its count."""
        return list(zip(KINDS.values(), self.cells, strict=True))


def work_of(person: User, kind: str) -> QuerySet:
    """Rows of a kind that the person answers for and that are not finished."""
    models: dict[str, Any] = {
        "lead": Lead,
        "deal": Deal,
        "company": Company,
        "contact": Contact,
        "activity": Activity,
    }
    rows = models[kind].objects.alive().filter(owner=person)
    if kind in ("lead", "deal"):
        return rows.open()
    return rows.planned() if kind == "activity" else rows


def work_counts(person: User) -> dict[str, int]:
    """How much there is of every kind: five counts."""
    return {kind: work_of(person, kind).count() for kind in KINDS}


def hand_over(
    *,
    person: User,
    kinds: Iterable[str],
    to: Sequence[User],
    by: User,
    now: datetime,
    is_trial: bool = False,
) -> list[Share]:
    """Give the person's work of these kinds to one receiver, or evenly to several.

    Shares of a kind differ by one at most. Planned activities go with their lead, deal or client
    when it goes, with their waiting reminders; the others are shared like the rest. A trial only
    counts. Raises HandOverRefused.
    """
    with transaction.atomic(), cause("hand-over", user_id=by.pk, person=person.pk):
        receivers = locked_receivers(person, to)
        shares = {receiver.pk: Share(receiver) for receiver in receivers}
        chosen = [kind for kind in KINDS if kind in set(kinds)]
        given: dict[str, dict[int, int]] = {}
        for kind in PARENTS:
            if kind in chosen:
                start = sum(len(owners) for owners in given.values())
                given[kind] = dealt(locked_keys(work_of(person, kind)), receivers, start)
        planned = work_of(person, "activity")
        given["activity"] = _activities(planned, given, receivers, "activity" in chosen)
        for kind, owners in given.items():
            for owner in owners.values():
                counts = shares[owner].counts
                counts[kind] = counts.get(kind, 0) + 1
            if not is_trial:
                write_owners(kind, owners, person, now)
        if not is_trial:
            tell_receivers(shares.values(), person, now)
    return list(shares.values())


def locked_receivers(person: User, to: Iterable[User]) -> list[User]:
    """Active people other than the person, kept so. Raises HandOverRefused."""
    keys = {receiver.pk for receiver in to}
    found = list(
        User.objects.filter(pk__in=keys, is_active=True).select_for_update().order_by("pk")
    )
    if not found or len(found) != len(keys) or person.pk in keys:
        raise HandOverRefused
    return found


def locked_keys(rows: QuerySet, most: int | None = None) -> list[int]:
    """Keys of the rows in their order, the first of them if a limit is given."""
    locked = rows.order_by("pk").select_for_update(of=("self",))
    return list(locked.values_list("pk", flat=True)[:most])


def dealt(keys: list[int], receivers: list[User], start: int) -> dict[int, int]:
    """Row -> new owner, one after the other, going on where the kind before it ended."""
    return {key: receivers[at % len(receivers)].pk for at, key in enumerate(keys, start)}


def _activities(
    planned: QuerySet, given: dict[str, dict[int, int]], receivers: list[User], with_rest: bool
) -> dict[int, int]:
    """Planned activities follow the record they are on; the rest are dealt when asked for."""
    owners, rest = followers(planned, given)
    start = sum(len(owners_of) for owners_of in given.values())
    return owners | (dealt(rest, receivers, start) if with_rest else {})


def followers(
    planned: QuerySet, given: dict[str, dict[int, int]]
) -> tuple[dict[int, int], list[int]]:
    """Activity -> owner of the record it goes with, and the keys of those that stay behind."""
    rows = planned.order_by("pk").select_for_update(of=("self",))
    owners: dict[int, int] = {}
    rest: list[int] = []
    for key, *parents in rows.values_list("pk", *(f"{name}_id" for name in PARENTS)):
        places = zip(PARENTS, parents, strict=True)
        follows = (given.get(name, {}).get(parent) for name, parent in places)
        owner = next((found for found in follows if found), None)
        if owner:
            owners[key] = owner
        else:
            rest.append(key)
    return owners, rest


def write_owners(kind: str, owners: dict[int, int], person: User, now: datetime) -> None:
    """Owners of one kind, a receiver and a thousand rows at a time."""
    model = work_of(person, kind).model
    extra = {"assigned_at": now} if kind == "lead" else {}
    by_owner: dict[int, list[int]] = {}
    for key, owner in owners.items():
        by_owner.setdefault(owner, []).append(key)
    for owner, keys in by_owner.items():
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            model._base_manager.filter(pk__in=part).update(
                owner=owner, version=F("version") + 1, updated_at=now, **extra
            )
            if kind == "activity":
                _move_reminders(part, person, owner)


def _move_reminders(keys: list[int], person: User, owner: int) -> None:
    """Waiting reminders of the former owner; one that the receiver has already is cancelled."""
    waiting = Reminder.objects.filter(activity__in=keys, user=person, state=ReminderState.WAITING)
    same = Reminder.objects.filter(activity__in=keys, user=owner)
    taken = Q(pk__in=[])
    for activity, due_at in same.values_list("activity", "due_at"):
        taken |= Q(activity=activity, due_at=due_at)
    waiting.filter(taken).update(state=ReminderState.CANCELLED)
    waiting.exclude(taken).update(user=owner)


def tell_receivers(shares: Iterable[Share], person: User, now: datetime) -> None:
    """One notice for each receiver, in his language."""
    for share in shares:
        total = sum(share.counts.values())
        if total:
            with translation.override(share.person.language):
                words = ngettext(
                    "%(person)s handed work over to you: %(count)s record",
                    "%(person)s handed work over to you: %(count)s records",
                    total,
                )
                text = words % {"person": person, "count": total}
            notify(
                user_id=share.person.pk,
                kind=NotificationKind.ASSIGNED,
                key=f"hand-over:{person.pk}:{now.isoformat()}",
                text=text,
                url="/",
                now=now,
            )
