"""Tags and filters of every template."""

from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records import formatting

register = template.Library()

LEVEL_ICONS = {
    "success": "circle-check",
    "info": "info-circle",
    "warning": "alert-triangle",
    "error": "alert-circle",
    "reminder": "alarm",
}

register.filter("number", formatting.number)
register.filter("percent", formatting.percent)
register.filter("money", formatting.money)
register.filter("short_when", formatting.short_when)
register.filter("when", formatting.when)
register.filter("clock", formatting.clock)
register.filter("day_words", formatting.day_words)
register.filter("ago_days", formatting.ago_days)
register.filter("days", formatting.days)
register.filter("duration", formatting.duration)


@cache
def _sprite() -> str:
    """The address of the sprite; asked for every icon, the same while the process lives."""
    return static("dist/icons.svg")


@cache
def _symbol(name: str, size: int) -> SafeString:
    grown = "" if size == 16 else f" ic-{size}"
    return format_html(
        '<svg class="ic{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', grown, _sprite(), name
    )


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """One symbol of the sprite; without a label it is hidden from screen readers."""
    if not label:
        return _symbol(str(name), size)
    grown = "" if size == 16 else f" ic-{size}"
    return format_html(
        '<svg class="ic{}" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>',
        grown,
        label,
        _sprite(),
        name,
    )


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str:
    """The address, or an empty string while no such name exists."""
    try:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("components/avatar.html", takes_context=True)
def avatar(context: template.Context, person: Any, size: int = 22) -> dict[str, Any]:
    """Initials of a person; the reader's own are tinted."""
    reader = getattr(context.get("request"), "user", None)
    own = bool(person) and getattr(reader, "pk", None) == getattr(person, "pk", 0)
    return {"person": person, "own": own, "size": size}


@register.inclusion_tag("components/sign.html")
def sign(
    due_at: date | datetime | None, kind: str = "", url: str = "", words: str = ""
) -> dict[str, Any]:
    """The next-step sign, icon and words in four states; `url` makes it open a dialog."""
    state, icon_name, text = formatting.step_sign(due_at, str(kind or ""))
    return {"state": state, "icon": icon_name, "text": words or text, "url": url}


@register.inclusion_tag("components/bar.html")
def bar(
    value: Any, total: Any = 100, mark: Any = None, tone: str = "", label: str = ""
) -> dict[str, Any]:
    """A bar of progress; `mark` is a second line on the same scale, `tone` good, bad or quiet."""
    return {
        "width": _share(value, total),
        "mark": _share(mark, total) if mark is not None else "",
        "tone": f"f-{tone}" if tone else "",
        "label": label,
    }


def _share(value: Any, total: Any) -> str:
    part, whole = formatting.decimal(value) or 0, formatting.decimal(total) or 0
    share = float(part) / float(whole) * 100 if whole else 0.0
    return f"{min(max(share, 0.0), 100.0):.2f}"


@register.inclusion_tag("components/toast.html")
def toast(message: Message | str, level: str = "", undo: str = "", url: str = "") -> dict[str, Any]:
    """A toast from Django's message; its extra tag may be `undo:<address>` or `link:<address>`."""
    level = level or getattr(message, "level_tag", "") or "success"
    extra = getattr(message, "extra_tags", "") or ""
    if extra.startswith("undo:"):
        undo = extra.removeprefix("undo:")
    elif extra.startswith("link:"):
        url = extra.removeprefix("link:")
    return {
        "text": str(message),
        "level": level,
        "icon": LEVEL_ICONS.get(level, "info-circle"),
        "undo": undo,
        "url": url,
    }


@register.filter
def message_icon(level: str) -> str:
    """The icon of an inline message."""
    return LEVEL_ICONS.get(level, "info-circle")


@register.filter
def days_left(value: date | datetime | None) -> str:
    """`in 3 d` or `overdue 2 d`."""
    if not value:
        return ""
    late = formatting.days_since(value)
    if late > 0:
        return _("overdue %(days)s") % {"days": formatting.days(late)}
    return _("today") if late == 0 else _("in %(days)s") % {"days": formatting.days(-late)}
