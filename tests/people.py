"""The named people of every test: two departments, their heads, an outsider, an administrator.

Sales (head) ── Regions (manager below)      Service (other_head, outsider)
manager and colleague work in Sales; admin and analyst stand apart.
"""

from dataclasses import dataclass

import pytest

from accounts.models import Department, Role, RoleAssignment, RoleGrant, User
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, SYSTEM_RIGHTS, Scope

PASSWORD = "correct horse battery"


def make_role(name: str, scope: Scope, *, unassigned: bool = False, rights: tuple = ()) -> Role:
    """A role with one scope for every record type and action, and some system rights."""
    role = Role.objects.create(name=name)
    grants = [
        RoleGrant(role=role, record_type=kind, action=action, scope=scope, unassigned=unassigned)
        for kind in RECORD_TYPES
        for action in ACTIONS
    ]
    grants += [
        RoleGrant(role=role, record_type=SYSTEM, action=right, scope=Scope.ALL) for right in rights
    ]
    RoleGrant.objects.bulk_create(grants)
    return role


def make_department(name: str, parent: Department | None = None) -> Department:
    department = Department.objects.create(name=name, parent=parent)
    department.path = f"{parent.path if parent else ''}{department.pk}."
    department.save(update_fields=["path"])
    return department


def make_user(name: str, department: Department | None = None, role: Role | None = None) -> User:
    user = User.objects.create(
        email=f"{name}@example.com",
        last_name=name.capitalize(),
        first_name="Test",
        department=department,
        language="en",
        time_zone="Europe/Kyiv",
    )
    if role:
        RoleAssignment.objects.create(role=role, user=user)
    return user


@dataclass
class People:
    """Everybody by name."""

    manager: User
    colleague: User
    below: User
    head: User
    outsider: User
    other_head: User
    analyst: User
    admin: User
    sales: Department
    regions: Department
    service: Department


@pytest.fixture
def people(db) -> People:
    return make_people()


def make_people() -> People:
    """The usual company; for fixtures that live longer than one test."""
    sales = make_department("Sales")
    regions = make_department("Regions", sales)
    service = make_department("Service")
    manager = make_role("Manager", Scope.OWN)
    head = make_role("Head", Scope.BELOW, unassigned=True, rights=("view_reports",))
    admin = make_role("Administrator", Scope.ALL, rights=tuple(SYSTEM_RIGHTS))
    analyst = Role.objects.create(name="Analyst")
    RoleGrant.objects.bulk_create(
        RoleGrant(role=analyst, record_type=kind, action="view", scope=Scope.ALL)
        for kind in RECORD_TYPES
    )
    RoleGrant.objects.create(
        role=analyst, record_type=SYSTEM, action="view_reports", scope=Scope.ALL
    )
    return People(
        manager=make_user("manager", sales, manager),
        colleague=make_user("colleague", sales, manager),
        below=make_user("below", regions, manager),
        head=make_user("head", sales, head),
        outsider=make_user("outsider", service, manager),
        other_head=make_user("otherhead", service, head),
        analyst=make_user("analyst", None, analyst),
        admin=make_user("admin", None, admin),
        sales=sales,
        regions=regions,
        service=service,
    )
