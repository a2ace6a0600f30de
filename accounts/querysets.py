"""Reads of people and roles that have a name."""

from typing import Any

from django.apps import apps
from django.db.models import (
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from records.holders import any_of
from records.rights import SYSTEM


def administrators() -> QuerySet:
    """Active people who hold the right to administer, however it was given."""
    return holders_of(SYSTEM, "administer")


def holders_of(record_type: str, action: str) -> QuerySet:
    """Active people with any grant for the action, by person, department or group."""
    grants = apps.get_model("accounts", "RoleGrant").objects.filter(
        Q(scope__gt=0) | Q(unassigned=True), record_type=record_type, action=action
    )
    return reached_by(_assignments().filter(role__in=grants.values("role")))


def reached_by(given: QuerySet) -> QuerySet:
    """Active people whom any of the assignments reaches."""
    user_model = apps.get_model("accounts", "User")
    members = user_model.crm_groups.through.objects.filter(
        group__in=given.filter(group__isnull=False).values("group")
    )
    return user_model.objects.filter(
        Q(pk__in=given.filter(user__isnull=False).values("user"))
        | Q(department__in=departments_reached(given).values("pk"))
        | Q(pk__in=members.values("user")),
        is_active=True,
    )


def people_reached(user: Any, record_type: str, action: str) -> QuerySet:
    """People whose records the right reaches, and always the person."""
    reached = [Q(pk=user.pk)]
    for holder in user.holders():
        grant = holder.grant(record_type, "view")
        if action != "view":
            grant = grant.narrowed(holder.grant(record_type, action))
        reached.append(holder.people(grant.scope))
    return apps.get_model("accounts", "User").objects.filter(any_of(reached))


def departments_reached(given: QuerySet) -> QuerySet:
    """Departments to which any of the assignments is given, with those below where it says so."""
    above = given.filter(department__isnull=False).annotate(
        place=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    )
    covering = above.filter(
        Q(department=OuterRef("pk"))
        | Q(includes_below=True, place__startswith=F("department__path"))
    )
    return apps.get_model("accounts", "Department").objects.filter(Exists(covering))


def assignments_of(user: Any) -> QuerySet:
    """What is given to the person directly, through the department or one above, by a group."""
    departments = apps.get_model("accounts", "Department").objects
    own = departments.filter(pk=user.department_id).values("path")
    above = departments.annotate(place=Subquery(own)).filter(place__startswith=F("path"))
    return _assignments().filter(
        Q(user=user.pk)
        | Q(department__isnull=False, department=user.department_id)
        | Q(includes_below=True, department__in=above.values("pk"))
        | Q(group__in=user.crm_groups.through.objects.filter(user=user.pk).values("group"))
    )


def requires_second_factor(user: Any) -> bool:
    """Some role of the person makes the second factor obligatory."""
    return assignments_of(user).filter(role__requires_second_factor=True).exists()


def with_factor_state(people: QuerySet) -> QuerySet:
    """People with `may_lack_factor`: some role demands a second factor and there is none.

    Only then is it worth asking whether that role is theirs.
    """
    factors = apps.get_model("mfa", "Authenticator").objects.filter(
        user=OuterRef("pk"), type__in=("totp", "webauthn")
    )
    demanding = apps.get_model("accounts", "Role").objects.filter(requires_second_factor=True)
    return people.annotate(may_lack_factor=Exists(demanding) & ~Exists(factors))


def _assignments() -> QuerySet:
    return apps.get_model("accounts", "RoleAssignment").objects.all()


def people_with_addresses(addresses: list[str]) -> list[str]:
    """Those of the addresses that somebody signs in with already."""
    rows = apps.get_model("accounts", "User").objects.filter(email__in=addresses)
    return list(rows.order_by("email").values_list("email", flat=True))
