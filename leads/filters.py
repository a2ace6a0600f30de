"""Filters of the list of leads."""

from datetime import UTC, date, datetime, time, timedelta

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.filters import OwnedFilter
from leads.models import Lead, LeadStatus, Source
from records.filtering import AnyOfFilter, AnyRowFilter, FilledFilter

ONE_DAY = timedelta(days=1)


def start_of(day: date) -> datetime:
    """Midnight in the present time zone; the first days of the calendar have none before UTC."""
    if day <= date.min + ONE_DAY:
        return datetime.min.replace(tzinfo=UTC)
    return timezone.make_aware(datetime.combine(day, time.min))


class LeadFilter(OwnedFilter):
    """By status, source, owner, day of creation (in the person's zone, both ends included)."""

    status = AnyOfFilter(label=_("Status"), choices=LeadStatus.choices)
    source = AnyRowFilter(label=_("Source"), queryset=Source.objects.all())
    amount_from = django_filters.NumberFilter(
        label=_("Amount from"), field_name="amount", lookup_expr="gte", max_value=10**13
    )
    amount_to = django_filters.NumberFilter(
        label=_("Amount to"), field_name="amount", lookup_expr="lte", max_value=10**13
    )
    has_amount = FilledFilter(label=_("Amount"), field_name="amount", empty_label=_("Any"))
    chance_from = django_filters.NumberFilter(
        label=_("Chance from, %"), field_name="chance", lookup_expr="gte", max_value=100
    )
    chance_to = django_filters.NumberFilter(
        label=_("Chance to, %"), field_name="chance", lookup_expr="lte", max_value=100
    )
    city = django_filters.CharFilter(label=_("City"), max_length=120, lookup_expr="icontains")
    campaign = django_filters.CharFilter(
        label=_("Campaign"), max_length=120, lookup_expr="icontains"
    )
    created_from = django_filters.DateFilter(
        label=_("Created from"),
        method="since",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    created_to = django_filters.DateFilter(
        label=_("Created to"),
        method="until",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def since(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        """From the first moment of the day in the person's zone; the index on moments serves."""
        return rows.filter(created_at__gte=start_of(day))

    def until(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        """To the last moment of the day."""
        return rows if day == date.max else rows.filter(created_at__lt=start_of(day + ONE_DAY))
