"""Departments in their tree, users with their roles."""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts.models import Department, RoleAssignment
from accounts.services.departments import (
    DepartmentCycle,
    DepartmentTooDeep,
    place_department,
)
from crm.importing.context import Context, PieceFields
from crm.importing.drafts import Draft
from crm.importing.problems import RowRefused


def complete_department(draft: Draft, context: Context) -> None:
    """The tree is written by PlacePieces, so the parent is no plain value."""
    if "parent_id" in draft.values:
        draft.pieces["parent"] = draft.values.pop("parent_id")


def complete_user(draft: Draft, context: Context) -> None:
    """People sign in by a lower-case e-mail and set their password by the reset letter."""
    if "email" in draft.values:
        draft.values["email"] = draft.values["email"].lower()
    draft.initial["password"] = make_password(None)


class PlacePieces:
    """The place of a department in the tree."""

    fields: PieceFields = {}

    def __init__(self, context: Context) -> None:
        self.context = context

    def save(self, drafts: list[Draft]) -> set[int]:
        """Place new departments and those whose parent differs."""
        changed = set()
        for draft in drafts:
            department = draft.record
            wanted = draft.pieces.get("parent", department.parent_id)
            if department.path and wanted == department.parent_id:
                continue
            parent = Department.objects.get(pk=wanted) if wanted else None
            try:
                place_department(department=department, parent=parent)
            except DepartmentCycle as error:
                raise RowRefused(_("A department cannot be part of itself.")) from error
            except DepartmentTooDeep as error:
                raise RowRefused(_("The tree of departments is too deep.")) from error
            changed.add(draft.row)
        return changed


class RolePieces:
    """The role a person holds; a second import gives no second one."""

    fields: PieceFields = {"role": RoleAssignment._meta.get_field("role")}

    def __init__(self, context: Context) -> None:
        self.context = context

    def save(self, drafts: list[Draft]) -> set[int]:
        """Give the roles that are not given yet; others stay."""
        mapped = [draft for draft in drafts if draft.pieces.get("role")]
        people = [draft.record.pk for draft in mapped]
        given = set(
            RoleAssignment.objects.filter(user__in=people).values_list("user_id", "role_id")
        )
        fresh = [draft for draft in mapped if (draft.record.pk, draft.pieces["role"]) not in given]
        RoleAssignment.objects.bulk_create(
            RoleAssignment(user=draft.record, role_id=draft.pieces["role"]) for draft in fresh
        )
        return {draft.row for draft in fresh}
