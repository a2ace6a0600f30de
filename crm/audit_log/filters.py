"""Filters of the audit log; each is served by an index."""

from datetime import datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from records.forms import RecordSelect
from records.models import AuditEntry, Deed
from records.rights import RECORD_TYPES

LARGEST_KEY = 2**63 - 1


def day() -> forms.DateInput:
    """A day as the browser picks it."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AuditFilter(django_filters.FilterSet):
    """By person, deed, record, day and address."""

    user = django_filters.ModelChoiceFilter(label=_("Person"), queryset=User.objects.all())
    deed = django_filters.ChoiceFilter(label=_("Deed"), choices=Deed.choices, empty_label=_("Deed"))
    record_type = django_filters.ChoiceFilter(
        label=_("Record type"),
        choices=[*RECORD_TYPES.items(), ("user", _("People"))],
        empty_label=_("Record type"),
    )
    record_id = django_filters.NumberFilter(
        label=_("Record №"),
        min_value=1,
        max_value=LARGEST_KEY,
        decimal_places=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    address = django_filters.CharFilter(label=_("Address"), method="from_address", max_length=60)
    since = django_filters.DateFilter(label=_("From"), method="from_day", widget=day())
    until = django_filters.DateFilter(label=_("To"), method="to_day", widget=day())

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.filters["user"].field
        person.widget = RecordSelect("user", {"data-placeholder": _("Person")})
        person.label_from_instance = str

    @property
    def form(self) -> Any:
        """An empty box says what it filters by."""
        form = super().form
        for name, field in form.fields.items():
            if hasattr(field, "empty_label"):
                field.empty_label = field.label
            elif name not in ("since", "until"):
                field.widget.attrs["placeholder"] = field.label
        return form

    def from_address(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """One address, exactly; what is no address finds nothing."""
        try:
            address = forms.GenericIPAddressField().clean(value.strip())
        except forms.ValidationError:
            return rows.none()
        return rows.filter(address=address)

    def from_day(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """From the midnight of the reader's zone."""
        return rows.filter(at__gte=_midnight(value))

    def to_day(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """The last day included."""
        return rows.filter(at__lt=_midnight(value + timedelta(days=1)))


def _midnight(value: Any) -> datetime:
    return timezone.make_aware(datetime.combine(value, time.min))
