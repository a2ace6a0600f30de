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
from records.rights import SCOPE_LABELS, Scope

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


def answer(label: Any, told: Explanation) -> Answer:
    """An explanation in words."""
    if told.allowed:
        chains = [Chain(steps) for steps in dict.fromkeys(chain_of(c) for c in told.chain)]
        return Answer(told.action, label, True, chains=chains)
    return Answer(told.action, label, False, reasons=reasons_of(told))


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


def reasons_of(told: Explanation) -> list[str]:
    """Why not: trash, guards, what the roles reach instead."""
    if not told.is_alive:
        return [_("The record is in the trash.")]
    if not told.verdicts:
        return [_("The person is deactivated.")]
    found = [reason for verdict in told.verdicts for reason in _against(verdict)]
    return list(dict.fromkeys(found))


def _against(verdict: Verdict) -> list[str]:
    if not verdict.sees:
        reasons = [_short_reach(verdict.rulings.view)]
    elif not verdict.reaches:
        reasons = [_short_reach(verdict.rulings.act)]
    else:
        reasons = []
    return reasons + [_guard(guard) for guard in verdict.closed_by]


def _short_reach(clauses: list[Clause]) -> str:
    """What the roles open instead of this record."""
    if not clauses:
        return _("No role gives this.")
    if any(clause.limits and clause.scope is Scope.ALL for clause in clauses):
        return _("The rule of the role closes this stage.")
    scopes = [clause.scope for clause in clauses if clause.rule == SCOPE]
    widest = SCOPE_LABELS[max(scopes)] if scopes else _("nothing")
    return _("The roles do not reach this record; the widest scope is: %(scope)s.") % {
        "scope": widest
    }


def _guard(guard: Guard) -> str:
    if guard.rule == RESTRICTED:
        return _("A restricted deal: only its owner, the heads above and the participants see it.")
    if guard.rule == KEY_CLIENT:
        roles = [giving.role for giving in guard.holder.givings if giving.is_novice]
        return _("A key client: hidden by the role “%(role)s”.") % {"role": ", ".join(roles)}
    return guard.rule
