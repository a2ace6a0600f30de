"""Who may do what, said a second time by hand: not the product's own permission code.

The tables below are what the presets promise in plain words. `expected` turns them into the
answer a door must give; it is small enough to be read in a minute, and has its own table test.
"""

from dataclasses import dataclass

OWN, COLLEAGUE, BELOW, FOREIGN, NOBODY, DELETED = (
    "own",
    "colleague",
    "below",
    "foreign",
    "nobody",
    "deleted",
)
OWNERSHIPS = (OWN, COLLEAGUE, BELOW, FOREIGN, NOBODY, DELETED)
RESTRICTED = "restricted"
"""A deal of the colleague for the owner and the head alone, and the work on it."""
KEY = "key"
"""A key client of the colleague and all that hangs on it: hidden from novices, owner or not."""
NOVICES = ("colleague", "analyst")
WORK = ("lead", "deal", "contact", "company", "activity")
CLOSABLE = {RESTRICTED: ("deal", "activity"), KEY: WORK}
"""Which record types have rows that a guard closes."""
EVERY_ACTION = {"view", "create", "change", "delete", "export", "assign", "bulk", "import"}
ALIVE = {OWN, COLLEAGUE, BELOW, FOREIGN, NOBODY}

REACH = {
    "manager": {OWN},
    "colleague": {COLLEAGUE, RESTRICTED},
    "head": {OWN, COLLEAGUE, BELOW, NOBODY, RESTRICTED, KEY},
    "other_head": {FOREIGN, NOBODY},
    "analyst": ALIVE,
    "admin": ALIVE | {KEY},
}
WORK_ACTIONS = {
    "manager": {"view", "create", "change", "bulk"},
    "colleague": {"view", "create", "change", "bulk"},
    "head": EVERY_ACTION,
    "other_head": EVERY_ACTION,
    "analyst": {"view", "export"},
    "admin": EVERY_ACTION,
}
PRODUCT_ACTIONS = {"analyst": {"view", "export"}, "admin": EVERY_ACTION}
RIGHTS = {
    "head": {"view_reports"},
    "other_head": {"view_reports"},
    "analyst": {"view_reports"},
    "admin": {
        "administer",
        "manage_pipelines",
        "manage_rules",
        "view_reports",
        "view_audit",
        "view_as",
    },
}
OUTSIDE = ("deactivated", "anonymous")
PEOPLE = (*REACH, *OUTSIDE)

ALLOWED, SIGN_IN, FORBIDDEN, MISSING = "allowed", "sign in", "403", "404"


@dataclass(frozen=True, slots=True)
class Target:
    """The row in the address: record type and ownership.

    Kind "setting" is a row nobody owns; of kind "notice" the ownership is the person it is for.
    """

    kind: str
    ownership: str = ""
    through: str = ""
    """The action needed on this row when the policy speaks of another record type."""


def may(who: str, kind: str, action: str) -> bool:
    """Some row of the type may be treated so."""
    if kind == "product":
        return action in PRODUCT_ACTIONS.get(who, {"view"})
    return action in WORK_ACTIONS[who]


def sees(who: str, kind: str, ownership: str) -> bool:
    """The row is among those the person may see."""
    if who in OUTSIDE or ownership == DELETED:
        return False
    return kind == "product" or ownership in REACH[who]


def takes_back(who: str, kind: str) -> bool:
    """May bring the deleted record of the manager back: who may delete it.

    The world's deleted activity stands on a deleted deal: only who sees all activities finds it.
    """
    if who in OUTSIDE or not may(who, kind, "delete"):
        return False
    return who == "admin" if kind == "activity" else kind == "product" or OWN in REACH[who]


def from_trash(who: str, target: Target) -> str:
    """A living record is opened by those who see it; nobody removes it for good."""
    if target.ownership == DELETED:
        is_open = takes_back(who, target.kind)
    else:
        is_open = target.through == "restore" and sees(who, target.kind, target.ownership)
    return ALLOWED if is_open else MISSING


def expected(policy: tuple[str, str, str], who: str, target: Target | None = None) -> str:
    """What the door answers; the policy is (kind, name, action)."""
    kind, name, action = policy
    if kind == "public":
        return ALLOWED
    if who in OUTSIDE:
        return SIGN_IN
    if kind == "right" and name not in RIGHTS.get(who, set()):
        return FORBIDDEN
    if kind == "record" and not may(who, name, action):
        return FORBIDDEN
    if target is None or target.kind == "setting":
        return ALLOWED
    if target.through in ("restore", "purge"):
        return from_trash(who, target)
    return of_row(policy, who, target)


def of_row(policy: tuple[str, str, str], who: str, target: Target) -> str:
    """What a door that the person may enter answers about one row."""
    kind, name, action = policy
    if target.through == "explain":
        is_told = who == "admin" or sees(who, target.kind, target.ownership)
        return ALLOWED if is_told else MISSING
    if target.kind == "notice":
        return ALLOWED if target.ownership == who else MISSING
    if not sees(who, target.kind, target.ownership):
        return MISSING
    same = kind == "record" and target.kind == name
    needed = target.through or (action if same else "view")
    return ALLOWED if may(who, target.kind, needed) else FORBIDDEN
