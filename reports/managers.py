"""What each owner did in a period, and revenue by owner and by month.

Only rows the viewer may see are counted, in numerators and denominators alike. Deals count by
the day they were created (new) or closed (won, lost); activities by the day they were done.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth

from accounts.models import User
from activities.models import Activity, CallResult, Kind
from activities.querysets import CONNECTED
from deals.models import Deal
from leads.models import Lead
from reports.asking import Asked
from reports.funnel.steps import LOST, WON, ZERO, percent, rounded
from reports.periods import Period

KOPECK = Decimal("0.01")
ANSWERS = (Kind.CALL, Kind.MEETING, Kind.EMAIL)
DEALS = """
SELECT grouping(owner) = 1 AS is_total, owner,
    count(*) FILTER (WHERE created >= %(start)s AND created < %(end)s) AS new,
    count(*) FILTER (WHERE created < %(end)s AND (closed IS NULL OR closed >= %(start)s)) AS worked,
    count(*) FILTER (WHERE is_closed AND status = 'won') AS won,
    sum(amount) FILTER (WHERE is_closed AND status = 'won') AS won_amount,
    count(*) FILTER (WHERE is_closed AND status = 'lost') AS lost,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)
        FILTER (WHERE is_closed AND status = 'won') AS median_won,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed - created)::float8)
        FILTER (WHERE is_closed AND status = 'won') / 86400 AS median_cycle_days
FROM (SELECT *, closed >= %(start)s AND closed < %(end)s AS is_closed
    FROM ({rows}) AS row (owner, created, closed, status, amount)) AS deal
GROUP BY GROUPING SETS ((owner), ())
"""
FIRST_ANSWER = """
SELECT grouping(owner) = 1 AS is_total, owner,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) / 60 AS first_answer_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) / 60 AS first_answer_p90,
    count(*) FILTER (WHERE is_waiting) AS waiting
FROM (SELECT owner, answered IS NULL AND closed IS NULL AS is_waiting,
        greatest(0, extract(epoch FROM coalesce(answered, closed, %(now)s) - created))::float8
            AS seconds
    FROM ({rows}) AS row (owner, created, closed, answered)) AS lead
