"""The forms of a role: its matrix and rights, its rules of fields and stages, its holders."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Group, Role, StageRule, User
from accounts.services import StageInput
from accounts.tree import in_tree_order
from records.forms import RecordField, RecordForm
from records.rights import (
    ACTIONS,
    LEVEL_LABELS,
    RECORD_TYPES,
    RULED_FIELDS,
    SCOPE_LABELS,
    SYSTEM,
    SYSTEM_RIGHTS,
    Grant,
    Level,
    Scope,
)

SCOPES = [(int(scope), label) for scope, label in SCOPE_LABELS.items()]
LEVELS = [(int(level), label) for level, label in LEVEL_LABELS.items()]
BY_DEFAULT = ("", _("As the role says"))
NOWHERE, ONLY, BELOW = "", "only", "below"
PLACES = [(NOWHERE, "—"), (ONLY, _("This department")), (BELOW, _("With those below"))]


class RoleForm(RecordForm):
    """Name, matrix, rights of the system."""

    class Meta:
        model = Role
        fields = ["name", "requires_second_factor"]

    def __init__(self, *args: Any, copied: Role | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = copied or self.instance
        self.initial["requires_second_factor"] = shown.requires_second_factor
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

    def requires_second_factor(self) -> bool:
        """Whether holders must have one."""
        return bool(self.cleaned_data["requires_second_factor"])

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


class RoleHoldersForm(RecordForm):
    """To whom the role is given: people, departments with or without those below, groups."""

    users = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Given directly"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    newcomer = RecordField(
        User.objects.filter(is_active=True), "user", label=_("Give to one more"), required=False
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.all(),
        label=_("Groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Role
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = list(self.instance.assignments.all())
        users = [row.user_id for row in given if row.user_id]
        field: Any = self.fields["users"]
        field.queryset = User.objects.filter(Q(is_active=True) | Q(pk__in=users))
        field.initial = users
        self.present = User.objects.filter(pk__in=users)
        field.widget.choices = [(row.pk, field.label_from_instance(row)) for row in self.present]
        self.fields["groups"].initial = [row.group_id for row in given if row.group_id]
        places = {row.department_id: row.includes_below for row in given if row.department_id}
        self.departments = [
            row
            for row in in_tree_order(Department.objects.all())
            if row.is_active or row.pk in places
        ]
        for row in self.departments:
            below = places.get(row.pk)
            self.fields[f"place-{row.pk}"] = forms.ChoiceField(
                choices=PLACES,
                label=row.name,
                required=False,
                initial=NOWHERE if below is None else BELOW if below else ONLY,
            )

    def tree(self) -> list[tuple[Department, forms.BoundField]]:
        """Departments with their fields."""
        return [(row, self[f"place-{row.pk}"]) for row in self.departments]

    def holders(self) -> dict[str, Any]:
        """What set_holders takes."""
        data = self.cleaned_data
        placed = {row: data.get(f"place-{row.pk}", NOWHERE) for row in self.departments}
        newcomer = data["newcomer"]
        return {
            "users": [*data["users"], *([newcomer] if newcomer else [])],
            "groups": data["groups"],
            "departments": [row for row, place in placed.items() if place == ONLY],
            "departments_below": [row for row, place in placed.items() if place == BELOW],
        }


class RoleRulesForm(RecordForm):
    """Fields and stages that the role closes, and whether it sees the key clients."""

    class Meta:
        model = Role
        fields = ["closed_by_default", "is_novice"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = {
            (row.record_type, row.field): row.level for row in self.instance.field_rules.all()
        }
        for kind, ruled in RULED_FIELDS.items():
            for code, rule in ruled.items():
                self.fields[f"field-{kind}-{code}"] = forms.TypedChoiceField(
                    choices=[BY_DEFAULT, *LEVELS],
                    coerce=_level,
                    empty_value=None,
                    required=False,
                    label=rule.label,
                    initial=levels.get((kind, code), ""),
                )
        self._add_stages()

    def _add_stages(self) -> None:
        kept = {
            row.stage_id: row for row in self.instance.stage_rules.prefetch_related("moves").all()
        }
        stages: Any = StageRule._meta.get_field("stage").related_model
        self.stages = list(
            stages._default_manager.filter(is_active=True, pipeline__is_active=True)
            .select_related("pipeline")
            .order_by("pipeline__position", "pipeline", "position")
        )
        for stage in self.stages:
            rule = kept.get(stage.pk)
            self.fields[f"stage-{stage.pk}"] = forms.TypedChoiceField(
                choices=LEVELS, coerce=_level, initial=rule.level if rule else int(Level.EDIT)
            )
            self.fields[f"close-{stage.pk}"] = forms.BooleanField(
                required=False, initial=rule.can_close if rule else True
            )
            self.fields[f"limit-{stage.pk}"] = forms.BooleanField(
                required=False, initial=bool(rule and rule.limits_moves)
            )
            self.fields[f"moves-{stage.pk}"] = forms.TypedMultipleChoiceField(
                choices=[
                    (other.pk, other.name)
                    for other in self.stages
                    if other.pipeline_id == stage.pipeline_id and other.pk != stage.pk
                ],
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[other.pk for other in rule.moves.all()] if rule else [],
            )

    def field_levels(self) -> dict[tuple[str, str], Level | None]:
        """What set_field_rules takes."""
        return {
            (kind, code): self.cleaned_data[f"field-{kind}-{code}"]
            for kind, ruled in RULED_FIELDS.items()
            for code in ruled
        }

    def stage_rules(self) -> list[StageInput]:
        """What set_stage_rules takes; an open stage needs no rule."""
        found = []
        for stage in self.stages:
            level, can_close, limited, moves = (
                self.cleaned_data[f"{name}-{stage.pk}"]
                for name in ("stage", "close", "limit", "moves")
            )
            if level != Level.EDIT or limited or not can_close:
                reach = tuple(moves) if limited else None
                found.append(StageInput(stage.pk, level, reach, can_close))
        return found

    def field_rows(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Record type, then its fields."""
        return [
            (RECORD_TYPES[kind], [self[f"field-{kind}-{code}"] for code in ruled])
            for kind, ruled in RULED_FIELDS.items()
        ]

    def stage_rows(self) -> list[tuple[Any, tuple[forms.BoundField, ...]]]:
        """Stage, then level, closing, limit, moves."""
        names = ("stage", "close", "limit", "moves")
        return [
            (stage, tuple(self[f"{name}-{stage.pk}"] for name in names)) for stage in self.stages
        ]


def _level(value: Any) -> Level:
    return Level(int(value))


def matrix_cells() -> list[tuple[str, str]]:
    """Every pair of record type and action."""
    return [(kind, action) for kind in RECORD_TYPES for action in ACTIONS]
