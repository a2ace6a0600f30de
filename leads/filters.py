"""Filters of the list of leads."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.filters import OwnedFilter
from leads.models import Lead, LeadStatus, Source


class LeadFilter(OwnedFilter):
    """By status, source, owner, day of creation (in the person's zone, both ends included)."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=LeadStatus.choices, empty_label=_("Status")
    )
    source = django_filters.ModelChoiceFilter(label=_("Source"), queryset=Source.objects.all())
    created_from = django_filters.DateFilter(
        label=_("Created from"),
        field_name="created_at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    created_to = django_filters.DateFilter(
        label=_("Created to"),
        field_name="created_at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    nobody = django_filters.BooleanFilter(
        label=_("Without owner"), method="without_owner", widget=forms.CheckboxInput
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def without_owner(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        """Leads that nobody has."""
        return rows.filter(owner__isnull=True) if value else rows
