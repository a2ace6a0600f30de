"""The department tree: created, placed, closed."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from accounts.models import Department, User
from accounts.services.guard import keeping_an_administrator

PATH_LENGTH = Department._meta.get_field("path").max_length or 200


class DepartmentCycle(Exception):
    """A department cannot be part of itself or of its own subdepartment."""


class DepartmentTooDeep(Exception):
    """The path of the subtree would not fit its column (about twenty levels)."""


class DepartmentInUse(Exception):
    """People or open subdepartments are still in the department."""


@transaction.atomic
def create_department(
    *, name: str, parent: Department | None = None, head: User | None = None
) -> Department:
    """Add a department under its parent."""
    department = Department.objects.create(name=name, parent=parent, head=head)
    return place_department(department=department, parent=parent)


def place_department(*, department: Department, parent: Department | None) -> Department:
    """Put a department with everything below it under a parent, and keep every path true.

    The whole tree is locked: two moves at once could otherwise make a cycle. Raises
    DepartmentCycle, DepartmentTooDeep, and LastAdministrator when the last one held the right
    through a department above.
    """
    with keeping_an_administrator():
        return _place(department, parent)


def _place(department: Department, parent: Department | None) -> Department:
    tree = {row.pk: row for row in Department.objects.select_for_update().order_by("pk")}
    old = tree[department.pk].path
    above = tree[parent.pk] if parent else None
    if above and (above.pk == department.pk or (old and above.path.startswith(old))):
        raise DepartmentCycle
    new = f"{above.path if above else ''}{department.pk}."
    if len(new) > PATH_LENGTH:
        raise DepartmentTooDeep
    if old and old != new:
        _move_subtree(tree, old, new)
    elif not old:
        Department.objects.filter(pk=department.pk).update(path=new)
    Department.objects.filter(pk=department.pk).update(parent=parent)
    department.path, department.parent = new, parent
    return department


def _move_subtree(tree: dict[int, Department], old: str, new: str) -> None:
    below = [row.path for row in tree.values() if row.path.startswith(old)]
    if max(len(path) for path in below) - len(old) + len(new) > PATH_LENGTH:
        raise DepartmentTooDeep
    Department.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr("path", len(old) + 1))
    )


@transaction.atomic
def update_department(
    *, department: Department, name: str, parent: Department | None, head: User | None
) -> Department:
    """Rename, move or give a head. Raises what place_department raises."""
    place_department(department=department, parent=parent)
    Department.objects.filter(pk=department.pk).update(
        name=name, head=head, version=F("version") + 1
    )
    department.refresh_from_db()
    return department


@transaction.atomic
def close_department(*, department: Department) -> Department:
    """Take an empty department out of use. Raises DepartmentInUse while anybody is in it."""
    row = Department.objects.select_for_update().get(pk=department.pk)
    if row.people.filter(is_active=True).exists() or row.children.filter(is_active=True).exists():
        raise DepartmentInUse
    row.is_active = False
    row.version += 1
    row.save(update_fields=["is_active", "version"])
    return row
