"""Spans of local days, their presets and what each is compared with."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.filters import FIRST_DAY, day_start

DEFAULT_PRESET = "this_month"
PRESETS = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "this_week": gettext_lazy("This week"),
    "last_week": gettext_lazy("Last week"),
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("Quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "year": gettext_lazy("Year"),
    "last_year": gettext_lazy("Last year"),
    "fiscal_year": gettext_lazy("Fiscal year"),
    "all": gettext_lazy("All time"),
}
COMPARED = {
    "previous": gettext_lazy("with the period before"),
    "year": gettext_lazy("with the same days a year ago"),
    "none": gettext_lazy("with nothing"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`, both included; None bounds nothing on its side."""

    first: date | None = None
    last: date | None = None

    @property
    def start(self) -> datetime | None:
        """The moment the first day begins in the active zone."""
        return day_start(self.first) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The moment the last day is over in the active zone; itself outside the period."""
        return day_start(self.last + timedelta(days=1)) if self.last else None

    @property
    def previous(self) -> "Period | None":
        """As many days as here, ending the day before; None for a period without an edge."""
        if not self.first or not self.last:
            return None
        length = self.last - self.first
        last = self.first - timedelta(days=1)
        if last < FIRST_DAY + length:
            return None
        return Period(last - length, last)

    def within(self, name: str) -> Q:
        """Rows whose moment `name` lies in [start, end)."""
        found = Q()
        if self.start:
            found &= Q(**{f"{name}__gte": self.start})
        if self.end:
            found &= Q(**{f"{name}__lt": self.end})
        return found

    def link(self, prefix: str) -> dict[str, str]:
        """Parameters of a list: `created_from`, `created_to` for the prefix `created`."""
        edges = {f"{prefix}_from": self.first, f"{prefix}_to": self.last}
        return {name: day.isoformat() for name, day in edges.items() if day}

    def __str__(self) -> str:
        days = [date_format(day, "SHORT_DATE_FORMAT") for day in (self.first, self.last) if day]
        return " – ".join(days) or str(_("all time"))


def preset_period(name: str, today: date) -> Period:
    """The days of a preset; the present week, month, quarter and years end today."""
    month = today.replace(day=1)
    quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
    year = month.replace(month=1)
    week = today - timedelta(days=today.weekday())
    yesterday = today - timedelta(days=1)
    spans = {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "this_week": (week, today),
        "last_week": (week - timedelta(days=7), week - timedelta(days=1)),
        "last_month": (months_later(month, -1), month - timedelta(days=1)),
        "quarter": (quarter, today),
        "last_quarter": (months_later(quarter, -3), quarter - timedelta(days=1)),
        "year": (year, today),
        "last_year": (months_later(year, -12), year - timedelta(days=1)),
        "fiscal_year": (_fiscal_start(today), today),
        "all": (None, None),
    }
    return Period(*spans.get(name, (month, today)))


def _fiscal_start(today: date) -> date:
    """The first day of the fiscal year that holds the day."""
    first = date(today.year, settings.FISCAL_YEAR_MONTH, 1)
    return first if first <= today else months_later(first, -12)


def months_later(day: date, count: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    at = day.year * 12 + day.month - 1 + count
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_of_month(first: date, within: Period) -> Period:
    """The days of the month beginning at `first` that lie in the period."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return Period(
        max(first, within.first) if within.first else first,
        min(last, within.last) if within.last else last,
    )


def compared_with(period: Period, how: str) -> Period | None:
    """The period of comparison, or None when there is none."""
    if how == "none":
        return None
    if how != "year":
        return period.previous
    if not period.first or not period.last or period.first.year <= FIRST_DAY.year:
        return None
    return Period(months_later(period.first, -12), months_later(period.last, -12))
