"""The roles a new company starts with; ordinary roles afterwards."""

from django.utils.translation import gettext_lazy as _

from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, SYSTEM_RIGHTS, Grant, Scope

Matrix = dict[tuple[str, str], Grant]

OWN_WORK = ("lead", "deal", "contact", "company", "activity")
PRESET_NAMES = {
    "manager": _("Manager"),
    "senior_manager": _("Senior manager"),
    "head": _("Head of department"),
    "director": _("Director"),
    "analyst": _("Analyst, read only"),
    "administrator": _("Administrator"),
}


def _grants(kinds: tuple[str, ...], actions: tuple[str, ...], grant: Grant) -> Matrix:
    return {(kind, action): grant for kind in kinds for action in actions}


def _everything(*actions: str) -> Matrix:
    return _grants(tuple(RECORD_TYPES), actions, Grant(Scope.ALL))


def _rights(*names: str) -> Matrix:
    return {(SYSTEM, name): Grant(Scope.ALL) for name in names}


CATALOGUE = {("product", "view"): Grant(Scope.ALL)}


def manager() -> Matrix:
    """Own records: seen, created, changed one by one or in bulk; nothing deleted or given away."""
    actions = ("view", "create", "change", "bulk")
    return _grants(OWN_WORK, actions, Grant(Scope.OWN)) | CATALOGUE


def senior_manager() -> Matrix:
    """Sees the department and the unassigned leads, works with own records, takes leads."""
    return (
        manager()
        | _grants(OWN_WORK, ("view",), Grant(Scope.DEPARTMENT))
        | _grants(("lead",), ("view", "change", "assign"), Grant(Scope.DEPARTMENT, True))
        | _rights("view_reports")
    )


def head() -> Matrix:
    """The department and below, and what nobody owns yet."""
    below = Grant(Scope.BELOW, unassigned=True)
    actions = ("view", "create", "change", "delete", "export", "assign", "bulk", "import")
    return _grants(OWN_WORK, actions, below) | CATALOGUE | _rights("view_reports")


def director() -> Matrix:
    """Everything is seen, given out and reported; work is changed by those who do it."""
    return _everything("view", "create", "change", "export", "assign", "bulk") | _rights(
        "view_reports", "manage_rules", "view_audit"
    )


def analyst() -> Matrix:
    """Everything is seen and exported, nothing is changed."""
    return _everything("view", "export") | _rights("view_reports")


def administrator() -> Matrix:
    """Everything, and every right of the system."""
    return _everything(*ACTIONS) | _rights(*SYSTEM_RIGHTS)


PRESETS = {
    "manager": manager,
    "senior_manager": senior_manager,
    "head": head,
    "director": director,
    "analyst": analyst,
    "administrator": administrator,
}
