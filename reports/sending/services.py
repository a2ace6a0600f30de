"""Schedules are kept, changed, left: each receiver has his own next moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.sending.models import Receiver, Schedule
from reports.sending.moments import next_moment


@transaction.atomic
def keep_schedule(*, schedule: Schedule, people: Sequence[User], now: datetime) -> Schedule:
    """Store the schedule and plan the next turn of each receiver; others receive no more.

    Who unsubscribed stays so until he subscribes himself again.
    """
    schedule.save()
    rows = Receiver.objects.select_for_update().filter(schedule=schedule)
    known = {row.user_id: row for row in rows}
    chosen = {person.pk: person for person in people}
    rows.exclude(user__in=chosen).delete()
    for key, person in chosen.items():
        row = known.get(key) or Receiver(schedule=schedule, user=person)
        row.next_at = next_moment(schedule, person, now)
        row.claimed_until, row.attempts, row.error = None, 0, ""
        row.save()
    return schedule


def stop_schedule(*, schedule: Schedule) -> None:
    """Nothing is sent until its owner puts it on again."""
    Schedule.objects.filter(pk=schedule.pk).update(is_on=False)


def set_subscription(*, receiver: Receiver, wanted: bool, now: datetime) -> None:
    """The receiver leaves, or comes back from the next turn on."""
    row: dict[str, Any] = {"unsubscribed_at": None if wanted else now, "claimed_until": None}
    if wanted:
        row["next_at"] = next_moment(receiver.schedule, receiver.user, now)
    Receiver.objects.filter(pk=receiver.pk).update(**row)
