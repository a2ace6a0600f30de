"""Delivering what is due: taken with a lease, shown once, mailed at least once.

A batch is claimed in one short transaction (SKIP LOCKED, so that sweeps run side by side), then
every notice of the batch is written before the first e-mail is tried: a mail server that is down
delays no notice. The claim is a token: a sweep that lost its lease writes nothing.
"""

import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import mailers
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation

from accounts.models import User
from accounts.models.notifications import NotificationKind
from accounts.services import notify
from activities.models import Activity, Reminder, ReminderState
from activities.services.mail import reminder_message, reminder_text
from records.models import Heartbeat

logger = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=60)
ATTEMPTS = 5
BACK_OFF = (30, 120, 600, 1800)
PARENTS = ("activity__deal", "activity__lead", "activity__contact", "activity__company")


@dataclass(slots=True)
class SweepResult:
    """What one sweep did, in reminders."""

    claimed: int = 0
    shown: int = 0
    mailed: int = 0
    cancelled: int = 0
    failed: int = 0


class Clock:
    """The given moment, moving on with the time the sweep takes."""

    def __init__(self, now: datetime) -> None:
        self.start = now
        self.ticks = time.monotonic()

    def now(self) -> datetime:
        """The start plus what has passed since."""
        return self.start + timedelta(seconds=time.monotonic() - self.ticks)


def sweep_reminders(*, now: datetime, batch: int = BATCH, longest: float = 200) -> SweepResult:
    """Deliver every due reminder; stops after `longest` seconds and leaves the rest to the next.

    Safe to run any number of times at once.
    """
    clock, result = Clock(now), SweepResult()
    while (clock.now() - now).total_seconds() < longest:
        Heartbeat.objects.update_or_create(name="reminders", defaults={"beat_at": clock.now()})
        claimed = _claim(clock.now(), batch)
        if not claimed:
            break
        result.claimed += len(claimed)
        _mail_all(_show_all(claimed, clock, result), clock, result)
    return result


def _claim(now: datetime, batch: int) -> list[Reminder]:
    """Lease due rows to this sweep; the lease end with microseconds is the token."""
    until = now + LEASE
    with transaction.atomic():
        keys = list(
            Reminder.objects.filter(state=ReminderState.WAITING, due_at__lte=now)
            .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))
            .order_by("due_at", "pk")
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)[:batch]
        )
        Reminder.objects.filter(pk__in=keys).update(claimed_until=until, attempts=F("attempts") + 1)
    return list(
        Reminder.objects.filter(pk__in=keys, claimed_until=until)
        .select_related("user", "activity", *PARENTS)
        .order_by("due_at", "pk")
    )


def _show_all(claimed: list[Reminder], clock: Clock, result: SweepResult) -> list[Reminder]:
    """Write the notices; returns those that still need an e-mail."""
    to_mail = []
    wanted = _still_wanted(claimed)
    for reminder in claimed:
        try:
            if _show(reminder, reminder.pk in wanted, clock.now(), result):
                to_mail.append(reminder)
        except Exception as error:
            logger.exception("reminder %s was not shown", reminder.pk)
            _fail(reminder, error, clock.now(), result)
    return to_mail


def _still_wanted(claimed: list[Reminder]) -> set[int]:
    """Reminders of active people about planned activities that they may see."""
    by_user: dict[User, list[Reminder]] = defaultdict(list)
    for reminder in claimed:
        if reminder.user.is_active:
            by_user[reminder.user].append(reminder)
    wanted: set[int] = set()
    for user, reminders in by_user.items():
        seen = set(
            Activity.objects.visible_to(user)
            .planned()
            .filter(pk__in=[reminder.activity_id for reminder in reminders])
            .values_list("pk", flat=True)
        )
        wanted |= {reminder.pk for reminder in reminders if reminder.activity_id in seen}
    return wanted


@transaction.atomic
def _show(reminder: Reminder, wanted: bool, now: datetime, result: SweepResult) -> bool:
    """The notice and its mark in one commit; False when the row is not ours or not wanted."""
    row = _own_row(reminder).select_for_update().first()
    if row is None:
        return False
    if not wanted:
        _own_row(reminder).update(state=ReminderState.CANCELLED, claimed_until=None)
        result.cancelled += 1
        return False
    with translation.override(reminder.user.language):
        is_new = notify(
            user_id=reminder.user_id,
            kind=NotificationKind.REMINDER,
            key=f"reminder:{reminder.pk}",
            text=reminder_text(reminder)[:300],
            url=reminder.activity.get_absolute_url(),
            now=now,
        )
    if row.shown_at is None:
        _own_row(reminder).update(shown_at=now)
    result.shown += is_new
    return True


def _mail_all(reminders: list[Reminder], clock: Clock, result: SweepResult) -> None:
    """One connection for all, opened anew after an error; while it cannot be, all try later."""
    mailer: Any = mailers.default
    left = list(reminders)
    try:
        while left:
            mailer.open()
            while left and _mail(left.pop(0), mailer, clock, result):
                pass
            mailer.close()
    except Exception as error:
        logger.warning("mail server is away: %s", error)
        for reminder in left:
            _fail(reminder, error, clock.now(), result)


def _mail(reminder: Reminder, mailer: Any, clock: Clock, result: SweepResult) -> bool:
    """Renew the lease, send, mark; False when the connection should be opened anew.

    A lease lost meanwhile means that another sweep sends, or that nobody should.
    """
    until = clock.now() + LEASE
    if not _own_row(reminder).update(claimed_until=until):
        return True
    reminder.claimed_until = until
    try:
        mailer.send_messages([reminder_message(reminder)])
    except Exception as error:
        logger.warning("reminder %s was not mailed: %s", reminder.pk, error)
        _fail(reminder, error, clock.now(), result)
        return False
    _own_row(reminder).update(
        state=ReminderState.SENT, mailed_at=clock.now(), claimed_until=None, error=""
    )
    result.mailed += 1
    return True


def _fail(reminder: Reminder, error: Exception, now: datetime, result: SweepResult) -> None:
    """Keep the error; try again later, at most five times."""
    result.failed += 1
    text = f"{type(error).__name__}: {error}"[:300].replace("\x00", "")
    if reminder.attempts >= ATTEMPTS:
        _own_row(reminder).update(state=ReminderState.FAILED, claimed_until=None, error=text)
        return
    pause = timedelta(seconds=BACK_OFF[min(reminder.attempts, len(BACK_OFF)) - 1])
    _own_row(reminder).update(claimed_until=now + pause, error=text)


def _own_row(reminder: Reminder) -> QuerySet[Reminder]:
    """The row while it waits and is leased to this sweep."""
    return Reminder.objects.filter(
        pk=reminder.pk, state=ReminderState.WAITING, claimed_until=reminder.claimed_until
    )
