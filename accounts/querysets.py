"""Reads of people and roles that have a name."""

from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from records.querysets import effective_grant
from records.rights import SYSTEM, Scope


def administrators() -> QuerySet:
    """Active people who hold the right to administer, however it was given."""
    return holders_of(SYSTEM, "administer")


def holders_of(record_type: str, action: str) -> QuerySet:
    """Active people with any grant for the action, by person, department or group."""
    user_model = apps.get_model("accounts", "User")
    grants = apps.get_model("accounts", "RoleGrant").objects.filter(
        Q(scope__gt=0) | Q(unassigned=True), record_type=record_type, action=action
    )
    given = apps.get_model("accounts", "RoleAssignment").objects.filter(
        role__in=grants.values("role")
    )
    members = user_model.crm_groups.through.objects.filter(
        group__in=given.filter(group__isnull=False).values("group")
    )
    return user_model.objects.filter(
        Q(pk__in=given.filter(user__isnull=False).values("user"))
        | Q(department__in=given.filter(department__isnull=False).values("department"))
        | Q(pk__in=members.values("user")),
        is_active=True,
    )


def people_reached(user: Any, record_type: str, action: str) -> QuerySet:
    """People whose records the right reaches, and always the person."""
    people = apps.get_model("accounts", "User").objects.all()
    grant = effective_grant(user, record_type, action)
    if grant.scope is Scope.ALL:
        return people
    return people.filter(Q(pk=user.pk) | Q(pk__in=user.people_within(grant.scope)))
