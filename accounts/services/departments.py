"""The department tree: created, placed, closed, merged."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from accounts.models import Department, RoleAssignment, User
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


def close_department(
    *, department: Department, to: Department | None = None, with_rights: bool = False
) -> Department:
    """Take a department out of use; its people and subdepartments go to another one.

    `with_rights` merges the two: roles given to the department and whatever else names it, such
    as the pools of distribution rules, go along. Raises DepartmentInUse when somebody is left
    and no other department is named, DepartmentCycle when that one is below, LastAdministrator.
    """
    with keeping_an_administrator():
        row = Department.objects.select_for_update().get(pk=department.pk)
        if to is not None:
            _empty(row, to, with_rights)
        open_below = row.children.filter(is_active=True)
        if row.people.filter(is_active=True).exists() or open_below.exists():
            raise DepartmentInUse
        row.is_active = False
        row.version += 1
        row.save(update_fields=["is_active", "version"])
        return row


def _empty(row: Department, to: Department, with_rights: bool) -> None:
    target = Department.objects.select_for_update().get(pk=to.pk)
    if target.path.startswith(row.path) or not target.is_active:
        raise DepartmentCycle
    for child in row.children.order_by("pk"):
        _place(child, target)
    User.objects.filter(department=row).update(department=target, version=F("version") + 1)
    if with_rights:
        _give_roles(row, target)
        for rows, name in _pointing_at(row):
            rows.update(**{name: target})
        if target.head_id is None:
            Department.objects.filter(pk=target.pk).update(head=row.head_id)


def _give_roles(row: Department, target: Department) -> None:
    """A role given to both is given once, with those below if either said so."""
    kept = {given.role_id: given for given in target.roles_given.all()}
    for given in row.roles_given.all():
        same = kept.get(given.role_id)
        if same is None:
            RoleAssignment.objects.filter(pk=given.pk).update(department=target)
        else:
            wide = same.includes_below or given.includes_below
            RoleAssignment.objects.filter(pk=same.pk).update(includes_below=wide)
            given.delete()


def _pointing_at(row: Department) -> Iterator[tuple[Any, str]]:
    """Rows of other rooms that name the department: (queryset, name of the column)."""
    own = (User, Department, RoleAssignment)
    for relation in Department._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        is_key = relation.auto_created and (relation.one_to_many or relation.one_to_one)
        if is_key and model not in own and not hasattr(model, "pgh_tracked_model"):
            name = relation.field.name  # type: ignore[union-attr]
            yield model._base_manager.filter(**{name: row}), name
