"""Sums of many deals: plain and weighted by the probability of the stage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from deals.models import Stage


@dataclass(frozen=True, slots=True)
class Total:
    """Count of deals, their sum and weighted sum in the base currency."""

    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)

    def __add__(self, other: "Total") -> "Total":
        return Total(
            self.count + other.count, self.amount + other.amount, self.weighted + other.weighted
        )


def total_of(rows: Iterable[Mapping[str, Any]], stages: Mapping[int, Stage]) -> Total:
    """Add up rows of `DealQuerySet.summed`: open by probability, won in full, lost nothing."""
    result = Total()
    for row in rows:
        amount = row["total"] or Decimal(0)
        share = {"won": 100, "lost": 0}.get(row["status"], stages[row["stage"]].probability)
        result += Total(row["count"], amount, weighted(amount, share))
    return result


def weighted(amount: Decimal, probability: int) -> Decimal:
    """The expected part of a sum; probability in percent."""
    return (amount * probability / 100).quantize(Decimal("0.01"))
