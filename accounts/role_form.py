"""The matrix of a role as a form: a scope per record type and action, rights as ticks."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Group, Role, User
from records.forms import RecordForm
from records.rights import (
    ACTIONS,
    RECORD_TYPES,
    SCOPE_LABELS,
    SYSTEM,
    SYSTEM_RIGHTS,
    Grant,
    Scope,
)

SCOPES = [(int(scope), label) for scope, label in SCOPE_LABELS.items()]


class RoleForm(RecordForm):
    """Name, matrix, rights of the system, holders."""

    users = forms.ModelMultipleChoiceField(User.objects.all(), label=_("People"), required=False)
    departments = forms.ModelMultipleChoiceField(
        Department.objects.all(), label=_("Departments"), required=False
    )
    groups = forms.ModelMultipleChoiceField(Group.objects.all(), label=_("Groups"), required=False)

    class Meta:
        model = Role
        fields = ["name"]

    def __init__(self, *args: Any, copied: Role | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = copied or self.instance
        stored = shown.grants.all() if shown.pk else ()
        grants = {(row.record_type, row.action): row for row in stored}
        for kind, action in matrix_cells():
            row = grants.get((kind, action))
            self.fields[f"scope-{kind}-{action}"] = forms.TypedChoiceField(
                choices=SCOPES, coerce=int, initial=row.scope if row else 0
            )
            self.fields[f"unassigned-{kind}-{action}"] = forms.BooleanField(
                required=False, initial=bool(row and row.unassigned)
            )
        for name, label in SYSTEM_RIGHTS.items():
            self.fields[f"right-{name}"] = forms.BooleanField(
                required=False, label=label, initial=(SYSTEM, name) in grants
            )
        self._offer_holders()

    def _offer_holders(self) -> None:
        given = list(self.instance.assignments.all()) if self.instance.pk else []
        for name, column in (("users", "user_id"), ("departments", "department_id")):
            keys = [getattr(row, column) for row in given if getattr(row, column)]
            field = self.fields[name]
            field.queryset = field.queryset.filter(Q(is_active=True) | Q(pk__in=keys))
            field.initial = keys
        self.fields["groups"].initial = [row.group_id for row in given if row.group_id]

    def matrix(self) -> dict[tuple[str, str], Grant]:
        """The grants as posted."""
        data = self.cleaned_data
        grants = {
            (kind, action): Grant(
                Scope(data[f"scope-{kind}-{action}"]), data[f"unassigned-{kind}-{action}"]
            )
            for kind, action in matrix_cells()
        }
        rights = {
            (SYSTEM, name): Grant(Scope.ALL) for name in SYSTEM_RIGHTS if data[f"right-{name}"]
        }
        return grants | rights

    def holders(self) -> dict[str, Any]:
        """What set_holders takes."""
        return {name: self.cleaned_data[name] for name in ("users", "departments", "groups")}

    def rows(self) -> Iterator[tuple[Any, list[tuple[Any, forms.BoundField, forms.BoundField]]]]:
        """The table for the page: record type, then (action, scope field, unassigned field)."""
        for kind, label in RECORD_TYPES.items():
            yield (
                label,
                [
                    (title, self[f"scope-{kind}-{action}"], self[f"unassigned-{kind}-{action}"])
                    for action, title in ACTIONS.items()
                ],
            )

    def rights(self) -> list[forms.BoundField]:
        """Ticks of the system's rights."""
        return [self[f"right-{name}"] for name in SYSTEM_RIGHTS]


def matrix_cells() -> list[tuple[str, str]]:
    """Every pair of record type and action."""
    return [(kind, action) for kind in RECORD_TYPES for action in ACTIONS]
