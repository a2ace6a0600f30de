"""Filters that every list shares, and the active ones in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from records import formatting

PERIODS = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "this_week": _("This week"),
    "last_week": _("Last week"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "this_quarter": _("This quarter"),
    "last_quarter": _("Last quarter"),
    "last_7": _("Last 7 days"),
    "last_30": _("Last 30 days"),
    "last_90": _("Last 90 days"),
}
PASSING = ("after", "page", "csrfmiddlewaretoken", "view", "columns")


def period_days(code: str, today: date) -> tuple[date, date]:
    """First and last day of a relative period; weeks begin on Monday."""
    if code.startswith("last_") and code[5:].isdecimal():
        return today - timedelta(days=int(code[5:]) - 1), today
    if code in ("today", "yesterday"):
        day = today - timedelta(days=code == "yesterday")
        return day, day
    which, _mark, unit = code.partition("_")
    first, after = _whole(unit, today)
    if which == "this":
        return first, after - timedelta(days=1)
    return _whole(unit, first - timedelta(days=1))[0], first - timedelta(days=1)


def _whole(unit: str, day: date) -> tuple[date, date]:
    """The week, month or quarter of the day: its first day and the day after its last."""
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    months = 3 if unit == "quarter" else 1
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    after = (first + timedelta(days=31 * months)).replace(day=1)
    return first, after


def midnight(day: date) -> datetime:
    """The first moment of the day in the person's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class PeriodFilter(filters.ChoiceFilter):
    """Days counted from today in the person's zone; `is_moment` columns hold instants."""

    def __init__(self, *, is_moment: bool = True, **kwargs: Any) -> None:
        super().__init__(choices=list(PERIODS.items()), **kwargs)
        self.is_moment = is_moment

    def filter(self, rows: QuerySet, value: str) -> QuerySet:
        """Both ends are included."""
        if not value:
            return rows
        first, last = period_days(value, timezone.localdate())
        after = last + timedelta(days=1)
        bounds = (midnight(first), midnight(after)) if self.is_moment else (first, after)
        names = (f"{self.field_name}__gte", f"{self.field_name}__lt")
        return rows.filter(**dict(zip(names, bounds, strict=True)))


class WhoseFilter(filters.MultipleChoiceFilter):
    """Rows of the reader, of the reader's department, of nobody; several unite."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [
            ("me", _("Mine")),
            ("department", _("My department")),
            ("nobody", _("Without owner")),
        ]
        super().__init__(
            choices=choices,
            label=_("Whose"),
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def filter(self, rows: QuerySet, value: Iterable[str]) -> QuerySet:
        """A person without a department has only oneself there."""
        user = self.parent.request.user
        people = get_user_model()._default_manager.filter(department=user.department_id)
        colleagues = Q(owner__in=people.values("pk")) if user.department_id else Q()
        meanings = {
            "me": Q(owner=user.pk),
            "department": Q(owner=user.pk) | colleagues,
            "nobody": Q(owner__isnull=True),
        }
        wanted = Q()
        for code in value:
            wanted |= meanings[code]
        return rows.filter(wanted)


class AnyOfFilter(filters.MultipleChoiceFilter):
    """Rows with one of the chosen codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, **kwargs)

    def filter(self, rows: QuerySet, value: list[str]) -> QuerySet:
        """One condition whatever the number of codes."""
        return rows.filter(**{f"{self.field_name}__in": value}) if value else rows


class AnyRowFilter(filters.ModelMultipleChoiceFilter):
    """Rows that point at one of the chosen rows of a short list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, **kwargs)

    def filter(self, rows: QuerySet, value: Any) -> QuerySet:
        """One condition whatever the number of rows."""
        keys = [row.pk for row in value]
        return rows.filter(**{f"{self.field_name}__in": keys}) if keys else rows


class FilledFilter(filters.ChoiceFilter):
    """Rows where a column is empty, or is not; an empty text counts as empty."""

    def __init__(self, *, is_text: bool = False, **kwargs: Any) -> None:
        choices = [("empty", _("Empty")), ("filled", _("Filled in"))]
        super().__init__(choices=choices, **kwargs)
        self.is_text = is_text

    def filter(self, rows: QuerySet, value: str) -> QuerySet:
        """Exactly the rows, or exactly the others."""
        if not value:
            return rows
        empty = Q(
            **({self.field_name: ""} if self.is_text else {f"{self.field_name}__isnull": True})
        )
        return rows.filter(empty if value == "empty" else ~empty)


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter in words and the address without it."""

    label: str
    value: str
    url: str


def address(request: HttpRequest, **changes: Any) -> str:
    """The present query without pages, with changes; None removes a name."""
    params = request.GET.copy()
    for name in (*PASSING, *changes):
        params.pop(name, None)
    for name, value in changes.items():
        if isinstance(value, list | tuple):
            params.setlist(name, value)
        elif value is not None:
            params[name] = value
    return f"?{params.urlencode()}"


def chips_of(request: HttpRequest, found: Any, skipped: Iterable[str] = ("q",)) -> list[Chip]:
    """Active filters in words, one chip for each value."""
    found.form.is_valid()
    made = []
    for name, value in found.form.cleaned_data.items():
        if name in skipped or name not in request.GET:
            continue
        many = value if isinstance(value, list | tuple | QuerySet) else [value]
        made += [
            _chip(request, found.form.fields[name], name, one)
            for one in many
            if one not in (None, "", False)
        ]
    return made


def _chip(request: HttpRequest, field: Any, name: str, value: Any) -> Chip:
    posted = str(getattr(value, "pk", value))
    others = [each for each in request.GET.getlist(name) if each != posted]
    is_many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    url = address(request, **{name: others if is_many and others else None})
    return Chip(str(field.label), _words(field, value, request.user), url)


def _words(field: Any, value: Any, user: Any) -> str:
    if value == user:
        return str(_("me"))
    if value is True:
        return str(_("yes"))
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(field, forms.DecimalField):
        return formatting.number(value)
    if hasattr(value, "pk"):
        return str(value)
    return str(dict(getattr(field, "choices", ()) or ()).get(value, value))
