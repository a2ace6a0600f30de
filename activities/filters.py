"""Filters of the list of activities; reports link here with dates and lateness."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import offer_people
from accounts.models import User
from activities.models import Activity, CallResult, Kind
from activities.moments import day_start


class ActivityFilter(django_filters.FilterSet):
    """Owner, kind, days on which it was done (in the person's zone), lateness."""

    owner = django_filters.ModelChoiceFilter(
        queryset=User.objects.none(), empty_label=_("Everybody"), label=_("Owner")
    )
    kind = django_filters.ChoiceFilter(
        choices=Kind.choices,
        empty_label=_("Any kind"),
        label=_("Kind"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    done_from = django_filters.DateFilter(method="after_day", label=_("Done from"))
    done_to = django_filters.DateFilter(method="before_day", label=_("Done to"))
    late = django_filters.BooleanFilter(method="only_late", label=_("Late"))
    result = django_filters.ChoiceFilter(choices=CallResult.choices, label=_("Result"))
    connected = django_filters.BooleanFilter(method="only_connected", label=_("Connected"))

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self.filters["owner"].field, self.request.user, "activity")

    def after_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return self._bounded(rows, "done_at__gte", day)

    def before_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return self._bounded(rows, "done_at__lt", day, 1)

    def only_late(self, rows: QuerySet, name: str, late: bool) -> QuerySet:
        condition = Q(done_at__gt=F("due_at")) | Q(done_at__isnull=True, due_at__lt=timezone.now())
        return rows.filter(condition) if late else rows

    def only_connected(self, rows: Any, name: str, connected: bool) -> QuerySet:
        return rows.connected() if connected else rows

    def _bounded(self, rows: QuerySet, lookup: str, day: date, days: int = 0) -> QuerySet:
        """A day outside the years of the calendar bounds nothing."""
        try:
            edge = day_start(day + timedelta(days=days), timezone.get_current_timezone())
        except (ValueError, OverflowError):
            return rows
        return rows.filter(**{lookup: edge})
