"""Filters of the people page."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User


class PersonFilter(django_filters.FilterSet):
    """By name or address, department, active or not."""

    q = django_filters.CharFilter(label=_("Name or e-mail"), method="by_text")
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=Department.objects.all()
    )
    is_active = django_filters.BooleanFilter(label=_("Active"))

    class Meta:
        model = User
        fields = ["q", "department", "is_active"]

    def by_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Every word is part of a name or of the address."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(last_name__icontains=word)
                | Q(first_name__icontains=word)
                | Q(email__icontains=word)
            )
        return rows
