"""The timeline of a record, and the marks of an activity."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Activity, Direction, Kind
from activities.timeline import build_timeline
from records import formatting

register = template.Library()

ICONS = {
    Kind.CALL: "phone",
    Kind.MEETING: "calendar-event",
    Kind.EMAIL: "mail",
    Kind.TASK: "checkbox",
    Kind.NOTE: "note",
}


@register.inclusion_tag("activities/timeline.html", takes_context=True)
def timeline(context: template.Context, record: Any) -> dict[str, Any]:
    """`{% timeline record %}`: composer, plan and history of a lead, deal, contact or company."""
    request = context["request"]
    return {
        "timeline": build_timeline(record, request.user, request.GET),
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of a kind of activity."""
    return ICONS.get(Kind(kind), "activity") if kind in Kind.values else "activity"


@register.filter
def kind_label(kind: str | None) -> str:
    """The name of a kind of activity in the reader's language; empty for no kind."""
    return str(Kind(kind).label) if kind in Kind.values else ""


@register.filter
def done_icon(activity: Activity) -> str:
    """The icon in the history: a call shows its direction."""
    if activity.kind != Kind.CALL:
        return kind_icon(activity.kind)
    return "phone-incoming" if activity.direction == Direction.IN else "phone-outgoing"


@register.filter
def due_sign(due_at: datetime) -> str:
    """planned, today or overdue: the suffix of the sign's class."""
    now = timezone.now()
    if due_at < now:
        return "overdue"
    return "today" if _day(due_at) == _day(now) else "planned"


@register.filter
def late_by(due_at: datetime) -> str:
    """How late in whole local days; the time of day when it is not."""
    now = timezone.now()
    days = (_day(now) - _day(due_at)).days
    if days > 0:
        return formatting.days(days)
    return f"{timezone.localtime(due_at):%H:%M}"


@register.filter
def minutes(seconds: int | None) -> str:
    """A duration in whole minutes, at least one."""
    if not seconds:
        return ""
    return _("%(n)d min") % {"n": max(1, round(seconds / 60))}


@register.filter
def waiting(since: datetime) -> str:
    """How long somebody waits: minutes, then hours, then days."""
    passed = int((timezone.now() - since).total_seconds() // 60)
    if passed < 60:
        return _("%(n)d min") % {"n": max(passed, 0)}
    if passed < 24 * 60:
        return _("%(n)d h") % {"n": passed // 60}
    return days_since(since)


@register.filter
def days_since(moment: datetime) -> str:
    """Whole days passed since."""
    return formatting.days(max((timezone.now() - moment).days, 0))


@register.filter
def stands_hard(deal: Any) -> bool:
    """Longer than twice the limit of its stage."""
    limit = deal.stage.rot_days or 0
    return (timezone.now() - deal.stage_entered_at).days > 2 * limit


@register.filter
def verbose_name(record: Any) -> str:
    """What kind of record it is, in words."""
    return record._meta.verbose_name


@register.filter
def contains(keys: Any, key: Any) -> bool:
    """Membership in a set that the view prepared."""
    return key in keys


def _day(moment: datetime) -> Any:
    return timezone.localtime(moment).date()
