"""What sources and campaigns cost: entered or imported by month, counted by days.

A month that lies in the period only in part costs its share of days.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from deals.models import Deal
from leads.models import Lead, Source
from reports.asking import Asked
from reports.models import MarketingCost
from reports.periods import Period

KOPECK = Decimal("0.01")


def sees_costs(asked: Asked) -> bool:
    """Costs are of the whole company: they stand only beside leads and deals of all of it.

    Divided by a part of the leads (those of a person, or those one may see) they would be a lie.
    """
    if asked.owner or asked.department:
        return False
    return all(model.objects.all().open_to(asked.user) is not None for model in (Lead, Deal))


def costs_of(asked: Asked) -> QuerySet[MarketingCost]:
    """Costs of months that lie in the period at least in part."""
    rows = MarketingCost.objects.order_by("month", "pk")
    if asked.source:
        rows = rows.filter(source__name=asked.source)
    if asked.period.first:
        rows = rows.filter(month__gte=asked.period.first.replace(day=1))
    return rows.filter(month__lte=asked.period.last) if asked.period.last else rows


def spent(asked: Asked) -> Iterator[tuple[int, str, date, Decimal]]:
    """Source, campaign, month and what of its cost falls on the days of the period."""
    for row in costs_of(asked):
        yield row.source_id, row.campaign, row.month, part_of(row.month, row.amount, asked.period)


def part_of(month: date, amount: Decimal, period: Period) -> Decimal:
    """The share of a month's cost by the days that lie in the period, to the kopeck."""
    days = monthrange(month.year, month.month)[1]
    first = max(month, period.first or month)
    last = month.replace(day=days)
    last = min(last, period.last or last)
    inside = max(0, (last - first).days + 1)
    return (amount * inside / days).quantize(KOPECK, ROUND_HALF_UP)


@transaction.atomic
def set_cost(
    *, source: Source, campaign: str, month: date, amount: Decimal, by: Any, now: datetime
) -> MarketingCost:
    """Write the cost of a source and campaign in a month; the same again changes nothing."""
    row, _is_new = MarketingCost.objects.update_or_create(
        source=source,
        campaign=campaign,
        month=month.replace(day=1),
        defaults={"amount": amount, "changed_by": by, "changed_at": now},
    )
    return row
