"""Rights as named clauses that open rows and named guards that close them again.

`permitted` is built from these, and so is the explanation: the same conditions, once in the
query of a list, once annotated on a single record.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from records.holders import Giving, Holder, any_of
from records.rights import Scope

SCOPE, UNASSIGNED, PARTICIPANT, EDITOR, OWN, PARENT = (
    "scope",
    "unassigned",
    "participant",
    "editor",
    "own",
    "parent",
)
RESTRICTED, KEY_CLIENT = "restricted", "key_client"
VIEWING = ("view", "export")


@dataclass(frozen=True)
class Clause:
    """Rows that one role of one holder opens by one rule; clauses of one holder unite."""

    q: Q
    rule: str
    holder: Holder
    giving: Giving
    scope: Scope = Scope.NONE
    parent: str = ""
    limits: tuple[int, ...] = ()
    """Stages of deals that the clause leaves out."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Two clauses of one holder with equal keys open the same rows."""
        scope = self.scope if self.rule == SCOPE else Scope.NONE
        return (self.rule, scope, self.parent, self.limits)


@dataclass(frozen=True)
class Guard:
    """Rows of a holder that survive a restriction; every guard must let a row pass."""

    q: Q
    rule: str
    holder: Holder


@dataclass(frozen=True)
class Rulings:
    """All that is said about one holder and one action: viewing, the action itself, guards."""

    holder: Holder
    action: str
    view: list[Clause]
    act: list[Clause]
    guards: list[Guard]

    def condition(self) -> Q:
        """Rows on which the holder may act: seen, reached by the action, not guarded."""
        view, act = _telling(self.view), _telling(self.act)
        found = any_of(list(view.values()))
        if self.action != "view" and view.keys() != act.keys():
            found &= any_of(list(act.values()))
        for guard in self.guards:
            found &= guard.q
        return found


def _telling(clauses: list[Clause]) -> dict[tuple[Any, ...], Q]:
    """Conditions by key: each once, of scopes only the widest, as it contains the others."""
    plain = [clause.scope for clause in clauses if clause.rule == SCOPE and not clause.limits]
    widest = max(plain, default=Scope.NONE)
    return {
        clause.key: clause.q
        for clause in clauses
        if clause.rule != SCOPE
        or clause.scope > widest
        or (clause.scope == widest and not clause.limits)
    }


def scope_clauses(holder: Holder, record_type: str, action: str) -> list[Clause]:
    """What the matrix of each role says: by the owner's place, and rows nobody owns."""
    found = []
    for giving in holder.givings:
        grant = giving.grant(record_type, action)
        if grant.scope is not Scope.NONE:
            reached = holder.owned_within(grant.scope)
            found.append(Clause(reached, SCOPE, holder, giving, grant.scope))
        if grant.unassigned:
            found.append(Clause(Q(owner__isnull=True), UNASSIGNED, holder, giving, grant.scope))
    return found


def rulings_of(manager: Any, holder: Holder, action: str) -> Rulings:
    """What decides about the rows of a record type for one holder.

    `manager` is the manager or queryset of the type: it knows its own clauses and guards.
    """
    return Rulings(
        holder=holder,
        action=action,
        view=manager.clauses(holder, "view"),
        act=[] if action == "view" else manager.clauses(holder, action),
        guards=manager.guards(holder),
    )


def rulings(manager: Any, user: Any, action: str) -> list[Rulings]:
    """The same for the person and everybody the person stands in for."""
    return [rulings_of(manager, holder, action) for holder in user.holders()]


def permitted_condition(manager: Any, user: Any, action: str) -> Q:
    """Rows on which the person may do the action, by own rights or as somebody's deputy.

    Kept as long as the rights it was made of: a page asks the same question many times.
    """
    key = (manager.model, action)
    known = user.conditions()
    if key not in known:
        known[key] = any_of([ruling.condition() for ruling in rulings(manager, user, action)])
    return known[key]
