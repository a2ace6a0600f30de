"""Why a person may or may not do something with a record.

The conditions are those of `permitted`, clause by clause and guard by guard, each computed by the
database on the record itself, so the explanation cannot differ from the lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When

from records.clauses import Clause, Guard, Rulings, rulings
from records.rights import Person


@dataclass(frozen=True)
class Line:
    """One clause and whether it opens the record."""

    clause: Clause
    holds: bool


@dataclass(frozen=True)
class Check:
    """One guard and whether it lets the record pass."""

    guard: Guard
    holds: bool


@dataclass(frozen=True)
class Verdict:
    """What is decided by the rights of one holder: the reader or somebody he stands in for."""

    rulings: Rulings
    view: list[Line]
    act: list[Line]
    guards: list[Check]

    @property
    def sees(self) -> bool:
        """Some clause opens the record for viewing."""
        return any(line.holds for line in self.view)

    @property
    def reaches(self) -> bool:
        """Some clause opens the record for the action."""
        return self.rulings.action == "view" or any(line.holds for line in self.act)

    @property
    def closed_by(self) -> list[Guard]:
        """Guards that close the record."""
        return [check.guard for check in self.guards if not check.holds]

    @property
    def allowed(self) -> bool:
        """Seen, reached and not guarded."""
        return self.sees and self.reaches and not self.closed_by

    @property
    def opened_by(self) -> list[Clause]:
        """Clauses that open the record for the action."""
        lines = self.view if self.rulings.action == "view" else self.act
        return [line.clause for line in lines if line.holds]


@dataclass(frozen=True)
class Explanation:
    """The whole answer; `is_alive` is false for a record in the trash."""

    action: str
    is_alive: bool
    verdicts: list[Verdict]

    @property
    def allowed(self) -> bool:
        """The same as membership in the permitted rows."""
        return self.is_alive and any(verdict.allowed for verdict in self.verdicts)

    @property
    def chain(self) -> list[Clause]:
        """Clauses that open the record, of holders nothing is closed to."""
        return [c for verdict in self.verdicts if verdict.allowed for c in verdict.opened_by]

    @property
    def guards(self) -> list[Guard]:
        """Guards that close the record, each once."""
        return [guard for verdict in self.verdicts for guard in verdict.closed_by]


def explain(user: Person, action: str, record: Any) -> Explanation:
    """Why the person may or may not do the action with the record; one query."""
    return explain_rows(user, action, type(record), [record.pk])[record.pk]


def explain_people(
    people: Iterable[Any], actions: Iterable[str], record: Any
) -> dict[tuple[int, str], Explanation]:
    """The same for several people and actions on one record; one query."""
    model = type(record)
    said = {
        (person.pk, action): rulings(model._default_manager, person, action)
        for person in people
        for action in actions
    }
    columns = _columns([ruling for found in said.values() for ruling in found])
    rows = model._base_manager.filter(pk=record.pk).annotate(**columns)
    deleted_at, *holds = rows.values_list("deleted_at", *columns).get()
    told = iter(holds)
    return {
        key: Explanation(key[1], deleted_at is None, _verdicts(found, told))
        for key, found in said.items()
    }


def explain_rows(
    user: Person, action: str, model: type[Any], keys: Iterable[int]
) -> dict[int, Explanation]:
    """The same for many records of one type; one query."""
    manager = model._default_manager
    said = rulings(manager, user, action)
    columns = _columns(said)
    rows = model._base_manager.filter(pk__in=list(keys)).annotate(**columns)
    return {
        row[0]: Explanation(action, row[1] is None, _verdicts(said, iter(row[2:])))
        for row in rows.values_list("pk", "deleted_at", *columns)
    }


def _columns(said: Iterable[Rulings]) -> dict[str, Case | Value]:
    """Every clause and guard as a column, in the order in which verdicts read them."""
    conditions = [
        condition.q for ruling in said for condition in (*ruling.view, *ruling.act, *ruling.guards)
    ]
    return {f"c{number}": _told(q) for number, q in enumerate(conditions)}


def _told(condition: Q) -> Case | Value:
    """The condition as a column."""
    if not condition:
        return Value(True, output_field=BooleanField())
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def _verdicts(said: list[Rulings], holds: Any) -> list[Verdict]:
    return [
        Verdict(
            ruling,
            [Line(clause, next(holds)) for clause in ruling.view],
            [Line(clause, next(holds)) for clause in ruling.act],
            [Check(guard, next(holds)) for guard in ruling.guards],
        )
        for ruling in said
    ]
