"""Filters of the lists of companies and people."""

from typing import Any

import django_filters
from django.db.models import QuerySet, Value
from django.utils.translation import gettext_lazy as _

from accounts.forms import offer_people
from accounts.models import User
from contacts.models import Company, Contact, Phone
from contacts.models.companies import CompanyKind
from contacts.phones import holders_of, looks_like_phone
from records.fields import Fold
from records.filtering import AnyOfFilter, FilledFilter, PeriodFilter, WhoseFilter


def by_words(rows: QuerySet, name: str, text: str) -> QuerySet:
    """A phone in any spelling, or every word somewhere in the folded text."""
    if looks_like_phone(text) and not rows.hides("phones"):
        return rows.filter(pk__in=holders_of(Phone, rows.model.record_type, text))
    for word in text.split()[:6]:
        rows = rows.containing(Fold(Value(word)))
    return rows


class OwnedFilter(django_filters.FilterSet):
    """Text, owner, days of creation and of change."""

    q = django_filters.CharFilter(label=_("Search"), method=by_words, max_length=200)
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=User.objects.none())
    whose = WhoseFilter()
    created = PeriodFilter(label=_("Created"), field_name="created_at", empty_label=_("Any time"))
    updated = PeriodFilter(label=_("Changed"), field_name="updated_at", empty_label=_("Any time"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_type = self.queryset.model.record_type
        offer_people(self.filters["owner"].field, self.request.user, record_type)

    @property
    def form(self) -> Any:
        """The filter's form; the search box says what it searches."""
        form = super().form
        form.fields["q"].widget.attrs["placeholder"] = form.fields["q"].label
        return form


class CompanyFilter(OwnedFilter):
    """Companies by type and industry."""

    kind = AnyOfFilter(label=_("Type"), choices=CompanyKind.choices)
    industry = django_filters.CharFilter(
        label=_("Industry"), max_length=120, lookup_expr="icontains"
    )
    city = django_filters.CharFilter(label=_("City"), max_length=120, lookup_expr="icontains")
    people_from = django_filters.NumberFilter(
        label=_("Employees, from"), field_name="head_count", lookup_expr="gte", max_value=10**9
    )
    people_to = django_filters.NumberFilter(
        label=_("Employees, to"), field_name="head_count", lookup_expr="lte", max_value=10**9
    )
    tax = FilledFilter(label=_("Tax id"), field_name="tax_id", is_text=True, empty_label=_("Any"))
    is_key = django_filters.BooleanFilter(label=_("Key client"))

    class Meta:
        model = Company
        fields: list[str] = []


class ContactFilter(OwnedFilter):
    """People; key clients apart."""

    is_key = django_filters.BooleanFilter(label=_("Key client"))
    position = django_filters.CharFilter(
        label=_("Position"), max_length=120, lookup_expr="icontains"
    )
    city = django_filters.CharFilter(label=_("City"), max_length=120, lookup_expr="icontains")

    class Meta:
        model = Contact
        fields: list[str] = []
