"""The reminder as an e-mail, in the receiver's language and time zone."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from activities.models import Reminder
from activities.moments import zone_of
from activities.services.activities import record_of


def reminder_text(reminder: Reminder) -> str:
    """One line for the bell and the subject; call it with the receiver's language active."""
    activity = reminder.activity
    local = (activity.due_at or reminder.due_at).astimezone(zone_of(reminder.user.time_zone))
    what = " ".join(str(activity).split())
    return _("%(time)s %(what)s") % {"time": f"{local:%H:%M}", "what": what}


def message_id(reminder: Reminder) -> str:
    """The same for every attempt, so that mail programs fold duplicates."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<reminder.{reminder.pk}.{reminder.due_at:%Y%m%d%H%M%S}@{host}>"


def _seen_record(reminder: Reminder) -> Any:
    """The record of the activity, unless the receiver may not see it."""
    record = record_of(reminder.activity)
    if record is None:
        return None
    rows = type(record)._default_manager.visible_to(reminder.user)
    return record if rows.filter(pk=record.pk).exists() else None


def reminder_message(reminder: Reminder) -> EmailMultiAlternatives:
    """Text and HTML with the time, the record and the link."""
    activity, user = reminder.activity, reminder.user
    record = _seen_record(reminder)
    with translation.override(user.language), timezone.override(zone_of(user.time_zone)):
        text = reminder_text(reminder)
        context = {
            "activity": activity,
            "record": record,
            "link": urljoin(settings.BASE_URL, activity.get_absolute_url()),
            "record_link": urljoin(settings.BASE_URL, record.get_absolute_url()) if record else "",
            "product_name": settings.PRODUCT_NAME,
        }
        message = EmailMultiAlternatives(
            subject=_("Reminder: %(text)s") % {"text": text},
            body=render_to_string("activities/mail/reminder.txt", context),
            to=[user.email],
            headers={"Message-ID": message_id(reminder), "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(
            render_to_string("activities/mail/reminder.html", context), "text/html"
        )
    return message
