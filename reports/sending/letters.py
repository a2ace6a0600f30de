"""A report as a letter: the main figures in the text, the file attached, a way to unsubscribe."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from activities.moments import zone_of
from reports.dashboards.faces import bars_of, figure_of
from reports.making import Made, made
from reports.sending.models import Receiver


def message_id(receiver: Receiver, due: datetime) -> str:
    """The same for every attempt at one turn, so that mail programs fold duplicates."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<report.{receiver.pk}.{due:%Y%m%d%H%M%S}@{host}>"


def report_letter(receiver: Receiver) -> EmailMultiAlternatives:
    """The report counted for the receiver in his language and zone. Raises PermissionDenied."""
    user, schedule = receiver.user, receiver.schedule
    with translation.override(user.language), timezone.override(zone_of(user.time_zone)):
        found = made(schedule.report, schedule.query, user)
        context = _context(receiver, found)
        message = EmailMultiAlternatives(
            subject=f"{settings.PRODUCT_NAME}: {schedule.name}".replace("\n", " ")[:200],
            body=render_to_string("reports/mail/report.txt", context),
            to=[user.email],
            headers={
                "Message-ID": message_id(receiver, receiver.next_at),
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{context['leave']}>",
            },
        )
        message.attach_alternative(
            render_to_string("reports/mail/report.html", context), "text/html"
        )
        if context["is_full"]:
            content, mime, name = found.file(schedule.file)
            message.attach(name, content, mime.partition(";")[0])
    return message


def _context(receiver: Receiver, found: Made) -> dict[str, Any]:
    report, form = found.report, found.form
    is_full = report is not None and not report.empty
    label, bars = bars_of(report) if report and is_full else ("", [])
    leave = reverse("reports:unsubscribe", args=[receiver.pk])
    return {
        "schedule": receiver.schedule,
        "report": report,
        "is_full": is_full,
        "figure": figure_of(report) if report and is_full else None,
        "bars": bars,
        "bars_label": label,
        "span": form.span if "from" in form.fields else "",
        "link": urljoin(settings.BASE_URL, found.url),
        "leave": urljoin(settings.BASE_URL, leave),
        "product_name": settings.PRODUCT_NAME,
    }
