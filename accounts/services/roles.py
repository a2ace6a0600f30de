"""Roles: created, copied, edited as a matrix, given and taken."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation

from accounts.models import Department, Group, Role, RoleAssignment, RoleGrant, User
from accounts.presets import PRESET_NAMES, PRESETS
from accounts.services.guard import keeping_an_administrator
from accounts.services.rules import copy_rules
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, SYSTEM_RIGHTS, Grant

Matrix = Mapping[tuple[str, str], Grant]
CELLS = frozenset(
    [(kind, action) for kind in RECORD_TYPES for action in ACTIONS]
    + [(SYSTEM, name) for name in SYSTEM_RIGHTS]
)


class UnknownGrant(Exception):
    """The matrix names a record type, action or right that does not exist."""


class RoleInUse(Exception):
    """The role is still given to somebody, or is a preset."""


@transaction.atomic
def create_role(*, name: str, matrix: Matrix | None = None, preset: str | None = None) -> Role:
    """Add a role with its grants. Raises UnknownGrant."""
    role = Role.objects.create(name=name, preset=preset)
    _write_grants(role, matrix or {})
    return role


@transaction.atomic
def copy_role(*, role: Role, name: str) -> Role:
    """Add a role with the grants and rules of another; given to nobody yet."""
    copy = Role.objects.create(name=name)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            role=copy,
            record_type=grant.record_type,
            action=grant.action,
            scope=grant.scope,
            unassigned=grant.unassigned,
        )
        for grant in role.grants.all()
    )
    copy_rules(role=role, to=copy)
    return copy


def save_role_grants(*, role: Role, matrix: Matrix) -> Role:
    """Replace the whole matrix; what is not named is not granted.

    Acts on the next request of everybody who holds the role. Raises UnknownGrant,
    LastAdministrator.
    """
    with keeping_an_administrator():
        locked = Role.objects.select_for_update().get(pk=role.pk)
        _write_grants(locked, matrix)
        Role.objects.filter(pk=role.pk).update(version=F("version") + 1)
        locked.refresh_from_db()
        return locked


def _write_grants(role: Role, matrix: Matrix) -> None:
    if not set(matrix) <= CELLS:
        raise UnknownGrant(", ".join(":".join(cell) for cell in set(matrix) - CELLS))
    kept = {cell: grant for cell, grant in matrix.items() if grant}
    for row in role.grants.all():
        if (row.record_type, row.action) not in kept:
            row.delete()
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(
                role=role,
                record_type=kind,
                action=action,
                scope=int(grant.scope),
                unassigned=grant.unassigned,
            )
            for (kind, action), grant in kept.items()
        ],
        update_conflicts=True,
        unique_fields=["role", "record_type", "action"],
        update_fields=["scope", "unassigned"],
    )


def rename_role(*, role: Role, name: str) -> Role:
    """Change the name only."""
    role.name = name
    role.save(update_fields=["name"])
    return role


def delete_role(*, role: Role) -> None:
    """Remove a role nobody holds. Raises RoleInUse for presets and given roles."""
    with transaction.atomic():
        locked = Role.objects.select_for_update().get(pk=role.pk)
        if locked.preset or locked.assignments.exists():
            raise RoleInUse
        locked.delete()


def _holder(
    user: User | None, department: Department | None, group: Group | None
) -> dict[str, Any]:
    holder = {"user": user, "department": department, "group": group}
    if sum(value is not None for value in holder.values()) != 1:
        raise TypeError("a role is given to exactly one of: user, department, group")
    return holder


def give_role(
    *,
    role: Role,
    user: User | None = None,
    department: Department | None = None,
    group: Group | None = None,
    includes_below: bool = False,
) -> RoleAssignment:
    """Give a role to a person, a department or a group; giving twice is giving once.

    `includes_below` reaches the people of every department below as well.
    """
    assignment, _created = RoleAssignment.objects.update_or_create(
        role=role,
        **_holder(user, department, group),
        defaults={"includes_below": includes_below and department is not None},
    )
    return assignment


def take_role(
    *,
    role: Role,
    user: User | None = None,
    department: Department | None = None,
    group: Group | None = None,
) -> int:
    """Take a role back; returns how many assignments went. Raises LastAdministrator."""
    holder = _holder(user, department, group)
    with keeping_an_administrator():
        deleted, _by_model = RoleAssignment.objects.filter(role=role, **holder).delete()
        return deleted


def set_roles_of(*, user: User, roles: Iterable[Role]) -> None:
    """Make these the roles given to the person directly. Raises LastAdministrator."""
    wanted = {role.pk: role for role in roles}
    with keeping_an_administrator():
        given = RoleAssignment.objects.filter(user=user)
        given.exclude(role__in=wanted).delete()
        for role in wanted.values():
            give_role(role=role, user=user)


def set_holders(
    *,
    role: Role,
    users: Iterable[User],
    departments: Iterable[Department],
    groups: Iterable[Group],
    departments_below: Iterable[Department] = (),
) -> None:
    """Make these the holders of the role. Raises LastAdministrator.

    A department named in `departments_below` gives the role to the departments below it too.
    """
    below = {department.pk for department in departments_below}
    wanted = {
        *(("user", user.pk, False) for user in users),
        *(("department", row.pk, False) for row in departments if row.pk not in below),
        *(("department", pk, True) for pk in below),
        *(("group", group.pk, False) for group in groups),
    }
    with keeping_an_administrator():
        for row in role.assignments.all():
            kind = next(k for k in ("user", "department", "group") if getattr(row, f"{k}_id"))
            cell = (kind, getattr(row, f"{kind}_id"), row.includes_below)
            if cell in wanted:
                wanted.discard(cell)
            else:
                row.delete()
        RoleAssignment.objects.bulk_create(
            [
                RoleAssignment(role=role, includes_below=is_wide, **{f"{kind}_id": pk})
                for kind, pk, is_wide in wanted
            ],
            ignore_conflicts=True,
        )
        Role.objects.filter(pk=role.pk).update(version=F("version") + 1)


def _free_name(name: str) -> str:
    taken = set(Role.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in count(2))
    return name if name not in taken else next(new for new in numbered if new not in taken)


@transaction.atomic
def rename_presets(*, language: str) -> None:
    """Say the names of the presets in another language; names people gave stay."""
    for code, name in PRESET_NAMES.items():
        known = []
        for spoken, _title in settings.LANGUAGES:
            with translation.override(spoken):
                known.append(str(name))
        with translation.override(language):
            rows = Role.objects.filter(preset=code, name__in=known)
            if not Role.objects.filter(name=str(name)).exclude(preset=code).exists():
                rows.update(name=str(name))


@transaction.atomic
def ensure_presets() -> dict[str, Role]:
    """Create the preset roles that are missing; edited ones are left alone."""
    existing = {role.preset: role for role in Role.objects.filter(preset__isnull=False)}
    for code, matrix in PRESETS.items():
        if code not in existing:
            existing[code] = create_role(
                name=_free_name(str(PRESET_NAMES[code])), matrix=matrix(), preset=code
            )
    return {code: existing[code] for code in PRESETS}
