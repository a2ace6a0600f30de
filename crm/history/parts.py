"""Changes of what hangs on a record: phones, lines, participants; grants of a role, stages."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import FieldRule, RoleAssignment, RoleGrant, StageRule, User
from contacts.models import Company, Email, Employment, Phone
from crm.history import part_words as words
from deals.models import DealLine, DealParticipant, Stage
from records.history import changes_of_parts

Names = dict[type, dict[int, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind; `name` is the field that rules may hide, `links` are keys to be named."""

    name: str
    model: Any
    label: Any
    text: Callable[[Any, Callable[[str], str]], str]
    links: dict[str, Any] = field(default_factory=dict)


CHANNELS = (
    Part("phones", Phone, gettext_lazy("Phone"), words.phone),
    Part("emails", Email, gettext_lazy("E-mail"), words.email),
)
GIVEN = {
    "user_id": RoleAssignment._meta.get_field("user").related_model,
    "department_id": RoleAssignment._meta.get_field("department").related_model,
    "group_id": RoleAssignment._meta.get_field("group").related_model,
    "role_id": RoleAssignment._meta.get_field("role").related_model,
}
PARTS: dict[str, tuple[Part, ...]] = {
    "lead": CHANNELS,
    "company": CHANNELS,
    "contact": (
        *CHANNELS,
        Part(
            "companies",
            Employment,
            gettext_lazy("Company"),
            words.employment,
            {"company_id": Company},
        ),
    ),
    "deal": (
        Part("lines", DealLine, gettext_lazy("Line"), words.line),
        Part(
            "participants",
            DealParticipant,
            gettext_lazy("Participant"),
            words.participant,
            {"user_id": User},
        ),
    ),
    "role": (
        Part("grants", RoleGrant, gettext_lazy("Right"), words.grant),
        Part("field_rules", FieldRule, gettext_lazy("Field"), words.field_rule),
        Part(
            "stage_rules", StageRule, gettext_lazy("Stage"), words.stage_rule, {"stage_id": Stage}
        ),
        Part("assignments", RoleAssignment, gettext_lazy("Given to"), words.holder, GIVEN),
    ),
    "user": (Part("roles_given", RoleAssignment, gettext_lazy("Role"), words.role, GIVEN),),
    "pipeline": (Part("stages", Stage, gettext_lazy("Stage"), words.stage),),
}
TITLES: dict[str, Any] = {
    "deal": gettext_lazy("Lines and participants"),
    "role": gettext_lazy("Rights, rules and holders"),
    "user": gettext_lazy("Roles given personally"),
    "pipeline": gettext_lazy("Stages"),
}
"""Heads of the panel; records with phones have the words of the page."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """One moment of one part: what it was and became; one of both is empty."""

    at: datetime
    who: str
    label: str
    before: str
    after: str


def changes_of_all_parts(record: Any, kind: str, viewer: Any) -> list[PartChange]:
    """The newest changes of every part the viewer may see, newest first."""
    hidden = viewer.fields(kind).hidden
    rows = [
        (event, part)
        for part in PARTS.get(kind, ())
        if part.name not in hidden
        for event in changes_of_parts(part.model, f"{kind}_id", record)
    ]
    people = User.objects.in_bulk({pk for event, _part in rows if (pk := _by(event))})
    names = _names(rows, viewer)
    told = [
        PartChange(event.pgh_created_at, str(people.get(_by(event), "")), str(part.label), *pair)
        for event, part in rows
        if len(set(pair := _pair(event, part, names))) > 1
    ]
    return sorted(told, key=lambda change: change.at, reverse=True)


def _by(event: Any) -> int:
    """The person behind an event; 0 for none."""
    return (event.pgh_context.metadata.get("user") if event.pgh_context else 0) or 0


def _names(rows: Iterable[tuple[Any, Part]], viewer: Any) -> Names:
    """Rows the keys point at, those the viewer may see; one query for each table."""
    keys: dict[type, set[int]] = defaultdict(set)
    for event, part in rows:
        for column, model in part.links.items():
            keys[model] |= {getattr(event, column)} - {None}
    found: Names = {}
    for model, wanted in keys.items():
        manager: Any = model._default_manager  # type: ignore[attr-defined]
        rows_of = manager.all()
        seen = rows_of.visible_to(viewer) if hasattr(rows_of, "visible_to") else rows_of
        found[model] = seen.in_bulk(list(wanted)) if wanted else {}
    return found


def _pair(event: Any, part: Part, names: Names) -> tuple[str, str]:
    """Before and after in words; a new part has no before, a removed one no after."""
    now = _text(event, part, names)
    if event.pgh_label == "insert":
        return "", now
    if event.pgh_label == "delete":
        return now, ""
    return (_text(event.older, part, names) if event.older else ""), now


def _text(event: Any, part: Part, names: Names) -> str:
    def named(column: str) -> str:
        key = getattr(event, column)
        return "" if key is None else str(names[part.links[column]].get(key, f"№ {key}"))

    return part.text(event, named)
