"""Open deals by the month in which they are expected to close: columns, figures, first cards."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Sum, Value, When
from django.db.models.fields import CharField

from deals.models import Deal, Stage
from deals.querysets import DealQuerySet
from deals.standing import Standing, standing
from deals.totals import Total, weighted

MONTHS = 6
PER_COLUMN = 20
LATE, LATER, NONE = "late", "later", "none"


@dataclass(frozen=True, slots=True)
class Span:
    """Days that make a column: `first` and `last` belong to it; None is open to that side.

    `code` is late, a month such as 2026-12, later, or none for deals without a date.
    """

    code: str
    first: date | None = None
    last: date | None = None

    @property
    def is_month(self) -> bool:
        return self.code not in (LATE, LATER, NONE)

    def q(self) -> Q:
        """Deals of the column."""
        if self.code == NONE:
            return Q(expected_close_date=None)
        found = Q(expected_close_date__isnull=False)
        if self.first:
            found &= Q(expected_close_date__gte=self.first)
        if self.last:
            found &= Q(expected_close_date__lte=self.last)
        return found

    def day_for(self, before: date | None) -> date | None:
        """The date of a deal put into this column: its day of the month, else the last day.

        In the present month days gone by become the last one.
        """
        if not self.first or not self.last:
            return None
        length = monthrange(self.first.year, self.first.month)[1]
        wanted = self.first.replace(day=min(before.day, length)) if before else self.last
        return wanted if wanted >= self.first else self.last


def spans(today: date) -> list[Span]:
    """Late, the rest of this month, the months after it, later, without a date."""
    found, first = [Span(LATE, last=today - timedelta(days=1))], today
    for _ in range(MONTHS):
        last = first.replace(day=monthrange(first.year, first.month)[1])
        found.append(Span(f"{first:%Y-%m}", first, last))
        first = last + timedelta(days=1)
    return [*found, Span(LATER, first=first), Span(NONE)]


@dataclass(slots=True)
class SpanColumn:
    """A span with figures over all its deals and the cards that are shown."""

    span: Span
    total: Total = field(default_factory=Total)
    cards: list[Standing] = field(default_factory=list)

    @property
    def below(self) -> int:
        """How many cards are not shown."""
        return max(self.total.count - len(self.cards), 0)


def figures(rows: DealQuerySet, days: Sequence[Span]) -> dict[str, SpanColumn]:
    """The columns without cards in one query: count, sum, sum weighted by the stages."""
    made = {span.code: SpanColumn(span) for span in days}
    chance = dict(Stage.objects.values_list("pk", "probability"))
    for row in (
        _placed(rows, days)
        .values("span", "stage")
        .annotate(count=Count("*"), total=Sum("amount_base"))
    ):
        amount = row["total"] or Decimal(0)
        made[row["span"]].total += Total(
            row["count"], amount, weighted(amount, chance[row["stage"]])
        )
    return made


def columns(rows: DealQuerySet, today: date, now: datetime) -> list[SpanColumn]:
    """All columns of the given open deals in four queries, whatever their number."""
    days = spans(today)
    made = figures(rows, days)
    arms: list[QuerySet[Any, Any]] = [_ordered(rows.filter(span.q()))[:PER_COLUMN] for span in days]
    keys = arms[0].union(*arms[1:], all=True)
    found = Deal.objects.filter(pk__in=list(keys)).veiled_as(rows).for_cards()
    for deal in _placed(found, days).order_by("expected_close_date", "id"):
        made[deal.span].cards.append(standing(deal, now))  # type: ignore[attr-defined]
    return list(made.values())


def _ordered(rows: DealQuerySet) -> Any:
    return rows.order_by("expected_close_date", "id").values_list("pk", flat=True)


def _placed(rows: DealQuerySet, days: Sequence[Span]) -> Any:
    """Annotate `span`, the code of the deal's column."""
    whens = [When(span.q(), then=Value(span.code)) for span in days]
    return rows.order_by().annotate(span=Case(*whens, output_field=CharField()))
