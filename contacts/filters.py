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


def by_words(rows: QuerySet, name: str, text: str) -> QuerySet:
    """A phone in any spelling, or every word somewhere in the folded text."""
    if looks_like_phone(text) and not rows.hides("phones"):
        return rows.filter(pk__in=holders_of(Phone, rows.model.record_type, text))
    for word in text.split()[:6]:
        rows = rows.containing(Fold(Value(word)))
    return rows


class OwnedFilter(django_filters.FilterSet):
    """Text and owner."""

    q = django_filters.CharFilter(label=_("Search"), method=by_words, max_length=200)
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record_type = self.queryset.model.record_type
        offer_people(self.filters["owner"].field, self.request.user, record_type)

    @property
    def form(self) -> Any:
        """The filter's form; an empty box says what it filters by."""
        form = super().form
        for field in form.fields.values():
            if hasattr(field, "empty_label"):
                field.empty_label = field.label
            else:
                field.widget.attrs["placeholder"] = field.label
        return form


class CompanyFilter(OwnedFilter):
    """Companies by type and industry."""

    kind = django_filters.ChoiceFilter(
        label=_("Type"), choices=CompanyKind.choices, empty_label=_("Type")
    )
    industry = django_filters.CharFilter(label=_("Industry"), max_length=120)

    class Meta:
        model = Company
        fields: list[str] = []


class ContactFilter(OwnedFilter):
    """People; key clients apart."""

    is_key = django_filters.BooleanFilter(label=_("Key client"))

    class Meta:
        model = Contact
        fields: list[str] = []
