"""What a change of a role would do, before it is saved: who gains and who loses what."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role, User
from accounts.models.holdings import read_holders
from accounts.querysets import reached_by
from accounts.rule_preview import Pair, RuleChange, read_limits, rule_changes
from records.models import Record
from records.querysets import effective_grant
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, SYSTEM_RIGHTS, Grant, Level, Scope

PEOPLE = 200
PARTS = 40
COUNTED = 10_000
SHOWN = 20
PATIENCE = "4s"
CELLS = [(kind, action) for kind in RECORD_TYPES for action in ACTIONS]
RIGHTS = [(SYSTEM, name) for name in SYSTEM_RIGHTS]
STAGED = ("deal", "activity")


@dataclass(slots=True)
class RightChange:
    """One right, its reach before and after, and the people for whom it changes so."""

    kind: str
    action: str
    before: Grant
    after: Grant
    people: list[User] = field(default_factory=list)

    @property
    def is_gain(self) -> bool:
        """Nothing of the former reach is lost."""
        return self.before.united(self.after) == self.after


@dataclass(slots=True)
class RowChange:
    """Records of one type that the people would lose or gain; at most 20 to look at.

    `count` is None when the database was not done in time; `is_more` when it stopped counting.
    """

    kind: str
    is_gain: bool
    people: int
    count: int | None = None
    is_more: bool = False
    sample: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """The whole answer; `people` are those whose rights change, `is_partial` if some were left."""

    people: list[User]
    rights: list[RightChange]
    rules: list[RuleChange]
    rows: list[RowChange]
    is_partial: bool


def preview_change(change: Callable[[], object], *, role: Role, viewer: User) -> Preview:
    """Make the change, read everybody's rights, roll it back and read them again.

    What is lost or gained is counted from `visible_to` of the same people before and after.
    Records are named only when the viewer may see them. Raises what the change raises.
    """
    given = role.assignments.all()
    keys = set(reached_by(given).values_list("pk", flat=True))
    with transaction.atomic():
        change()
        keys |= set(reached_by(given.all()).values_list("pk", flat=True))
        chosen = sorted(keys)[:PEOPLE]
        after, limits_after = _with_rights(chosen), read_limits()
        transaction.set_rollback(True)
    before, limits_before = _with_rights(chosen), read_limits()
    pairs = [(before[pk], after[pk]) for pk in chosen if pk in before and pk in after]
    rights = _right_changes(pairs)
    rules = rule_changes(pairs, limits_before, limits_after)
    changed = {person.pk for row in (*rights, *rules) for person in row.people}
    rows = [row for kind in RECORD_TYPES for row in _row_changes(kind, pairs, viewer)]
    people = [old for old, _new in pairs if old.pk in changed]
    return Preview(people, rights, rules, rows, is_partial=len(keys) > PEOPLE)


def _with_rights(keys: Iterable[int]) -> dict[int, User]:
    """People whose rights are read now and kept with them."""
    people = User.objects.filter(pk__in=keys, is_active=True).select_related("department").in_bulk()
    read_holders(list(people.values()), timezone.now())
    return people


def _right_changes(pairs: list[Pair]) -> list[RightChange]:
    """People grouped by the same change of the same right, in the order of the matrix."""
    found: dict[tuple[str, str, Grant, Grant], RightChange] = {}
    for kind, action in [*RIGHTS, *CELLS]:
        for old, new in pairs:
            before, after = _grant(old, kind, action), _grant(new, kind, action)
            if before != after:
                key = (kind, action, before, after)
                found.setdefault(key, RightChange(*key)).people.append(old)
    return list(found.values())


def _grant(person: User, kind: str, action: str) -> Grant:
    return person.grant(kind, action) if kind == SYSTEM else effective_grant(person, kind, action)


def _row_changes(kind: str, pairs: list[Pair], viewer: User) -> list[RowChange]:
    model = record_model(kind)
    found = []
    for is_gain in (False, True):
        moved = [pair for pair in pairs if _moves(kind, pair, is_gain)]
        if moved:
            row = RowChange(kind, is_gain, len(moved))
            _count(row, model, _parts(model, kind, moved, is_gain), viewer)
            if row.count != 0:
                found.append(row)
    return found


def _moves(kind: str, pair: Pair, is_gain: bool) -> bool:
    """The person may lose or gain records of the type: by scope, key clients or closed stages."""
    before, after = (person.grant(kind, "view") for person in pair)
    if before.united(after) != (before if is_gain else after):
        return True
    less, more = pair if is_gain else reversed(pair)
    was_novice = any(holder.is_novice for holder in less.holders())
    if was_novice and not all(holder.is_novice for holder in more.holders()):
        return kind != "product"
    return kind in STAGED and _closings(less) != _closings(more)


def _closings(person: User) -> frozenset[tuple[Grant, tuple[int, ...]]]:
    """The stages that each role showing deals closes, with what the role reaches."""
    return frozenset(
        (giving.grant("deal", "view"), giving.stages_below(Level.VIEW))
        for holder in person.holders()
        for giving in holder.givings
        if giving.grant("deal", "view")
    )


def _parts(model: Any, kind: str, moved: list[Pair], is_gain: bool) -> list[QuerySet]:
    """The difference for each person; people of one department with one reach give one part."""
    parts: dict[Any, QuerySet] = {}
    for old, new in moved:
        less, more = (old, new) if is_gain else (new, old)
        reach = (old.grant(kind, "view"), new.grant(kind, "view"))
        is_own = any(grant.scope is Scope.OWN for grant in reach)
        key = old.pk if is_own else (old.department_id, reach, _closings(old), _closings(new))
        seen = model.objects.visible_to(more)
        parts[key] = seen.exclude(pk__in=model.objects.visible_to(less).values("pk"))
    return list(parts.values())


def _count(row: RowChange, model: Any, parts: list[QuerySet], viewer: User) -> None:
    keys = [part.order_by().values("pk") for part in parts[:PARTS]]
    together = reduce(lambda one, other: one.union(other), keys)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
            row.count = together[: COUNTED + 1].count()
            shown = [line["pk"] for line in together[:SHOWN]]
            transaction.set_rollback(True)
    except OperationalError:
        row.count = None
        return
    row.is_more = row.count > COUNTED or len(parts) > PARTS
    row.count = min(row.count, COUNTED)
    row.sample = list(model.objects.visible_to(viewer).filter(pk__in=shown))


def record_model(kind: str) -> Any:
    """The model of a record type."""
    return next(
        model
        for model in apps.get_models()
        if issubclass(model, Record) and model.record_type == kind
    )
