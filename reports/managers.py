"""What each owner did in a period, and revenue by owner and by month.

Only rows the viewer may see are counted, in numerators and denominators alike. Deals count by
the day they were created (new) or closed (won, lost); activities by the day they were done.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import TruncMonth

from accounts.models import User
from activities.models import Activity, Kind
from deals.models import Deal, Pipeline
from reports.funnel import LOST, WON, ZERO, percent
from reports.periods import Period

KOPECK = Decimal("0.01")


class DaysOf(Func):
    """A span as days with a fraction."""

    template = "(extract(epoch FROM %(expressions)s)::float8 / 86400)"
    output_field = FloatField()


class Median(Aggregate):
    """The continuous median."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()


CYCLE = DaysOf(ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField()))
CLOSED = {
    "won": Count("pk", filter=Q(status=WON)),
    "won_amount": Sum("amount_base", filter=Q(status=WON)),
    "lost": Count("pk", filter=Q(status=LOST)),
}
DEALS = {**CLOSED, "median_cycle_days": Median(CYCLE, filter=Q(status=WON))}
WORK = {
    "calls": Count("pk", filter=Q(kind=Kind.CALL)),
    "meetings": Count("pk", filter=Q(kind=Kind.MEETING)),
    "tasks_done": Count("pk", filter=Q(kind=Kind.TASK)),
    "tasks_late": Count("pk", filter=Q(kind=Kind.TASK, done_at__gt=F("due_at"))),
}


@dataclass(slots=True)
class Result:
    """Closed deals: counts and the sum of the won in the base currency."""

    won: int = 0
    won_amount: Decimal = ZERO
    lost: int = 0

    @property
    def win_rate(self) -> Decimal | None:
        """won / (won + lost) of the deals closed in the period, per cent."""
        return percent(self.won, self.won + self.lost)

    @property
    def average_won(self) -> Decimal | None:
        """won_amount / won to the kopeck, half up."""
        if not self.won:
            return None
        return (self.won_amount / self.won).quantize(KOPECK, ROUND_HALF_UP)


@dataclass(slots=True)
class ManagerRow(Result):
    """One owner (None: rows nobody owns), or the total of all."""

    owner: int | None = None
    name: str = ""
    new: int = 0
    median_cycle_days: float | None = None
    calls: int = 0
    meetings: int = 0
    tasks_done: int = 0
    tasks_late: int = 0


@dataclass(slots=True)
class Managers:
    """The table of owners, those with the most won first, and its total."""

    period: Period
    rows: list[ManagerRow]
    total: ManagerRow


@dataclass(slots=True)
class SalesRow(Result):
    """Closed deals of one owner."""

    owner: int | None = None
    name: str = ""


@dataclass(slots=True)
class MonthRow(Result):
    """Closed deals of one calendar month of the active zone."""

    month: date = date.min


@dataclass(slots=True)
class Sales:
    """Won revenue by manager and by month."""

    period: Period
    by_manager: list[SalesRow] = field(default_factory=list)
    by_month: list[MonthRow] = field(default_factory=list)
    total: Result = field(default_factory=Result)


def seen_deals(user: User, pipeline: Pipeline | None, owner: User | None) -> QuerySet:
    """Deals of the report, unsorted."""
    rows = Deal.objects.visible_to(user).order_by()
    if pipeline:
        rows = rows.filter(pipeline=pipeline)
    return rows.filter(owner=owner) if owner else rows


def closed(deals: QuerySet, period: Period) -> QuerySet:
    """Deals won or lost in the period."""
    return deals.filter(period.within("closed_at"), closed_at__isnull=False)


def managers(
    *, user: User, period: Period, pipeline: Pipeline | None = None, owner: User | None = None
) -> Managers:
    """Deals and work of each owner in the period; a pipeline narrows deals only."""
    deals = seen_deals(user, pipeline, owner)
    work = Activity.objects.visible_to(user).order_by().filter(done_at__isnull=False)
    work = work.filter(period.within("done_at"))
    if owner:
        work = work.filter(owner=owner)
    parts: list[tuple[QuerySet, dict[str, Any]]] = [
        (deals.filter(period.within("created_at")), {"new": Count("pk")}),
        (closed(deals, period), DEALS),
        (work, WORK),
    ]
    found: dict[int | None, ManagerRow] = defaultdict(ManagerRow)
    for rows, counts in parts:
        for values in rows.values("owner").annotate(**counts):
            _fill(found[values["owner"]], values)
    _name(found)
    busy = [row for row in found.values() if _did_something(row)]
    busy.sort(key=lambda row: (-row.won_amount, -row.new, row.name))
    total = _total(busy)
    total.median_cycle_days = _rounded(
        closed(deals, period).aggregate(m=DEALS["median_cycle_days"])["m"]
    )
    return Managers(period, busy, total)


def sales(
    *, user: User, period: Period, pipeline: Pipeline | None = None, owner: User | None = None
) -> Sales:
    """Won revenue and win rate by owner and by month of closing."""
    rows = closed(seen_deals(user, pipeline, owner), period)
    people: dict[int | None, SalesRow] = defaultdict(SalesRow)
    for values in rows.values("owner").annotate(**CLOSED):
        _fill(people[values["owner"]], values)
    _name(people)
    months: dict[date, MonthRow] = defaultdict(MonthRow)
    for values in rows.annotate(month=TruncMonth("closed_at")).values("month").annotate(**CLOSED):
        values["month"] = values["month"].date()
        _fill(months[values["month"]], values)
    return Sales(
        period,
        sorted(people.values(), key=lambda row: (-row.won_amount, row.name)),
        [months[month] for month in sorted(months)],
        _added(people.values(), Result()),
    )


def _fill(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name == "won_amount":
            value = value or ZERO
        setattr(row, name, _rounded(value) if isinstance(value, float) else value)


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def _name(found: dict[int | None, Any]) -> None:
    people = User.objects.in_bulk([key for key in found if key])
    for key, row in found.items():
        row.owner = key
        row.name = (people[key].full_name or people[key].email) if key else ""


def _did_something(row: ManagerRow) -> bool:
    return any((row.new, row.won, row.lost, row.calls, row.meetings, row.tasks_done))


def _total(rows: Iterable[ManagerRow]) -> ManagerRow:
    return _added(rows, ManagerRow())


def _added(rows: Iterable[Any], total: Any) -> Any:
    """Add up every count and sum; medians are not additive and stay empty."""
    names = [
        part.name for part in fields(total) if isinstance(getattr(total, part.name), int | Decimal)
    ]
    for row in rows:
        for name in names:
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return total
