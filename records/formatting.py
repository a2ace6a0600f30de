"""How sums, moments and spans are written: pure functions in the active language."""

import math
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_duration
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NBSP = "\u00a0"
SYMBOLS = {"RUB": "₽", "UAH": "₴", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "GBP": "£"}
BEFORE = {"USD", "EUR", "GBP"}


def decimal(value: Any) -> Decimal | None:
    """The value as a finite Decimal, or None."""
    try:
        number = Decimal(str(value))
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() else None


def number(value: Any, places: int | None = None) -> str:
    """A number in the active language with no-break groups; two decimals only when needed."""
    amount = decimal(value)
    if amount is None:
        return ""
    if places is None:
        places = 0 if amount == amount.to_integral_value() else 2
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True).replace(
        " ", NBSP
    )


def money(value: Any, currency: str = "") -> str:
    """`1 240 000 ₽`; in English `$1,240,000`; kopecks only when there are any."""
    text = number(value)
    if not text or not currency:
        return text
    code = str(currency).upper()
    sign = SYMBOLS.get(code, code)
    if (get_language() or "").startswith("en") and code in BEFORE:
        return f"−{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"
    return f"{text.replace('-', '−')}{NBSP}{sign}"


def percent(value: Any, places: int = 0) -> str:
    """`58,9 %`; the value is already in per cent."""
    text = number(value, places)
    gap = "" if (get_language() or "").startswith("en") else NBSP
    return f"{text}{gap}%" if text else ""


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _as_date(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def clock(moment: datetime) -> str:
    """`15:30` in the person's zone, always by the 24-hour clock."""
    return f"{_local(moment):%H:%M}"


def day_words(value: date | datetime, today: date | None = None) -> str:
    """`today`, `yesterday`, `tomorrow`, `25 Nov` within the year, else `25.11.2025`."""
    day = _as_date(value)
    today = today or timezone.localdate()
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}.get((day - today).days)
    if near:
        return near
    if day.year == today.year:
        is_english = (get_language() or "").startswith("en")
        month = date_format(day, "M") if is_english else date_format(day, "E")[:3]  # 15 мая
        return f"{day.day}{NBSP}{month}"
    return f"{day:%d.%m.%Y}"


def short_when(value: date | datetime | None, now: datetime | None = None) -> str:
    """A moment in brief: `15:30` today, `yesterday`, `25 Nov` this year, else a full date."""
    if not value:
        return ""
    today = timezone.localdate(now) if now else timezone.localdate()
    if isinstance(value, datetime) and _as_date(value) == today:
        return clock(value)
    return day_words(value, today)


def when(value: date | datetime | None, now: datetime | None = None) -> str:
    """Day and time: `today, 15:30`, `26 Nov, 10:00`."""
    if not value:
        return ""
    today = timezone.localdate(now) if now else timezone.localdate()
    words = day_words(value, today)
    return f"{words}, {clock(value)}" if isinstance(value, datetime) else words


def days_since(value: date | datetime, today: date | None = None) -> int:
    """Whole calendar days from the value until today in the person's zone."""
    return ((today or timezone.localdate()) - _as_date(value)).days


def days(count: int) -> str:
    """`2 дн`, `2 d`: a span in a narrow place."""
    return _("%(count)s d").replace(" ", NBSP) % {"count": count}


def ago_days(value: date | datetime | None, today: date | None = None) -> str:
    """How many days ago: `today`, `3 days ago`."""
    if not value:
        return ""
    count = days_since(value, today)
    if count <= 0:
        return _("today")
    if count == 1:
        return _("yesterday")
    return ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}


def duration(value: timedelta | float | str | None) -> str:
    """A span by its largest units: `6 min`, `2 h 05 min`, `3 d`; numbers are seconds."""
    seconds = _seconds(value)
    if seconds is None:
        return ""
    minutes = math.floor(seconds / 60)
    if seconds < 60:
        text = _("%(count)s s") % {"count": int(seconds)}
    elif minutes < 60:
        text = _("%(count)s min") % {"count": minutes}
    elif minutes < 48 * 60:
        text = _("%(hours)s h %(minutes)s min") % {
            "hours": minutes // 60,
            "minutes": f"{minutes % 60:02d}",
        }
    else:
        text = days(minutes // 1440)
    return text.replace(" ", NBSP)


def _seconds(value: timedelta | float | str | None) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        parsed = parse_duration(value)
        return parsed.total_seconds() if parsed else None
    return float(value)


def step_sign(
    due_at: date | datetime | None, kind: str = "", now: datetime | None = None
) -> tuple[str, str, str]:
    """The next step in four states: (state, icon, words); `kind` is the word for the activity."""
    if not due_at:
        return "none", "alert-triangle", _("No task")
    now = now or timezone.now()
    today = timezone.localdate(now)
    late = days_since(due_at, today)
    if late > 0:
        return "overdue", "alert-circle", _("overdue %(days)s") % {"days": days(late)}
    text = short_when(due_at, now)
    if not isinstance(due_at, datetime) and late == 0:
        text = _("today")
    words = f"{kind} · {text}" if kind else text
    if late == 0:
        if isinstance(due_at, datetime) and due_at < now:
            return "overdue", "alert-circle", words
        return "today", "alarm", words
    return "planned", "clock", words
