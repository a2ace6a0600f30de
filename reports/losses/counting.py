"""Deals lost in the period by reason, stage, manager, source and month.

A lost deal counts on the day of closing, in the stage in which it was lost. Share: of all the lost
deals of the period. Loss rate: lost / (won + lost) of the deals closed in the period.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import TruncMonth

from deals.models import Stage
from reports.asking import Asked
from reports.cells import LOST, WON, deals_of
from reports.dimensions import DIMENSIONS
from reports.funnel.steps import Tally, percent, rounded
from reports.numbers import DaysOf, Median
from reports.periods import months_later

BY = ("reason", "competitor", "stage", "manager", "source", "department", "pipeline")
RATED = ("manager", "source", "department", "pipeline")
KOPECK = Decimal("0.01")
TO_LOSS = DaysOf(ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField()))
Key = Any


@dataclass(slots=True)
class LossRow:
    """Lost deals with one value; `across` counts them by the other dimension.

    `won` is None where a won deal has no such value (reason, stage).
    """

    key: Key
    name: str = ""
    lost: Tally = field(default_factory=Tally)
    share: Decimal | None = None
    amount_share: Decimal | None = None
    won: int | None = None
    median_days: float | None = None
    previous_lost: int | None = None
    previous_share: Decimal | None = None
    across: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def average(self) -> Decimal | None:
        """Mean sum of a lost deal to the kopeck, half up."""
        if not self.lost.count:
            return None
        return (self.lost.amount / self.lost.count).quantize(KOPECK, ROUND_HALF_UP)

    @property
    def rate(self) -> Decimal | None:
        """Lost of the closed, per cent."""
        return None if self.won is None else percent(self.lost.count, self.won + self.lost.count)

    @property
    def change(self) -> Decimal | None:
        """The share against the period of comparison, percentage points."""
        if self.share is None or self.previous_share is None:
            return None
        return self.share - self.previous_share


@dataclass(slots=True)
class LossMonth:
    """Lost and won deals closed in a calendar month of the active zone; `parts` by value."""

    month: date
    lost: Tally = field(default_factory=Tally)
    won: int = 0
    parts: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def rate(self) -> Decimal | None:
        """Lost of the closed, per cent."""
        return percent(self.lost.count, self.won + self.lost.count)


@dataclass(slots=True)
class Losses:
    """Rows by one dimension, the same by another one across, months; `total` of all."""

    by: str
    other: str
    rows: list[LossRow]
    across: list[tuple[Key, str]]
    months: list[LossMonth]
    total: LossRow


def losses(asked: Asked, by: str = "reason") -> Losses:
    """Lost deals of the viewer in the period; without a known dimension by reason."""
    by = by if by in BY else "reason"
    other = "reason" if by == "stage" else "stage"
    rows: dict[Key, LossRow] = {}
    months: dict[date, LossMonth] = {}
    total = LossRow(None)
    for group in _groups(asked, by, other):
        key, across, month = group["one"], group["two"], group["month"].date()
        row = rows.setdefault(key, LossRow(key))
        at = months.setdefault(month, LossMonth(month))
        for tally in (row.lost, at.lost, total.lost):
            tally.add(group["count"], group["total"])
        row.across[across] += group["count"]
        total.across[across] += group["count"]
        at.parts[key] += group["count"]
    _add_won(rows, months, total, asked, by)
    _add_days(rows, total, asked, by)
    _share(rows, total, asked, by)
    _name(rows, asked, by)
    listed = sorted(rows.values(), key=lambda row: (-row.lost.count, row.name))
    return Losses(by, other, listed, _columns(total, other, asked), _filled(months), total)


def _groups(asked: Asked, by: str, other: str) -> Any:
    one, two = F(DIMENSIONS[by].column), F(DIMENSIONS[other].column)
    rows = deals_of(asked, LOST).annotate(one=one, two=two, month=TruncMonth("closed_at"))
    return rows.values("one", "two", "month").annotate(count=Count("pk"), total=Sum("amount_base"))


def _add_won(
    rows: dict[Key, LossRow],
    months: dict[date, LossMonth],
    total: LossRow,
    asked: Asked,
    by: str,
) -> None:
    """Won deals beside the lost ones, for the rates."""
    if by in RATED:
        for row in rows.values():
            row.won = 0
    total.won = 0
    won = deals_of(asked, WON).annotate(
        one=F(DIMENSIONS[by if by in RATED else "pipeline"].column), month=TruncMonth("closed_at")
    )
    for group in won.values("one", "month").annotate(count=Count("pk")):
        month = group["month"].date()
        months.setdefault(month, LossMonth(month)).won += group["count"]
        total.won += group["count"]
        if by in RATED:
            row = rows.setdefault(group["one"], LossRow(group["one"], won=0))
            row.won = (row.won or 0) + group["count"]


def _add_days(rows: dict[Key, LossRow], total: LossRow, asked: Asked, by: str) -> None:
    """Median days from creation to loss."""
    lost = deals_of(asked, LOST)
    groups = (
        lost.annotate(one=F(DIMENSIONS[by].column)).values("one").annotate(days=Median(TO_LOSS))
    )
    for group in groups:
        rows[group["one"]].median_days = rounded(group["days"])
    total.median_days = rounded(lost.aggregate(days=Median(TO_LOSS))["days"])


def _share(rows: dict[Key, LossRow], total: LossRow, asked: Asked, by: str) -> None:
    """Shares of the whole, now and in the period of comparison."""
    past: dict[Key, int] = {}
    if asked.before:
        lost = deals_of(asked.of(period=asked.before), LOST)
        column = DIMENSIONS[by].column
        past = dict(lost.annotate(one=F(column)).values_list("one").annotate(Count("pk")))
        for key in past:
            rows.setdefault(key, LossRow(key, won=0 if by in RATED else None))
    before = sum(past.values())
    for row, count in [(total, before), *((row, past.get(row.key, 0)) for row in rows.values())]:
        row.share = percent(row.lost.count, total.lost.count)
        row.amount_share = percent(row.lost.amount, total.lost.amount)
        if asked.before:
            row.previous_lost, row.previous_share = count, percent(count, before)


def _name(rows: dict[Key, LossRow], asked: Asked, by: str) -> None:
    for key, name in DIMENSIONS[by].named(rows, asked).items():
        rows[key].name = name


def _columns(total: LossRow, other: str, asked: Asked) -> list[tuple[Key, str]]:
    """Values of the other dimension: stages in their order, reasons by number."""
    names = DIMENSIONS[other].named(total.across, asked)
    if other == "stage":
        ordered = Stage.objects.filter(pk__in=names).order_by("pipeline", "position", "pk")
        return [(pk, names[pk]) for pk in ordered.values_list("pk", flat=True)]
    return sorted(names.items(), key=lambda pair: (-total.across[pair[0]], pair[1]))


def _filled(months: dict[date, LossMonth]) -> list[LossMonth]:
    """Every month from the first to the last one with a closed deal."""
    if not months:
        return []
    found, month = [], min(months)
    while month <= max(months):
        found.append(months.get(month) or LossMonth(month))
        month = months_later(month, 1)
    return found
