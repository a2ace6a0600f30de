"""Plans and facts: how much is won of what was to be won, where it leads, what history suggests.

Working days are Monday to Friday. The run rate goes on as until now: fact / working days gone x
working days of the period, today counted as gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Department, User
from deals.models import Deal
from reports.asking import Asked
from reports.funnel.steps import ZERO, percent
from reports.managers import closed
from reports.models import Plan, PlanPeriod
from reports.periods import Period, months_later

WEEKDAYS = 5
RECENT, YEAR = 3, 12


@dataclass(slots=True)
class Suggestion:
    """A sum from history with the numbers it is made of; kind is none, mean or season."""

    kind: str = "none"
    amount: Decimal = ZERO
    months: list[Decimal] = field(default_factory=list)
    same: Decimal = ZERO
    growth: Decimal = Decimal(1)


@dataclass(slots=True)
class PlanRow:
    """One holder of a plan: nobody and no department is the company."""

    owner: User | None = None
    department: Department | None = None
    plan: Plan | None = None
    fact: Decimal = ZERO
    count: int = 0
    forecast: Decimal | None = None
    per_day: Decimal | None = None
    suggestion: Suggestion = field(default_factory=Suggestion)

    @property
    def done(self) -> Decimal | None:
        """Fact of the plan, per cent."""
        return percent(self.fact, self.plan.amount) if self.plan else None


def plan_start(period: str, day: date) -> date:
    """The first day of the month or quarter that holds the day."""
    if period == PlanPeriod.QUARTER:
        return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
    return day.replace(day=1)


def plan_days(period: str, day: date) -> Period:
    """The month or quarter that holds the day."""
    first = plan_start(period, day)
    length = 3 if period == PlanPeriod.QUARTER else 1
    return Period(first, months_later(first, length) - timedelta(days=1))


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays, both ends included; 0 for a reversed span."""
    span = (last - first).days + 1
    whole, rest = divmod(max(span, 0), 7)
    ends = sum((first.weekday() + at) % 7 < WEEKDAYS for at in range(rest))
    return whole * WEEKDAYS + ends


@transaction.atomic
def set_plan(
    *,
    period: str,
    day: date,
    owner: User | None,
    department: Department | None,
    amount: Decimal,
    count: int,
    by: User,
    now: datetime,
) -> Plan:
    """Write the plan of the period that holds the day; the later one wins."""
    first = plan_start(period, day)
    plan, _made = Plan.objects.update_or_create(
        period=period,
        first=first,
        owner=owner,
        department=department,
        defaults={"amount": amount, "count": count, "changed_by": by, "changed_at": now},
    )
    return plan


def plan_rows(
    asked: Asked, period: str, people: list[User], departments: list[Department], *, company: bool
) -> list[PlanRow]:
    """Plan and fact of the company, the departments and the people, over what one may see."""
    days = asked.period
    won = closed(asked.deals(), days).filter(status="won")
    facts = {
        row["owner"]: row
        for row in won.values("owner").annotate(n=Count("pk"), total=Sum("amount_base"))
    }
    history = _history(asked, days)
    place = dict(
        User.objects.filter(pk__in={*facts, *history} - {None}).values_list(
            "pk", "department__path"
        )
    )
    rows = [PlanRow()] if company else []
    rows += [PlanRow(department=department) for department in departments]
    rows += [PlanRow(owner=person) for person in people]
    plans = {
        (plan.owner_id, plan.department_id): plan
        for plan in Plan.objects.filter(period=period, first=days.first or asked.now.date())
    }
    today = asked.now.date()
    for row in rows:
        key = (row.owner.pk if row.owner else None, row.department.pk if row.department else None)
        row.plan = plans.get(key)
        keys = _keys(row, place)
        for owner, fact in facts.items():
            if keys is None or owner in keys:
                row.fact += fact["total"] or ZERO
                row.count += fact["n"]
        _look_ahead(row, days, today)
        row.suggestion = suggest(_sums(history, keys), days)
    return rows


