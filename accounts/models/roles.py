"""Roles: which actions on which records, how far, and to whom the role is given."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.history import tracked
from records.rights import LEVEL_LABELS, SCOPE_LABELS


class Group(models.Model):
    """A named set of people across departments."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    members = models.ManyToManyField(
        "accounts.User", verbose_name=_("Members"), blank=True, related_name="crm_groups"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Group")
        verbose_name_plural = _("Groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked
class Role(models.Model):
    """A named set of grants; presets are ordinary roles that the administrator may edit."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    preset = models.SlugField(max_length=40, null=True, blank=True, unique=True, editable=False)
    closed_by_default = models.BooleanField(
        _("Fields are closed unless opened"),
        default=False,
        db_default=False,
        help_text=_("Fields that rules may name are hidden until a rule of this role opens them."),
    )
    is_novice = models.BooleanField(
        _("Does not see key clients"),
        default=False,
        db_default=False,
        help_text=_("Key clients, their deals and work are hidden from whoever holds this role."),
    )
    requires_second_factor = models.BooleanField(
        _("Second factor is obligatory"),
        default=False,
        db_default=False,
        help_text=_(
            "Whoever holds this role sets it up at the next request, before anything else."
        ),
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


@tracked
class RoleGrant(models.Model):
    """One cell of a role's matrix."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    record_type = models.CharField(max_length=30)
    action = models.CharField(max_length=30)
    scope = models.PositiveSmallIntegerField(
        choices=[(int(scope), label) for scope, label in SCOPE_LABELS.items()], default=0
    )
    unassigned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "record_type", "action"], name="role_grant_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__gte=0, scope__lte=4), name="role_grant_scope_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_type}:{self.action}={self.scope}"


LEVELS = [(int(level), label) for level, label in LEVEL_LABELS.items()]


@tracked
class FieldRule(models.Model):
    """What a role may do with one field of a record type; `field` is a key of RULED_FIELDS.

    Without a rule a field is open, or closed when the role is closed by default.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="field_rules")
    record_type = models.CharField(max_length=30)
    field = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=0)

    class Meta:
        verbose_name = _("Field rule")
        verbose_name_plural = _("Field rules")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "record_type", "field"], name="field_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=0, level__lte=2), name="field_rule_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_type}.{self.field}={self.level}"


@tracked
class StageRule(models.Model):
    """What a role may do with deals in one stage, and where it may move them from there.

    Without a rule a stage is open. `moves` counts only when `limits_moves` is set; empty then
    means nowhere.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="stage_rules")
    stage = models.ForeignKey("deals.Stage", on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=2)
    limits_moves = models.BooleanField(_("Moves are limited"), default=False, db_default=False)
    can_close = models.BooleanField(
        _("May be won or lost from here"), default=True, db_default=True
    )
    moves = models.ManyToManyField("deals.Stage", blank=True, related_name="+")

    class Meta:
        verbose_name = _("Stage rule")
        verbose_name_plural = _("Stage rules")
        constraints = [
            models.UniqueConstraint(fields=["role", "stage"], name="stage_rule_once"),
            models.CheckConstraint(
                condition=Q(level__gte=0, level__lte=2), name="stage_rule_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}@{self.stage_id}={self.level}"


@tracked
class RoleAssignment(models.Model):
    """A role given to exactly one of: a person, a department, a group.

    A department with `includes_below` gives the role to the people of every department below too.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="roles_given"
    )
    department = models.ForeignKey(
        "accounts.Department",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="roles_given",
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="roles_given"
    )
    includes_below = models.BooleanField(_("With those below"), default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(user__isnull=False, department__isnull=True, group__isnull=True)
                    | Q(user__isnull=True, department__isnull=False, group__isnull=True)
                    | Q(user__isnull=True, department__isnull=True, group__isnull=False)
                ),
                name="role_given_to_one",
            ),
            models.CheckConstraint(
                condition=Q(includes_below=False) | Q(department__isnull=False),
                name="role_below_a_department",
            ),
            models.UniqueConstraint(
                fields=["role", "user", "department", "group"],
                name="role_given_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}→{self.user_id or self.department_id or self.group_id}"
