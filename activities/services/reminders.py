"""Setting and cancelling reminders; rows only, the sweep delivers them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from activities.models import Activity, Reminder, ReminderState

UNSENT = (ReminderState.WAITING, ReminderState.CANCELLED, ReminderState.FAILED)


@transaction.atomic
def set_reminder(*, activity: Activity, before: timedelta | None, now: datetime) -> Reminder | None:
    """Leave exactly one waiting reminder for the owner, `before` the due time; None cancels.

    A moment that has passed already is delivered at once; a late, done or ownerless activity has
    no reminder. A moment for which one was sent is not repeated.
    """
    cancel_reminders(activity_id=activity.pk)
    if before is None or not activity.is_planned or not activity.owner_id:
        return None
    if activity.due_at is None or activity.due_at <= now:
        return None
    reminder, is_new = Reminder.objects.get_or_create(
        activity=activity, user_id=activity.owner_id, due_at=activity.due_at - before
    )
    if not is_new:
        Reminder.objects.filter(pk=reminder.pk, state__in=UNSENT).update(
            state=ReminderState.WAITING, claimed_until=None, attempts=0, error=""
        )
        reminder.refresh_from_db()
    return reminder


def cancel_reminders(*, activity_id: int) -> int:
    """Cancel what waits; returns how many. A delivery under way finds its row cancelled."""
    return Reminder.objects.filter(activity=activity_id, state=ReminderState.WAITING).update(
        state=ReminderState.CANCELLED, claimed_until=None
    )


def revive_reminders(*, activity_id: int, now: datetime) -> int:
    """Let cancelled reminders that were never shown and are still ahead wait; how many."""
    return Reminder.objects.filter(
        activity=activity_id, state=ReminderState.CANCELLED, shown_at=None, due_at__gt=now
    ).update(state=ReminderState.WAITING)


def remind_before(activity: Activity) -> timedelta | None:
    """How long before the due time the waiting reminder of the activity is set."""
    return (
        Reminder.objects.filter(activity=activity.pk, state=ReminderState.WAITING)
        .annotate(before=F("activity__due_at") - F("due_at"))
        .values_list("before", flat=True)
        .first()
    )
