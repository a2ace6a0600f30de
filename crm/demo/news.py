"""What the people of the demo company are told: reminders of today, notices in the bell."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Notification
from accounts.models.notifications import NotificationKind
from activities.models import Activity, Reminder, ReminderState
from activities.services.mail import reminder_text
from crm.demo.world import World

BEFORE = timedelta(minutes=15)
LATELY = timedelta(hours=30)
UNREAD = timedelta(hours=9)


def make_news(world: World, planned: list[Activity]) -> None:
    """Reminders of what is planned around now, and the notices of the last day."""
    reminders = [
        Reminder(activity=activity, user=activity.owner, due_at=activity.due_at - BEFORE)
        for activity in planned
        if world.now - LATELY < activity.due_at < world.now + LATELY
    ]
    for reminder in reminders:
        if reminder.due_at <= world.now:
            reminder.state = ReminderState.SENT
            reminder.shown_at = reminder.mailed_at = reminder.due_at
    Reminder.objects.bulk_create(reminders)
    notices = [*_of_leads(world), *_of_reminders(world, reminders)]
    for notice in notices:
        notice.shown_at = notice.created_at
        if notice.created_at < world.now - UNREAD:
            notice.read_at = notice.created_at + timedelta(minutes=30)
    Notification.objects.bulk_create(notices)


def _of_leads(world: World) -> Iterator[Notification]:
    for lead in world.leads:
        if lead.owner and lead.assigned_at > world.now - LATELY:
            with translation.override(lead.owner.language):
                text = _("New lead: %(lead)s") % {"lead": lead}
            yield Notification(
                user=lead.owner,
                kind=NotificationKind.ASSIGNED,
                key=f"lead:{lead.pk}:{lead.version}",
                text=text,
                url=lead.get_absolute_url(),
                created_at=lead.assigned_at,
            )


def _of_reminders(world: World, reminders: list[Reminder]) -> Iterator[Notification]:
    for reminder in reminders:
        if reminder.state == ReminderState.SENT:
            with translation.override(reminder.user.language):
                text = reminder_text(reminder)
            yield Notification(
                user=reminder.user,
                kind=NotificationKind.REMINDER,
                key=f"reminder:{reminder.pk}",
                text=text[:300],
                url=reminder.activity.get_absolute_url(),
                created_at=reminder.due_at,
            )
