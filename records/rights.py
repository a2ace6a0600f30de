"""The vocabulary of rights: record types, actions, scopes, and the grant they form."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _


class Scope(IntEnum):
    """How far a right reaches; a wider scope contains every narrower one."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    BELOW = 3
    ALL = 4


SCOPE_LABELS = {
    Scope.NONE: _("No"),
    Scope.OWN: _("Own"),
    Scope.DEPARTMENT: _("Department"),
    Scope.BELOW: _("Department and below"),
    Scope.ALL: _("All"),
}

RECORD_TYPES = {
    "lead": _("Leads"),
    "deal": _("Deals"),
    "contact": _("Contacts"),
    "company": _("Companies"),
    "activity": _("Activities"),
    "product": _("Products"),
}
ACTIONS = {
    "view": _("View"),
    "create": _("Create"),
    "change": _("Edit"),
    "delete": _("Delete"),
    "assign": _("Assign"),
    "export": _("Export"),
    "import": _("Import"),
}
SYSTEM = "system"
SYSTEM_RIGHTS = {
    "administer": _("Administer users, departments and roles"),
    "manage_pipelines": _("Manage pipelines and stages"),
    "manage_rules": _("Manage distribution rules"),
    "view_reports": _("View reports"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may do with one record type and action."""

    scope: Scope = Scope.NONE
    unassigned: bool = False

    def __bool__(self) -> bool:
        return self.scope is not Scope.NONE or self.unassigned

    def united(self, other: "Grant") -> "Grant":
        """The union: the wider scope, unassigned records if either allows them."""
        return Grant(max(self.scope, other.scope), self.unassigned or other.unassigned)

    def narrowed(self, other: "Grant") -> "Grant":
        """The intersection: no action reaches further than viewing does."""
        everything = Scope.ALL in (self.scope, other.scope)
        return Grant(
            min(self.scope, other.scope),
            (self.unassigned or self.scope is Scope.ALL)
            and (other.unassigned or other.scope is Scope.ALL)
            if everything
            else self.unassigned and other.unassigned,
        )


class Person(Protocol):
    """The part of a user that rights need; accounts.User provides it."""

    pk: int

    def grant(self, record_type: str, action: str) -> Grant:
        """The united grant of all roles of this person."""

    def people_within(self, scope: Scope) -> QuerySet:
        """Keys of the people whose records the scope reaches."""
