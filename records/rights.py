"""The vocabulary of rights: record types, actions, scopes, and the grant they form."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

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
    "export": _("Export"),
    "assign": _("Assign"),
    "bulk": _("Bulk edit"),
    "import": _("Import"),
}
SYSTEM = "system"
SYSTEM_RIGHTS = {
    "administer": _("Administer users, departments and roles"),
    "manage_pipelines": _("Manage pipelines and stages"),
    "manage_rules": _("Manage distribution rules"),
    "view_reports": _("View reports"),
    "view_audit": _("View the audit log"),
    "view_as": _("View the system as another person"),
}


class Level(IntEnum):
    """What a role lets one do with a field, or with the deals of a stage."""

    NONE = 0
    VIEW = 1
    EDIT = 2


LEVEL_LABELS = {
    Level.NONE: _("Hidden"),
    Level.VIEW: _("View only"),
    Level.EDIT: _("View and edit"),
}


@dataclass(frozen=True, slots=True)
class Ruled:
    """A field that a role may close: its label, model columns, related rows and form fields."""

    label: Any
    columns: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every name under which the field is read or posted."""
        return frozenset((*self.columns, *self.related, *self.inputs))


PHONE = Ruled(_("Phones"), related=("phones",), inputs=("phone",))
EMAIL = Ruled(_("E-mails"), related=("emails",), inputs=("email",))
KEY = Ruled(_("Key client"), columns=("is_key",))
RULED_FIELDS: dict[str, dict[str, Ruled]] = {
    "lead": {
        "phone": PHONE,
        "email": EMAIL,
        "amount": Ruled(_("Interest, amount"), columns=("amount",)),
        "source": Ruled(_("Source"), columns=("source",)),
        "description": Ruled(_("Comment"), columns=("description",)),
    },
    "deal": {
        "amount": Ruled(_("Amount and product lines"), ("amount", "amount_base"), ("lines",)),
        "expected_close_date": Ruled(_("Expected close"), columns=("expected_close_date",)),
        "source": Ruled(_("Source"), columns=("source",)),
        "description": Ruled(_("Comment"), columns=("description",)),
    },
    "contact": {
        "phone": PHONE,
        "email": EMAIL,
        "birthday": Ruled(_("Birthday"), columns=("birthday",)),
        "interests": Ruled(_("Interests and hobbies"), columns=("interests",)),
        "is_key": KEY,
        "description": Ruled(_("Comment"), columns=("description",)),
    },
    "company": {
        "phone": PHONE,
        "email": EMAIL,
        "tax_id": Ruled(_("Tax ids"), columns=("tax_id", "registration_code")),
        "annual_revenue": Ruled(_("Annual revenue"), columns=("annual_revenue",)),
        "is_key": KEY,
        "description": Ruled(_("Comment"), columns=("description",)),
    },
    "product": {"price": Ruled(_("Price"), columns=("price",))},
}
"""The allow-list of fields that rules may name; every other field goes with its record."""


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

    def holders(self) -> list[Any]:
        """The person and everybody the person stands in for, as records.holders.Holder."""

    def conditions(self) -> dict[Any, Any]:
        """Conditions already made of the present holders, by (model, action)."""

    def fields(self, record_type: str) -> Any:
        """What the person may do with the ruled fields, as records.holders.FieldRights."""
