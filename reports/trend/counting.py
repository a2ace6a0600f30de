"""Twelve months of each person of a department, and the median of them.

A month of a person is one row of figures; the median of a figure is over the people of the
department who work or did something in these months, months without a value left out.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import User
from accounts.querysets import people_reached
from activities.models import Activity, Kind
from reports.asking import Asked
from reports.funnel.steps import LOST, WON, ZERO, percent, rounded
from reports.managers import closed
from reports.models import Plan, PlanPeriod
from reports.numbers import DaysOf, Median
from reports.periods import Period, months_later

MONTHS, LEAST = 12, 2
KOPECK = Decimal("0.01")
FIGURES = (
    "new",
    "won",
    "lost",
    "win_rate",
    "won_amount",
    "average_won",
    "cycle_days",
    "calls",
    "meetings",
    "tasks_late",
)
CLOSED = {
    "won": Count("pk", filter=Q(status=WON)),
    "lost": Count("pk", filter=Q(status=LOST)),
    "won_amount": Sum("amount_base", filter=Q(status=WON)),
    "cycle_days": Median(DaysOf(F("closed_at") - F("created_at")), filter=Q(status=WON)),
}
WORK = {
    "calls": Count("pk", filter=Q(kind=Kind.CALL)),
    "meetings": Count("pk", filter=Q(kind=Kind.MEETING)),
    "tasks_late": Count("pk", filter=Q(kind=Kind.TASK, done_at__gt=F("due_at"))),
}
Key = tuple[int | None, date]


@dataclass(slots=True)
class Month:
    """What one person did in a calendar month of the active zone."""

    new: int = 0
    won: int = 0
    lost: int = 0
    won_amount: Decimal = ZERO
    cycle_days: float | None = None
    calls: int = 0
    meetings: int = 0
    tasks_late: int = 0

    @property
    def win_rate(self) -> Decimal | None:
        """won / (won + lost), per cent."""
        return percent(self.won, self.won + self.lost)

    @property
    def average_won(self) -> Decimal | None:
        """won_amount / won to the kopeck."""
        if not self.won:
            return None
        return (self.won_amount / self.won).quantize(KOPECK, ROUND_HALF_UP)


@dataclass(slots=True)
class Trend:
    """The months, oldest first; `medians` is empty when fewer than two people can be compared."""

    person: User
    months: dict[date, Month]
    peers: int = 0
    medians: dict[date, dict[str, Any]] = field(default_factory=dict)
    plans: dict[date, Decimal] = field(default_factory=dict)


def trend(asked: Asked, person: User) -> Trend:
    """The months of the person beside his department, in one grouped query for each figure."""
    firsts = months_of(asked)
    peers = peers_of(asked, person)
    found = _months(asked, [person.pk, *peers], firsts)
    own = {month: found.get((person.pk, month), Month()) for month in firsts}
    busy = {owner for owner, _month in found} & set(peers)
    compared = sorted(busy | set(_active(peers)))
    made = Trend(person, own, len(compared), plans=_plans(person, firsts))
    if len(compared) >= LEAST:
        made.medians = {
            month: _medians([found.get((key, month), Month()) for key in compared])
            for month in firsts
        }
    return made


def months_of(asked: Asked) -> list[date]:
    """First days of the twelve months up to the one that holds the last day asked, or today."""
    last = (asked.period.last or timezone.localdate(asked.now)).replace(day=1)
    return [months_later(last, at + 1 - MONTHS) for at in range(MONTHS)]


def peers_of(asked: Asked, person: User) -> list[int]:
    """People of the person's department whose deals the viewer may see, himself among them."""
    if person.department_id is None:
        return []
    rows = people_reached(asked.user, "deal", "view").filter(department=person.department_id)
    return list(rows.order_by().values_list("pk", flat=True))


def _active(keys: list[int]) -> list[int]:
    return list(User.objects.filter(pk__in=keys, is_active=True).values_list("pk", flat=True))


def _months(asked: Asked, people: list[int], firsts: list[date]) -> dict[Key, Month]:
    """Figures by owner and month."""
    found: dict[Key, Month] = defaultdict(Month)
    days = Period(firsts[0], last_day(firsts[-1]))
    deals = asked.of(owner=None, department=None).deals().filter(owner__in=people)
    new = deals.filter(days.within("created_at")).annotate(month=TruncMonth("created_at"))
    _put(found, new.values("owner", "month").annotate(new=Count("pk")))
    over = closed(deals, days).annotate(month=TruncMonth("closed_at"))
    _put(found, over.values("owner", "month").annotate(**CLOSED))
    rows = Activity.objects.visible_to(asked.user).order_by().filter(owner__in=people)
    work = rows.filter(days.within("done_at"), kind__in=(Kind.CALL, Kind.MEETING, Kind.TASK))
    work = work.annotate(month=TruncMonth("done_at"))
    _put(found, work.values("owner", "month").annotate(**WORK))
    return dict(found)


def last_day(first: date) -> date:
    """The last day of the month."""
    return date.fromordinal(months_later(first, 1).toordinal() - 1)


def _put(found: dict[Key, Month], groups: Any) -> None:
    for group in groups:
        row = found[group.pop("owner"), group.pop("month").date()]
        for name, value in group.items():
            told = rounded(value) if isinstance(value, float) else value
            setattr(row, name, ZERO if told is None and name == "won_amount" else told)


def _medians(months: list[Month]) -> dict[str, Any]:
    """The median of every figure over people; of those who have it."""
    found: dict[str, Any] = {}
    for name in FIGURES:
        values = [value for month in months if (value := getattr(month, name)) is not None]
        found[name] = _tidy(median(values)) if values else None
    return found


def _tidy(value: Any) -> Any:
    """Half a deal stays half a deal, money is to the kopeck."""
    if isinstance(value, Decimal):
        return value.quantize(KOPECK, ROUND_HALF_UP)
    return rounded(float(value)) if isinstance(value, float) else value


def _plans(person: User, firsts: list[date]) -> dict[date, Decimal]:
    rows = Plan.objects.filter(period=PlanPeriod.MONTH, owner=person, first__in=firsts)
    return dict(rows.values_list("first", "amount"))
