"""Open deals weighed by their chances: each to the kopeck, so that every sum adds up."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DecimalField,
    F,
    FloatField,
    Func,
    Q,
    Sum,
    Value,
    When,
)
from django.utils import timezone

from deals.models import Deal
from deals.querysets import DealQuerySet
from reports.asking import Asked
from reports.cells import EMPTY
from reports.dimensions import DIMENSIONS
from reports.forecast.rates import HORIZONS, Rates, rates_on
from reports.funnel.reached import standing_at
from reports.funnel.steps import OPEN, WON, ZERO, Tally

BY = ("stage", "manager", "department", "source", "pipeline")
EIGHTY = 1.2815515655446004  # a normal value lies within +- so many deviations in 80 % of cases
KOPECK = Decimal("0.01")


class RoundMoney(Func):
    """To the kopeck, half up."""

    template = "round(%(expressions)s, 2)"
    output_field = DecimalField(max_digits=19, decimal_places=2)


@dataclass(slots=True)
class Weighed:
    """Open deals of one value of a dimension; the rotting ones stand apart and count as 0."""

    key: Any = None
    name: str = ""
    live: Tally = field(default_factory=Tally)
    rotten: Tally = field(default_factory=Tally)
    expected: Decimal = ZERO
    variance: float = 0.0

    def add(self, other: "Weighed") -> None:
        """Count more deals in."""
        self.live += other.live
        self.rotten += other.rotten
        self.expected += other.expected
        self.variance += other.variance

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        """The 80 % interval of independent outcomes, within 0 and the sum of the deals."""
        return interval(self.expected, self.variance, self.live.amount)

    @property
    def share(self) -> Decimal | None:
        """Expected of the sum, per cent."""
        if not self.live.amount:
            return None
        return (self.expected * 100 / self.live.amount).quantize(Decimal("0.1"), ROUND_HALF_UP)


def interval(expected: Decimal, variance: float, whole: Decimal) -> tuple[Decimal, Decimal]:
    """Normal, 80 %, never below 0 nor above what all deals are worth."""
    reach = Decimal(EIGHTY * sqrt(variance)).quantize(KOPECK)
    return max(ZERO, expected - reach), min(whole, expected + reach)


def horizon_of(asked: Asked) -> int:
    """Days ahead."""
    found = int(asked.options.get("horizon") or HORIZONS[1])
    return found if found in HORIZONS else HORIZONS[1]


def moment_of(asked: Asked) -> datetime:
    """The moment of the report; in UTC, where every day has 24 hours."""
    return (asked.until or asked.now).astimezone(UTC)


def fit_day(asked: Asked) -> date:
    """The day before which history is read: that of the moment of the report."""
    return timezone.localdate(moment_of(asked))


def rates_of(asked: Asked) -> Rates:
    """The chances of the moment of the report."""
    return rates_on(fit_day(asked), horizon_of(asked))


def open_deals(asked: Asked) -> DealQuerySet:
    """Deals open at the moment of the report."""
    return standing_at(asked.deals(), asked.until).filter(state=OPEN)


def weigh(rows: DealQuerySet, rates: Rates, moment: datetime) -> DealQuerySet:
    """Annotate `chance`, `weighed` and `is_rotten` by stage and age at the moment."""
    whens, rotten = [], Q(pk__in=[])
    for pipeline in rates.values():
        for span in sorted(pipeline.spans, key=lambda span: -span.low):
            old = Q(created_at__lte=moment - timedelta(days=span.low)) if span.low else Q()
            if span.is_rotten:
                rotten |= Q(place=span.stage) & old
            whens.append(When(Q(place=span.stage) & old, then=Value(span.chance)))
    chance = DecimalField(max_digits=5, decimal_places=4)
    return rows.annotate(
        chance=Case(*whens, default=Value(ZERO), output_field=chance),
        is_rotten=Case(When(rotten, then=True), default=False, output_field=BooleanField()),
    ).annotate(weighed=RoundMoney(F("amount_base") * F("chance")))


def column_of(by: str) -> str:
    """The stage is the one the deal stood in at the moment of the report."""
    return "place" if by == "stage" else DIMENSIONS[by].column


def weighed_by(asked: Asked, rates: Rates, by: str) -> list[Weighed]:
    """Open deals by a dimension, the greatest expected sum first; stages in their order."""
    rows = weigh(open_deals(asked), rates, moment_of(asked))
    p, amount = F("chance"), F("amount_base")
    spread = Sum(p * (Value(1) - p) * amount * amount, output_field=FloatField())
    groups = rows.order_by().values(one=F(column_of(by))).annotate(
        live_count=Count("pk", filter=Q(is_rotten=False)),
        live_amount=Sum("amount_base", filter=Q(is_rotten=False)),
        rotten_count=Count("pk", filter=Q(is_rotten=True)),
        rotten_amount=Sum("amount_base", filter=Q(is_rotten=True)),
        expected=Sum("weighed"),
        spread=spread,
    )  # fmt: skip
    found = [
        Weighed(
            group["one"],
            live=Tally(group["live_count"], group["live_amount"] or ZERO),
            rotten=Tally(group["rotten_count"], group["rotten_amount"] or ZERO),
            expected=group["expected"] or ZERO,
            variance=group["spread"] or 0.0,
        )
        for group in groups
    ]
    names = DIMENSIONS[by].named({row.key for row in found}, asked)
    for row in found:
        row.name = names[row.key]
    places = {span.stage: n for n, span in enumerate(s for r in rates.values() for s in r.spans)}
    if by == "stage":
        return sorted(found, key=lambda row: places.get(row.key, 0))
    return sorted(found, key=lambda row: (-row.expected, row.name))


def behind(asked: Asked, what: str, rates: Rates) -> DealQuerySet:
    """Deals behind a number: `live`, `rotten`, or both, `open`, or those `won` in the horizon."""
    rows = weigh(open_deals(asked), rates, moment_of(asked))
    if what in ("live", "rotten"):
        return rows.filter(is_rotten=what == "rotten")
    if what == "won":
        then = moment_of(asked) + timedelta(days=horizon_of(asked))
        won = standing_at(Deal.objects.order_by(), then).filter(state=WON)
        return rows.filter(pk__in=won.values("pk"))
    return rows


def lacking(rows: DealQuerySet, by: str) -> DealQuerySet:
    """Deals without a value of the dimension."""
    column = column_of(by)
    return rows.filter(Q(**{column: ""}) if by == "source" else Q(**{f"{column}__isnull": True}))


def is_lacking(key: Any) -> bool:
    """Whether a row stands for deals without a value."""
    return key in EMPTY