GROUP BY GROUPING SETS ((owner), ())
"""
CLOSED = {
    "won": Count("pk", filter=Q(status=WON)),
    "won_amount": Sum("amount_base", filter=Q(status=WON)),
    "lost": Count("pk", filter=Q(status=LOST)),
}
WORK = {
    "calls": Count("pk", filter=Q(kind=Kind.CALL)),
    "connected": Count("pk", filter=CONNECTED),
    "talked_seconds": Coalesce(Sum("duration", filter=CONNECTED), 0),
    "no_answer": Count("pk", filter=Q(kind=Kind.CALL, result=CallResult.NO_ANSWER)),
    "call_back": Count("pk", filter=Q(kind=Kind.CALL, result=CallResult.CALL_BACK)),
    "meetings": Count("pk", filter=Q(kind=Kind.MEETING)),
    "emails": Count("pk", filter=Q(kind=Kind.EMAIL)),
    "tasks_done": Count("pk", filter=Q(kind=Kind.TASK)),
    "tasks_late": Count("pk", filter=Q(kind=Kind.TASK, done_at__gt=F("due_at"))),
}
EARLIEST, LATEST = datetime.min.replace(year=1900), datetime.max.replace(year=2300)


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
    worked: int = 0
    median_won: Decimal | None = None
    median_cycle_days: float | None = None
    calls: int = 0
    connected: int = 0
    talked_seconds: int = 0
    no_answer: int = 0
    call_back: int = 0
    meetings: int = 0
    emails: int = 0
    tasks_done: int = 0
    tasks_late: int = 0
    first_answer_minutes: int | None = None
    first_answer_p90: int | None = None
    waiting: int = 0
    previous_won_amount: Decimal | None = None


@dataclass(slots=True)
class Managers:
    """The table of owners, those with the most won first, and its total."""

    period: Period
    rows: list[ManagerRow]
    total: ManagerRow


@dataclass(slots=True)
class SalesRow(Result):
    """Closed deals of one manager, department, source, pipeline or month; empty: of none."""

    name: str = ""


@dataclass(slots=True)
class MonthRow(Result):
    """Closed deals of one calendar month of the active zone."""

    month: date = date.min


@dataclass(slots=True)
class Sales:
    """Won revenue by one dimension and by month."""

    period: Period
    by: str = "manager"
    rows: list[SalesRow] = field(default_factory=list)
    by_month: list[MonthRow] = field(default_factory=list)
    total: Result = field(default_factory=Result)


def closed(deals: QuerySet, period: Period) -> QuerySet:
    """Deals won or lost in the period."""
    return deals.filter(period.within("closed_at"), closed_at__isnull=False)


def worked_deals(asked: Asked) -> QuerySet[Deal]:
    """Deals that were open on some moment of the period: the number `worked`."""
    rows = asked.deals()
    if asked.period.end:
        rows = rows.filter(created_at__lt=asked.period.end)
    if asked.period.start:
        rows = rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=asked.period.start))
    return rows


def managers(asked: Asked) -> Managers:
    """Deals and work of each owner in the period; pipeline and source narrow deals only."""
    found: dict[int | None, ManagerRow] = defaultdict(ManagerRow)
    total = ManagerRow()
    for values in _deal_rows(asked):
        _fill(total if values.pop("is_total") else found[values["owner"]], values)
    _add_work(found, asked)
    _add_answers(found, total, asked)
    _name(found)
    if asked.before:
        _compare(found, total, asked.of(period=asked.before))
    busy = [row for row in found.values() if _did_something(row)]
    busy.sort(key=lambda row: (-row.won_amount, -row.new, row.name))
    for name in WORK:
        setattr(total, name, sum(getattr(row, name) for row in busy))
    return Managers(asked.period, busy, total)


DIMENSIONS = {
    "manager": "owner",
    "department": "owner__department__name",
    "source": "source",
    "pipeline": "pipeline__name",
}


def sales(asked: Asked, by: str = "manager") -> Sales:
    """Won revenue and win rate by manager, department, source, pipeline or month of closing."""
    months = by_month(asked)
    if by == "month":
        rows = [SalesRow(row.won, row.won_amount, row.lost, f"{row.month:%Y-%m}") for row in months]
        return Sales(asked.period, by, rows, months, _added(rows, Result()))
    key = DIMENSIONS[by]
    groups = closed(asked.deals(), asked.period).values(key).annotate(**CLOSED)
    names = _people({row[key] for row in groups}) if by == "manager" else {}
    rows = []
    for values in groups:
        name = values.pop(key)
        row = SalesRow(name=names.get(name, "") if by == "manager" else name or "")
        _fill(row, values)
        rows.append(row)
    rows.sort(key=lambda row: (-row.won_amount, row.name))
    return Sales(asked.period, by, rows, months, _added(rows, Result()))


def by_month(asked: Asked) -> list[MonthRow]:
    """Closed deals by calendar month, the earliest first."""
    rows = closed(asked.deals(), asked.period)
    months: dict[date, MonthRow] = defaultdict(MonthRow)
    for values in rows.annotate(month=TruncMonth("closed_at")).values("month").annotate(**CLOSED):
        values["month"] = values["month"].date()
        _fill(months[values["month"]], values)
    return [months[month] for month in sorted(months)]


def _add_work(found: dict[int | None, ManagerRow], asked: Asked) -> None:
    work = Activity.objects.visible_to(asked.user).order_by().filter(done_at__isnull=False)
    work = work.filter(asked.period.within("done_at"))
    for values in asked.narrowed(work).values("owner").annotate(**WORK):
        _fill(found[values["owner"]], values)


def _add_answers(found: dict[int | None, ManagerRow], total: ManagerRow, asked: Asked) -> None:
    for values in _answers(asked):
        row = total if values["is_total"] else found[values["owner"]]
        row.waiting = values["waiting"]
        for name in ("first_answer_minutes", "first_answer_p90"):
            setattr(row, name, None if values[name] is None else round(values[name]))


def _deal_rows(asked: Asked) -> list[dict[str, Any]]:
    """Figures of deals by owner and of all together, in one pass."""
    columns = ("owner_id", "created_at", "closed_at", "status", "amount_base")
    return _grouped(DEALS, asked.deals().values_list(*columns), asked)


def _answers(asked: Asked) -> list[dict[str, Any]]:
    """Minutes from the coming of a lead to the first call, meeting or e-mail with it.

    A lead without one counts with its age, or up to its closing: left out, the slowest would
    make the median look quick.
    """
    columns = ("owner_id", "created_at", "closed_at", "answered")
    return _grouped(FIRST_ANSWER, leads_answered(asked).values_list(*columns), asked)


def leads_answered(asked: Asked) -> QuerySet[Lead]:
    """Leads that came in the period, with the moment of the first answer."""
    first = (
        Activity.objects.alive()
        .filter(lead=OuterRef("pk"), kind__in=ANSWERS, done_at__gte=OuterRef("created_at"))
        .order_by()
        .values("lead")
        .annotate(at=Min("done_at"))
        .values("at")
    )
    rows = Lead.objects.visible_to(asked.user).order_by().filter(asked.period.within("created_at"))
    return asked.narrowed(rows).annotate(answered=Subquery(first))


def waiting_leads(asked: Asked) -> QuerySet[Lead]:
    """Open leads of the period nobody has answered: the number `waiting`."""
    rows: Any = leads_answered(asked)
    return rows.filter(answered__isnull=True, closed_at__isnull=True)


def _grouped(sql: str, rows: QuerySet, asked: Asked) -> list[dict[str, Any]]:
    try:
        text, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    names = {f"p{at}": value for at, value in enumerate(params)}
    inner = text.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
    edges = {
        "start": asked.period.start or EARLIEST.replace(tzinfo=asked.now.tzinfo),
        "end": asked.period.end or LATEST.replace(tzinfo=asked.now.tzinfo),
        "now": asked.now,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{rows}", inner), {**names, **edges})
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _compare(found: dict[int | None, ManagerRow], total: ManagerRow, before: Asked) -> None:
    """Won sums of the period of comparison beside the present ones."""
    past = closed(before.deals(), before.period).filter(status=WON)
    sums = dict(past.values_list("owner").annotate(Sum("amount_base")))
    for key, row in found.items():
        row.previous_won_amount = sums.get(key) or ZERO
    total.previous_won_amount = sum(sums.values(), ZERO)


def _fill(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, _tidy(name, value))


def _tidy(name: str, value: Any) -> Any:
    if name == "won_amount":
        return value or ZERO
    if name == "median_won" and value is not None:
        return Decimal(str(value)).quantize(KOPECK, ROUND_HALF_UP)
    return rounded(value) if isinstance(value, float) else value


def _people(keys: Iterable[int | None]) -> dict[int | None, str]:
    people = User.objects.in_bulk([key for key in keys if key])
    return {key: person.full_name or person.email for key, person in people.items()}


def _name(found: dict[int | None, ManagerRow]) -> None:
    names = _people(found)
    for key, row in found.items():
        row.owner, row.name = key, names.get(key, "")


def _did_something(row: ManagerRow) -> bool:
    told = (row.worked, row.new, row.won, row.lost, row.waiting)
    return any((*told, *(getattr(row, name) for name in WORK)))


def _added(rows: Iterable[Any], total: Any) -> Any:
    """Add up every count and sum; medians are not additive and stay empty."""
    names = [
        part.name for part in fields(total) if isinstance(getattr(total, part.name), int | Decimal)
    ]
    for row in rows:
        for name in names:
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return total
