"""What a change of a role does to fields, stages of deals and key clients, person by person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import StageRule, User
from records.rights import RULED_FIELDS, Level

Pair = tuple[User, User]
SEE, EDIT, CLOSE, MOVE, KEY = "see", "edit", "close", "move", "key"


@dataclass(slots=True)
class RuleChange:
    """One thing that people begin or cease to see or do, and those people.

    `subject` is a field as (record type, code), a stage, or empty for key clients; `targets` are
    the stages a deal may, or may no longer, be moved to from there.
    """

    what: str
    subject: Any
    is_gain: bool
    targets: tuple[Any, ...] = ()
    people: list[User] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StageLimits:
    """What one role says of one stage beside its level."""

    can_close: bool
    targets: frozenset[int] | None
    """None: deals may be moved anywhere."""


Limits = dict[int, dict[int, StageLimits]]


def read_limits() -> Limits:
    """The present limits of every role by stage; two queries."""
    found: Limits = {}
    for rule in StageRule.objects.prefetch_related("moves"):
        targets = frozenset(stage.pk for stage in rule.moves.all()) if rule.limits_moves else None
        found.setdefault(rule.role_id, {})[rule.stage_id] = StageLimits(rule.can_close, targets)
    return found


def rule_changes(pairs: Iterable[Pair], before: Limits, after: Limits) -> list[RuleChange]:
    """Every change of a rule with its people: key clients, fields, then stages in their order."""
    pairs = list(pairs)
    return [*_key_changes(pairs), *_field_changes(pairs), *_stage_changes(pairs, before, after)]


class _Gathered:
    """Changes by what they are, in the order in which they were met."""

    def __init__(self) -> None:
        self.found: dict[Any, RuleChange] = {}

    def add(
        self, person: User, what: str, subject: Any, is_gain: bool, targets: tuple[Any, ...] = ()
    ) -> None:
        key = (what, getattr(subject, "pk", subject), is_gain, tuple(row.pk for row in targets))
        change = self.found.setdefault(key, RuleChange(what, subject, is_gain, targets))
        change.people.append(person)

    def all(self) -> list[RuleChange]:
        return list(self.found.values())


def _key_changes(pairs: list[Pair]) -> list[RuleChange]:
    gathered = _Gathered()
    for old, new in pairs:
        was, is_now = (any(row.is_novice for row in person.holders()) for person in (old, new))
        if was != is_now:
            gathered.add(old, KEY, "", is_gain=was)
    return gathered.all()


def _field_changes(pairs: list[Pair]) -> list[RuleChange]:
    """Fields of records that are seen before and after; others go with their record."""
    gathered = _Gathered()
    for kind, ruled in RULED_FIELDS.items():
        for code in ruled:
            for old, new in pairs:
                if old.grant(kind, "view") and new.grant(kind, "view"):
                    before = old.fields(kind).levels[code]
                    after = new.fields(kind).levels[code]
                    _level_change(gathered, old, (kind, code), before, after)
    return gathered.all()


def _level_change(
    gathered: _Gathered, person: User, subject: Any, before: Level, after: Level
) -> None:
    """Seeing is told when it begins or ends, otherwise editing."""
    if before == after:
        return
    what = SEE if Level.NONE in (before, after) else EDIT
    gathered.add(person, what, subject, is_gain=after > before)


def _stage_changes(pairs: list[Pair], before: Limits, after: Limits) -> list[RuleChange]:
    stages: Any = StageRule._meta.get_field("stage").related_model
    rows = list(
        stages._default_manager.filter(is_active=True, pipeline__is_active=True)
        .select_related("pipeline")
        .order_by("pipeline__position", "pipeline_id", "position")
    )
    gathered = _Gathered()
    for stage in rows:
        others = [
            row for row in rows if row.pipeline_id == stage.pipeline_id and row.pk != stage.pk
        ]
        for old, new in pairs:
            if old.grant("deal", "view") and new.grant("deal", "view"):
                _level_change(gathered, old, stage, _level(old, stage), _level(new, stage))
            was, is_now = _limits(old, stage, before), _limits(new, stage, after)
            if was is not None and is_now is not None:
                _limit_changes(gathered, old, stage, others, (was, is_now))
    return gathered.all()


def _limit_changes(
    gathered: _Gathered,
    person: User,
    stage: Any,
    others: list[Any],
    limits: tuple[StageLimits, StageLimits],
) -> None:
    was, is_now = limits
    if was.can_close != is_now.can_close:
        gathered.add(person, CLOSE, stage, is_gain=is_now.can_close)
    for is_gain, less, more in ((False, is_now, was), (True, was, is_now)):
        targets = tuple(row for row in others if _reaches(more, row) and not _reaches(less, row))
        if targets:
            gathered.add(person, MOVE, stage, is_gain, targets)


def _reaches(limits: StageLimits, stage: Any) -> bool:
    return limits.targets is None or stage.pk in limits.targets


def _level(person: User, stage: Any) -> Level:
    """The widest level of the roles that show deals."""
    givings = [
        giving
        for holder in person.holders()
        for giving in holder.givings
        if giving.grant("deal", "view")
    ]
    return max((row.stages.get(stage.pk, Level.EDIT) for row in givings), default=Level.NONE)


def _limits(person: User, stage: Any, limits: Limits) -> StageLimits | None:
    """The union of the roles that let one edit deals; None without such a role."""
    roles = {
        giving.role_id
        for holder in person.holders()
        for giving in holder.givings
        if giving.grant("deal", "change")
    }
    if not roles:
        return None
    said = [limits.get(role, {}).get(stage.pk) for role in roles]
    known = [row for row in said if row is not None]
    if len(known) < len(said):
        return StageLimits(can_close=True, targets=None)
    reached = [row.targets for row in known if row.targets is not None]
    is_free = len(reached) < len(known)
    targets = None if is_free else frozenset(key for row in reached for key in row)
    return StageLimits(any(row.can_close for row in known), targets)
