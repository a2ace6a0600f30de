"""Filters of the people page."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Role, User
from accounts.querysets import reached_by

STATES = [("active", _("Active")), ("off", _("Deactivated"))]


class PersonFilter(django_filters.FilterSet):
    """By name or address, department, role, active or not."""

    q = django_filters.CharFilter(label=_("Name or e-mail"), method="by_text", max_length=200)
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=Department.objects.all(), empty_label=_("All departments")
    )
    role = django_filters.ModelChoiceFilter(
        label=_("Role"),
        queryset=Role.objects.all(),
        method="by_role",
        empty_label=_("All roles"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_state", empty_label=_("Active and not")
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["q"].widget.attrs["placeholder"] = self.form.fields["q"].label

    def by_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Every word is part of a name or of the address."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(last_name__icontains=word)
                | Q(first_name__icontains=word)
                | Q(email__icontains=word)
            )
        return rows

    def by_role(self, rows: QuerySet, name: str, value: Role) -> QuerySet:
        """Active people who hold the role, however it was given."""
        return rows.filter(pk__in=reached_by(value.assignments.all()).values("pk"))

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Those who may sign in, or those who may not."""
        return rows.filter(is_active=value == "active")
