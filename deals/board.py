"""The columns of the board: whole-column figures and the first cards of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from deals.models import Stage
from deals.querysets import DealQuerySet
from deals.standing import Standing, standing
from deals.totals import Total, weighted
from records.keyset import Keyset

PER_COLUMN = 20
ORDER = Keyset(("-stage_entered_at", "-id"), PER_COLUMN)


@dataclass(slots=True)
class Column:
    """A stage with figures over all its deals and the cards that are shown."""

    stage: Stage
    total: Total = field(default_factory=Total)
    stuck: int = 0
    cards: list[Standing] = field(default_factory=list)
    next_after: str = ""
    is_now: bool = False

    @property
    def below(self) -> int:
        """How many cards are not shown yet."""
        return max(self.total.count - len(self.cards), 0)


def figures(rows: DealQuerySet, stages: Sequence[Stage], now: datetime) -> list[Column]:
    """The columns without cards: count, sums and stuck deals of each, in one query."""
    made = {stage.pk: Column(stage) for stage in stages}
    rows = rows.filter(stage__in=[stage.pk for stage in stages])
    for row in rows.summed_by_stage(stages, now):
        column, amount = made[row["stage"]], row["total"] or Decimal(0)
        share = weighted(amount, column.stage.probability)
        column.total = Total(row["count"], amount, share)
        column.stuck = row["stuck"]
    return list(made.values())


def columns(rows: DealQuerySet, stages: Sequence[Stage], now: datetime) -> list[Column]:
    """All columns of the given open deals in three queries, whatever their number."""
    made = {column.stage.pk: column for column in figures(rows, stages, now)}
    cards = rows.first_of_each(stages, PER_COLUMN).for_cards()
    for deal in cards.order_by("-stage_entered_at", "-id"):
        made[deal.stage_id].cards.append(standing(deal, now))
    for column in made.values():
        if column.below and column.cards:
            column.next_after = ORDER.token(column.cards[-1].deal)
    return list(made.values())


def more_cards(
    rows: DealQuerySet, stage: Stage, after: str, now: datetime
) -> tuple[list[Standing], str]:
    """The next page of one column and the token of the page after it."""
    found, next_after = ORDER.page(rows.filter(stage=stage).for_cards(), after)
    return [standing(deal, now) for deal in found], next_after
