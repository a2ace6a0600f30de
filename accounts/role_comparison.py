"""Two roles side by side: every right with its reach in both."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role
from records.rights import (
    ACTIONS,
    LEVEL_LABELS,
    RECORD_TYPES,
    RULED_FIELDS,
    SCOPE_LABELS,
    SYSTEM,
    SYSTEM_RIGHTS,
    Grant,
    Level,
    Scope,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One right: what it is, and how far it reaches in the one and in the other role."""

    title: Any
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """The two roles say different things."""
        return self.one != self.other


def compare_roles(one: Role, other: Role) -> list[tuple[Any, list[Line]]]:
    """Sections of lines: a section per record type, the whole system, the fields: six queries."""
    first, second = _grants(one), _grants(other)
    sections: list[tuple[Any, list[Line]]] = []
    for kind, label in RECORD_TYPES.items():
        cells = [(title, (kind, action)) for action, title in ACTIONS.items()]
        sections.append((label, _lines(cells, first, second)))
    rights = [(title, (SYSTEM, name)) for name, title in SYSTEM_RIGHTS.items()]
    sections.append((_("Rights of the whole system"), _lines(rights, first, second)))
    sections.append((_("Fields and key clients"), _rules(one, other)))
    return sections


def _grants(role: Role) -> dict[tuple[str, str], Grant]:
    return {
        (row.record_type, row.action): Grant(Scope(row.scope), row.unassigned)
        for row in role.grants.all()
    }


def _lines(cells: list[Any], first: dict[Any, Grant], second: dict[Any, Grant]) -> list[Line]:
    return [
        Line(
            title,
            reach(first.get(cell, Grant()), cell[0]),
            reach(second.get(cell, Grant()), cell[0]),
        )
        for title, cell in cells
    ]


def reach(grant: Grant, kind: str = "") -> str:
    """A grant in words: `Department, and unassigned`; a system right is there or not."""
    if kind == SYSTEM:
        return _("yes") if grant else _("no")
    words = str(SCOPE_LABELS[grant.scope])
    if grant.unassigned and grant.scope is not Scope.ALL:
        if grant.scope is Scope.NONE:
            return _("only unassigned")
        return _("%(scope)s, and unassigned") % {"scope": words}
    return words


def _rules(one: Role, other: Role) -> list[Line]:
    lines = [
        Line(_("Does not see key clients"), _yes(one.is_novice), _yes(other.is_novice)),
        Line(
            _("Fields are closed unless opened"),
            _yes(one.closed_by_default),
            _yes(other.closed_by_default),
        ),
    ]
    levels = [
        {(row.record_type, row.field): Level(row.level) for row in role.field_rules.all()}
        for role in (one, other)
    ]
    for kind, ruled in RULED_FIELDS.items():
        for code, rule in ruled.items():
            words = [_level(known.get((kind, code))) for known in levels]
            lines.append(Line(f"{RECORD_TYPES[kind]}: {rule.label}", *words))
    return lines


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _level(level: Level | None) -> str:
    return "—" if level is None else str(LEVEL_LABELS[level])
