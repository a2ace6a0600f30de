"""Sending what is due: one turn of one receiver at a time, taken with a lease.

The lease with its microseconds is a token: a sweep that lost it writes nothing. After a stop of
any length one letter is sent with the numbers of now, and the next turn is planned from now.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.core.mail import mailers
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import NotificationKind
from accounts.services import notify
from reports.sending.letters import report_letter
from reports.sending.models import Receiver
from reports.sending.moments import next_moment

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
ATTEMPTS = 5
BACK_OFF = (60, 300, 900, 3600)


@dataclass(slots=True)
class SweepResult:
    """What one sweep did, in letters."""

    claimed: int = 0
    sent: int = 0
    skipped: int = 0
    closed: int = 0
    failed: int = 0


def sweep_schedules(*, now: datetime, longest: float = 200) -> SweepResult:
    """Send every due report; stops after `longest` seconds and leaves the rest to the next."""
    result, begun = SweepResult(), time.monotonic()
    while (gone := time.monotonic() - begun) < longest:
        moment = now + timedelta(seconds=gone)
        receiver = _claim(moment)
        if receiver is None:
            break
        result.claimed += 1
        _serve(receiver, moment, result)
    return result


def _claim(now: datetime) -> Receiver | None:
    """Lease the row that waits longest; SKIP LOCKED lets sweeps run side by side."""
    until = now + LEASE
    due = Receiver.objects.filter(
        Q(claimed_until__isnull=True) | Q(claimed_until__lte=now),
        next_at__lte=now,
        unsubscribed_at__isnull=True,
        schedule__is_on=True,
    )
    with transaction.atomic():
        row = (
            due.order_by("next_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
        )
        if row is None:
            return None
        Receiver.objects.filter(pk=row.pk).update(claimed_until=until, attempts=F("attempts") + 1)
    return Receiver.objects.select_related("user", "schedule__owner").get(pk=row.pk)


def _serve(receiver: Receiver, now: datetime, result: SweepResult) -> None:
    """Count and send, or say why not; any failure is tried again later."""
    if not receiver.user.is_active:
        _go_on(receiver, now)
        result.skipped += 1
        return
    try:
        letter = report_letter(receiver)
        if not _is_ours(receiver):
            return
        mailers.default.send_messages([letter])
    except PermissionDenied as refusal:
        _close(receiver, str(refusal), now)
        result.closed += 1
    except Exception as error:
        logger.exception("report of receiver %s was not sent", receiver.pk)
        _fail(receiver, error, now)
        result.failed += 1
    else:
        _go_on(receiver, now, sent_at=now, closed_at=None)
        result.sent += 1


def _own_row(receiver: Receiver) -> QuerySet[Receiver]:
    """The row while it is leased to this sweep and due for this turn."""
    return Receiver.objects.filter(
        pk=receiver.pk, claimed_until=receiver.claimed_until, next_at=receiver.next_at
    )


def _is_ours(receiver: Receiver) -> bool:
    """Not left, stopped, changed or taken by another sweep while it was counted."""
    rows = _own_row(receiver).filter(unsubscribed_at__isnull=True, schedule__is_on=True)
    return rows.exists()


def _go_on(receiver: Receiver, now: datetime, **more: datetime | None) -> None:
    """Plan the next turn."""
    _own_row(receiver).update(
        next_at=next_moment(receiver.schedule, receiver.user, now),
        claimed_until=None,
        attempts=0,
        error="",
        **more,
    )


def _close(receiver: Receiver, reason: str, now: datetime) -> None:
    """Nothing is sent; the owner is told once, until it works again."""
    _go_on(receiver, now, closed_at=receiver.closed_at or now)
    if receiver.closed_at:
        return
    owner, schedule = receiver.schedule.owner, receiver.schedule
    with translation.override(owner.language):
        text = _("“%(name)s” is no longer sent to %(person)s: the report is closed to that person.")
        words = {"name": schedule.name, "person": receiver.user}
        notify(
            user_id=owner.pk,
            kind=NotificationKind.SYSTEM,
            key=f"report-closed:{receiver.pk}:{now:%Y%m%d%H%M%S}",
            text=(text % words)[:300],
            url=reverse("reports:schedules"),
            now=now,
        )
    logger.info("receiver %s may not see the report: %s", receiver.pk, reason)


def _fail(receiver: Receiver, error: Exception, now: datetime) -> None:
    """Keep the error; try again later, at most five times a turn."""
    text = f"{type(error).__name__}: {error}"[:300].replace("\x00", "")
    rows = _own_row(receiver)
    if receiver.attempts >= ATTEMPTS:
        _go_on(receiver, now)
        Receiver.objects.filter(pk=receiver.pk).update(error=text)
        return
    pause = timedelta(seconds=BACK_OFF[min(receiver.attempts, len(BACK_OFF)) - 1])
    rows.update(claimed_until=now + pause, error=text)
