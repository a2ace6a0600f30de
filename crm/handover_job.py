"""A hand-over too large for a request: asked for by a row, done piece by piece in the worker.

A piece and its progress are one transaction, so the worker may be stopped at any moment and
another one goes on. What was given has left the person, so nothing is given twice.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import OPEN_STATES, HandOver, HandOverState, NotificationKind, User
from accounts.services import LastAdministrator, deactivate_person, notify
from accounts.services.guard import keeping_an_administrator
from crm.handover import (
    KINDS,
    PARENTS,
    HandOverRefused,
    Share,
    dealt,
    followers,
    locked_keys,
    locked_receivers,
    tell_receivers,
    work_counts,
    work_of,
    write_owners,
)
from records.history import cause

AT_ONCE = 1000
PIECE = 500
MOST_FAILURES = 5
QUIET = timedelta(seconds=30)

logger = logging.getLogger(__name__)


class AlreadyGoing(Exception):
    """The work of this person is being handed over at this moment."""


class Stopped(Exception):
    """It cannot go on; the text is for people."""


def is_large(person: User, kinds: Iterable[str]) -> bool:
    """More records than one request should move; planned activities may go along."""
    counts = work_counts(person)
    return sum(counts[kind] for kind in {*kinds, "activity"}) > AT_ONCE


def begin(
    *,
    person: User,
    kinds: Iterable[str],
    to: Sequence[User],
    deactivates: bool,
    by: User,
    now: datetime,
) -> HandOver:
    """Ask the worker for it. Raises HandOverRefused, LastAdministrator, AlreadyGoing."""
    chosen = [kind for kind in KINDS if kind in set(kinds)]
    try:
        with transaction.atomic():
            receivers = locked_receivers(person, to)
            if deactivates:
                _check_dismissal(person)
            counts = work_counts(person)
            return HandOver.objects.create(
                person=person,
                by=by,
                kinds=chosen,
                receivers=[receiver.pk for receiver in receivers],
                deactivates=deactivates,
                total=sum(counts[kind] for kind in chosen),
                asked_at=now,
                touched_at=now,
            )
    except IntegrityError as error:
        raise AlreadyGoing from error


def _check_dismissal(person: User) -> None:
    """Whether the person could be deactivated now. Raises LastAdministrator."""
    with transaction.atomic():
        with keeping_an_administrator():
            User.objects.filter(pk=person.pk).update(is_active=False)
        transaction.set_rollback(True)


def go_on(*, pk: int, now: datetime) -> HandOver | None:
    """Let a stopped one go on, with the rights of whoever asked for it first."""
    with transaction.atomic():
        row = HandOver.objects.select_for_update().filter(pk=pk, state=HandOverState.FAILED).first()
        if row is None:
            return None
        row.state, row.failures, row.problem, row.touched_at = HandOverState.WAITING, 0, "", now
        try:
            with transaction.atomic():
                row.save(update_fields=["state", "failures", "problem", "touched_at"])
        except IntegrityError as error:
            raise AlreadyGoing from error
        return row


def quiet(now: datetime) -> list[int]:
    """Open ones that nobody worked on lately: their wake-up was lost or their worker died."""
    rows = HandOver.objects.filter(state__in=OPEN_STATES, touched_at__lt=now - QUIET)
    return list(rows.order_by("touched_at").values_list("pk", flat=True))


def run_piece(*, pk: int) -> bool:
    """Hand over the next piece; False when nothing is left to do here.

    A piece that fails leaves nothing behind; after five failures in a row it stops. What is
    said is said in the language of whoever asked.
    """
    found = HandOver.objects.filter(pk=pk).values_list("by__language", flat=True).first()
    if found is None:
        return False
    with translation.override(found):
        return _tried(pk)


def _tried(pk: int) -> bool:
    try:
        with transaction.atomic():
            return _piece(pk, timezone.now())
    except (Stopped, HandOverRefused) as error:
        _stop(pk, str(error) or _("A receiver is deactivated."))
        return False
    except Exception:
        logger.exception("a piece of hand-over %s failed", pk)
        open_rows = HandOver.objects.filter(pk=pk, state__in=OPEN_STATES)
        open_rows.update(failures=F("failures") + 1, touched_at=timezone.now())
        if open_rows.filter(failures__gte=MOST_FAILURES).exists():
            _stop(pk, _("It failed several times; the log of the worker says why."))
        return False


def _piece(pk: int, now: datetime) -> bool:
    rows = HandOver.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(pk=pk, state__in=OPEN_STATES).select_related("person", "by").first()
    if row is None:
        return False
    if not row.by.has_right("administer"):
        raise Stopped(_("%(person)s may no longer hand work over.") % {"person": row.by})
    with cause("hand-over", user_id=row.by_id, person=row.person_id):
        receivers = locked_receivers(row.person, User.objects.filter(pk__in=row.receivers))
        if len(receivers) != len(row.receivers):
            raise HandOverRefused
        if _next(row, receivers, now):
            row.state, row.failures, row.touched_at = HandOverState.RUNNING, 0, now
            row.save()
            return True
        _finish(row, receivers, now)
        return False


def _next(row: HandOver, receivers: list[User], now: datetime) -> bool:
    """The first records of the first kind that has some left."""
    for kind in row.kinds:
        keys = locked_keys(work_of(row.person, kind), PIECE)
        if keys:
            owners = dealt(keys, receivers, row.dealt)
            row.dealt += len(keys)
            _give(row, kind, owners, now)
            if kind in PARENTS:
                planned = work_of(row.person, "activity").filter(**{f"{kind}__in": keys})
                follow, _rest = followers(planned, {kind: owners})
                _give(row, "activity", follow, now)
            return True
    return False


def _give(row: HandOver, kind: str, owners: dict[int, int], now: datetime) -> None:
    """Write the owners and count them; what goes along unasked counts as more work."""
    write_owners(kind, owners, row.person, now)
    for owner in owners.values():
        counts = row.given.setdefault(str(owner), {})
        counts[kind] = counts.get(kind, 0) + 1
    row.done += len(owners)
    row.total = max(row.total, row.done)


def shares_of(row: HandOver) -> list[Share]:
    """What each receiver got so far."""
    people = User.objects.in_bulk(row.receivers)
    return [
        Share(people[key], row.given.get(str(key), {})) for key in row.receivers if key in people
    ]


def _finish(row: HandOver, receivers: list[User], now: datetime) -> None:
    """Nothing is left: the person goes if that was asked, everybody concerned is told."""
    if row.deactivates:
        try:
            deactivate_person(person=row.person)
        except LastAdministrator:
            row.problem = str(_("Not deactivated: nobody else may administer."))
    shares = [Share(person, row.given.get(str(person.pk), {})) for person in receivers]
    tell_receivers(shares, row.person, row.asked_at)
    row.state, row.touched_at, row.finished_at, row.total = HandOverState.DONE, now, now, row.done
    row.save()
    _tell_asker(row, now)


def _stop(pk: int, problem: str) -> None:
    with transaction.atomic():
        row = HandOver.objects.select_for_update().get(pk=pk)
        if row.is_open:
            now: Any = timezone.now()
            row.state, row.problem, row.touched_at = HandOverState.FAILED, problem[:300], now
            row.save(update_fields=["state", "problem", "touched_at"])
            _tell_asker(row, now)


def _tell_asker(row: HandOver, now: datetime) -> None:
    """The result, to whoever asked."""
    is_done = row.state == HandOverState.DONE
    words = _("Handed over: %(name)s") if is_done else _("The hand-over stopped: %(name)s")
    notify(
        user_id=row.by_id,
        kind=NotificationKind.SYSTEM,
        key=f"hand-over-end:{row.pk}:{row.state}:{now.isoformat()}",
        text=words % {"name": row.person},
        url=reverse("hand_over_progress", args=[row.pk]),
        now=now,
    )
