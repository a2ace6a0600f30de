"""The snapshot lens: open deals where they stand; a stock, never a conversion."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Sum, Value

from deals.models import Stage
from reports.asking import Asked
from reports.funnel.cells import seen_deals, stuck_now
from reports.funnel.steps import OPEN, ZERO, Tally, rounded
from reports.numbers import DaysOf, Median


@dataclass(slots=True)
class Stock:
    """Open deals of one stage: how many, for how much, how many too long, their median age."""

    stage: int
    name: str
    hue: int
    open: Tally = field(default_factory=Tally)
    stuck: int = 0
    weighted: Decimal = ZERO
    median_age_days: float | None = None


def snapshot(asked: Asked) -> list[Stock]:
    """Stages in use, and archived ones in which open deals stand."""
    moment = Value(asked.until or asked.now, output_field=DateTimeField())
    age = DaysOf(ExpressionWrapper(moment - F("since"), output_field=DurationField()))
    groups = {
        row["place"]: row
        for row in seen_deals(asked)
        .filter(state=OPEN)
        .values("place")
        .annotate(
            count=Count("pk"),
            total=Sum("amount_base"),
            stuck=Count("pk", filter=stuck_now(asked)),
            age=Median(age),
        )
    }
    found = []
    for stage in Stage.objects.filter(pipeline=asked.pipeline).order_by("position", "pk"):
        row = groups.get(stage.pk)
        if row is None and not stage.is_active:
            continue
        stock = Stock(stage.pk, stage.name, stage.hue)
        if row:
            stock.open.add(row["count"], row["total"])
            stock.stuck = row["stuck"]
            share = Decimal(stage.probability) / 100
            stock.weighted = ((row["total"] or ZERO) * share).quantize(Decimal("0.01"))
            stock.median_age_days = rounded(row["age"])
        found.append(stock)
    return found
