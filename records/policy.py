"""What each view declares: who may enter. The matrix and the start-up check read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may enter a door: `kind` is public, person, right or record."""

    kind: str
    name: str = ""
    action: str = ""


PUBLIC = Policy("public")
PERSON = Policy("person")


def right(name: str) -> Policy:
    """Only holders of a right of the whole system."""
    return Policy("right", name)


def record(record_type: str, action: str = "view") -> Policy:
    """Only holders of some grant for the action on the record type."""
    return Policy("record", record_type, action)
