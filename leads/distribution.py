"""Who gets a lead: a pure decision over plain values, so that it can be tried on any past."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

GIVEN = "given"
HAS_MORE = "has_more"
INACTIVE = "inactive"

REASONS = {
    GIVEN: _("gets the lead: the fewest by this rule"),
    HAS_MORE: _("has been given more by this rule"),
    INACTIVE: _("is not active"),
}


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as the decision sees it; the band is [amount_from, amount_to)."""

    pk: int
    name: str
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    source_id: int | None = None

    def fits(self, amount: Decimal | None, source_id: int | None) -> bool:
        """Whether a lead of this amount (none counts as 0) and source belongs to the rule."""
        value = amount or Decimal(0)
        if self.amount_from is not None and value < self.amount_from:
            return False
        if self.amount_to is not None and value >= self.amount_to:
            return False
        return self.source_id is None or self.source_id == source_id


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the pool: how many the rule has given, and whether he may get one now."""

    user_id: int
    given: int
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen person (none when nobody may) and a line about every candidate."""

    user_id: int | None
    explanation: list[dict[str, int | str]] = field(default_factory=list)


def first_fitting(
    rules: Sequence[RuleView], amount: Decimal | None, source_id: int | None
) -> RuleView | None:
    """The first rule in order that the lead belongs to."""
    return next((rule for rule in rules if rule.fits(amount, source_id)), None)


def choose(candidates: Sequence[Candidate]) -> Choice:
    """The active person who has been given the fewest; equal ones in the order of their keys.

    With every arrival going to the fewest, the counts of people who are active all the time
    never differ by more than one.
    """
    active = [person for person in candidates if person.is_active]
    best = min(active, key=lambda person: (person.given, person.user_id), default=None)
    lines: list[dict[str, int | str]] = []
    for person in candidates:
        result = HAS_MORE if person.is_active else INACTIVE
        if best is not None and person.user_id == best.user_id:
            result = GIVEN
        lines.append({"user": person.user_id, "given": person.given, "result": result})
    return Choice(best.user_id if best else None, lines)


def level_start(given_by_others: Sequence[int]) -> int:
    """Where a person who joins or comes back starts: level with the least loaded, no debt."""
    return min(given_by_others, default=0)