def _keys(row: PlanRow, place: Mapping[int, str | None]) -> set[int] | None:
    """Owners whose deals count for the row; None for all of them."""
    if row.owner:
        return {row.owner.pk}
    if row.department is None:
        return None
    path = row.department.path
    return {key for key, at in place.items() if (at or "").startswith(path)}


def _look_ahead(row: PlanRow, days: Period, today: date) -> None:
    """Where the present pace leads, and what every working day left must bring."""
    if not days.first or not days.last or today < days.first:
        return
    gone = working_days(days.first, min(today, days.last))
    whole = working_days(days.first, days.last)
    if gone:
        row.forecast = _round(row.fact * whole / gone)
    if row.plan and today < days.last:
        left = working_days(today + timedelta(days=1), days.last)
        missing = max(row.plan.amount - row.fact, ZERO)
        row.per_day = _round(missing / left) if left else None


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _history(asked: Asked, days: Period) -> dict[int | None, dict[date, Decimal]]:
    """Won sums by owner and month, of the 36 months before the period."""
    if not days.first:
        return {}
    span = Period(months_later(days.first, -36), days.first - timedelta(days=1))
    rows = closed(asked.deals(), span).filter(status="won")
    found: dict[int | None, dict[date, Decimal]] = {}
    sums = rows.annotate(month=TruncMonth("closed_at")).values("owner", "month")
    for row in sums.annotate(total=Sum("amount_base")):
        found.setdefault(row["owner"], {})[row["month"].date()] = row["total"] or ZERO
    return found


def _sums(
    history: dict[int | None, dict[date, Decimal]], keys: set[int] | None
) -> dict[date, Decimal]:
    found: dict[date, Decimal] = {}
    for owner, months in history.items():
        if keys is None or owner in keys:
            for month, total in months.items():
                found[month] = found.get(month, ZERO) + total
    return found


def suggest(history: dict[date, Decimal], days: Period) -> Suggestion:
    """Under a year of history: the mean of the last three months; from a year on: the same
    months a year ago times the growth of the last twelve months against the twelve before.
    """
    if not history or not days.first or not days.last:
        return Suggestion()
    length = (days.last.year - days.first.year) * 12 + days.last.month - days.first.month + 1
    back = [history.get(months_later(days.first, -at), ZERO) for at in range(1, 37)]
    first = min(history)
    age = (days.first.year - first.year) * 12 + days.first.month - first.month
    if age < YEAR:
        known = back[: min(RECENT, age)]
        mean = sum(known, ZERO) / len(known) if known else ZERO
        return Suggestion("mean", _round(mean * length), known)
    same = sum(back[YEAR - length : YEAR], ZERO)
    before = sum(back[YEAR : 2 * YEAR], ZERO)
    growth = Decimal(1)
    if age >= 2 * YEAR and before:
        growth = (sum(back[:YEAR], ZERO) / before).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Suggestion("season", _round(same * growth), same=same, growth=growth)


def bars(viewer: User, person: User, now: datetime) -> list[PlanRow]:
    """This month's plans of a person, and of the departments he heads; only those that are set."""
    today = now.date()
    days = plan_days(PlanPeriod.MONTH, today)
    plans = Plan.objects.filter(
        period=PlanPeriod.MONTH, first=plan_start(PlanPeriod.MONTH, today)
    ).filter(Q(owner=person) | Q(department__head=person, department__is_active=True))
    found = []
    for plan in plans.select_related("department").order_by("-owner", "department__path"):
        asked = Asked(user=viewer, period=days, now=now, owner=plan.owner)
        asked = asked.of(department=plan.department) if plan.department else asked
        won = closed(asked.deals(), days).filter(status="won")
        fact = won.aggregate(n=Count("pk"), total=Sum("amount_base"))
        row = PlanRow(
            owner=plan.owner,
            department=plan.department,
            plan=plan,
            fact=fact["total"] or ZERO,
            count=fact["n"],
        )
        _look_ahead(row, days, today)
        found.append(row)
    return found


def sees_company(user: Any) -> bool:
    """Whether the person sees every deal, so that the plan of the company is his to set."""
    return Deal.objects.all().open_to(user) is not None
