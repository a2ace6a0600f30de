"""The explanation of a right in the words of people: role, how it was given, scope, rule."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.clauses import (
    EDITOR,
    KEY_CLIENT,
    OWN,
    PARENT,
    PARTICIPANT,
    RESTRICTED,
    SCOPE,
    UNASSIGNED,
    Clause,
    Guard,
)
from records.explaining import Explanation, Verdict
from records.rights import LEVEL_LABELS, RULED_FIELDS, Level, Scope

REACH = {
    Scope.OWN: gettext_lazy("own records"),
    Scope.DEPARTMENT: gettext_lazy("records of the department"),
    Scope.BELOW: gettext_lazy("records of the department and below"),
    Scope.ALL: gettext_lazy("all records"),
}
RULES = {
    UNASSIGNED: gettext_lazy("records without an owner"),
    PARTICIPANT: gettext_lazy("takes part in the deal"),
    EDITOR: gettext_lazy("takes part in the deal and may edit it"),
    OWN: gettext_lazy("own activity"),
}
PARENTS = {
    "deal": gettext_lazy("sees the deal it belongs to"),
    "lead": gettext_lazy("sees the lead it belongs to"),
    "contact": gettext_lazy("sees the contact it belongs to"),
    "company": gettext_lazy("sees the company it belongs to"),
}


@dataclass(frozen=True)
class Place:
    """Where a record stands: its owner, the owner's department, of a deal its stage."""

    owner: str = ""
    department: str = ""
    stage_id: int | None = None
    stage: str = ""


@dataclass(frozen=True)
class FieldLine:
    """A field the person does not see or edit, and by which roles."""

    label: Any
    level: Any
    why: str


@dataclass(frozen=True)
class Chain:
    """One way in: steps from the role to the rule."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """Yes or no to one action, with the ways in or the reasons against."""

    action: str
    label: Any
    allowed: bool
    chains: list[Chain] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def place_of(record: Any) -> Place:
    """The facts that the reasons name; one query more than the record for each of them."""
    owner = record.owner
    stage = getattr(record, "stage", None)
    return Place(
        owner=str(owner) if owner else "",
        department=str(owner.department or "") if owner else "",
        stage_id=stage.pk if stage else None,
        stage=stage.label if stage else "",
    )


def answer(label: Any, told: Explanation, place: Place) -> Answer:
    """An explanation in words."""
    if told.allowed:
        chains = [Chain(steps) for steps in dict.fromkeys(chain_of(c) for c in told.chain)]
        return Answer(told.action, label, True, chains=chains)
    return Answer(told.action, label, False, reasons=reasons_of(told, place))


def chain_of(clause: Clause) -> tuple[str, ...]:
    """Role, how it came, what it reaches."""
    steps = [_("role “%(role)s”") % {"role": clause.giving.role}, _given(clause), _rule(clause)]
    if clause.holder.is_deputised:
        steps.insert(0, _("stands in for %(person)s") % {"person": clause.holder.name})
    return tuple(steps)


def _given(clause: Clause) -> str:
    name = clause.giving.through_name
    if clause.giving.through == "department":
        return _("through the department “%(name)s”") % {"name": name}
    if clause.giving.through == "group":
        return _("through the group “%(name)s”") % {"name": name}
    return _("given personally")


def _rule(clause: Clause) -> str:
    if clause.rule == SCOPE:
        return str(REACH[clause.scope])
    return str(PARENTS[clause.parent] if clause.rule == PARENT else RULES[clause.rule])


def reasons_of(told: Explanation, place: Place) -> list[str]:
    """Why not: trash, guards, what the roles reach instead."""
    if not told.is_alive:
        return [_("The record is in the trash.")]
    if not told.verdicts:
        return [_("The person is deactivated.")]
    found = [reason for verdict in told.verdicts for reason in _against(verdict, place)]
    return list(dict.fromkeys(found))


def _against(verdict: Verdict, place: Place) -> list[str]:
    reasons = []
    if not verdict.sees:
        reasons = _short_reach(verdict.rulings.view, place)
    elif not verdict.reaches:
        reasons = _short_reach(verdict.rulings.act, place)
    return reasons + [_guard(guard) for guard in verdict.closed_by]


def _short_reach(clauses: list[Clause], place: Place) -> list[str]:
    """What the roles open instead of this record."""
    if not clauses:
        return [_("No role gives this.")]
    scoped = [clause for clause in clauses if clause.rule == SCOPE]
    open_here = [clause for clause in scoped if place.stage_id not in clause.limits]
    reasons = [_closed_stage(clause, place) for clause in scoped if clause not in open_here]
    if open_here:
        widest = max(open_here, key=lambda clause: clause.scope)
        reasons.append(_out_of_reach(widest, place))
    if any(clause.rule == PARENT for clause in clauses):
        reasons.append(_("It goes with its deal, lead or client, and none of them is seen."))
    return reasons or [_("No role reaches this record.")]


def _closed_stage(clause: Clause, place: Place) -> str:
    return _("The role “%(role)s” closes the stage “%(stage)s”.") % {
        "role": clause.giving.role,
        "stage": place.stage,
    }


def _out_of_reach(clause: Clause, place: Place) -> str:
    """Which scope ends where, and where the record stands."""
    words = {"reach": reach_of(clause), "owner": place.owner, "department": place.department}
    if not place.owner:
        return _("The roles reach %(reach)s; this record has no owner.") % words
    if not place.department:
        return _("The roles reach %(reach)s; this record belongs to %(owner)s.") % words
    text = _("The roles reach %(reach)s; this record belongs to %(owner)s, “%(department)s”.")
    return text % words


def reach_of(clause: Clause) -> str:
    """The scope with the department where it ends."""
    place = clause.holder.department
    if clause.scope is Scope.DEPARTMENT and place:
        return _("records of “%(department)s”") % {"department": place}
    if clause.scope is Scope.BELOW and place:
        return _("records of “%(department)s” and below") % {"department": place}
    return str(REACH[clause.scope])


def field_lines(person: Any, kind: str) -> list[FieldLine]:
    """Fields of the type that the person does not see or may not edit."""
    found = []
    givings = [
        giving
        for holder in person.holders()
        for giving in holder.givings
        if giving.grant(kind, "view")
    ]
    for code, level in person.fields(kind).levels.items() if givings else ():
        if level < Level.EDIT:
            roles = ", ".join(dict.fromkeys(f"«{giving.role}»" for giving in givings))
            why = _("by the rules of: %(roles)s") % {"roles": roles}
            found.append(FieldLine(RULED_FIELDS[kind][code].label, LEVEL_LABELS[level], why))
    return found


def _guard(guard: Guard) -> str:
    if guard.rule == RESTRICTED:
        return _("A restricted deal: only its owner, the heads above and the participants see it.")
    if guard.rule == KEY_CLIENT:
        roles = [giving.role for giving in guard.holder.givings if giving.is_novice]
        return _("A key client: hidden by the role “%(role)s”.") % {"role": ", ".join(roles)}
    return guard.rule
