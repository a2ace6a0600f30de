"""Leads of one cohort by source or campaign: how many became deals, were won, for how much.

Cohort: leads created in the period that the viewer may see, by their own source, which is that of
the first touch. New customers: won deals of the cohort that are the first purchase of their
customer in the ledger, as far as the viewer sees it. Deals entered without a lead are apart.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from deals.models import Deal, Purchase
from leads.models import Lead, LeadStatus, Source
from reports.asking import Asked
from reports.cells import DIRECT, deals_of
from reports.funnel.leads import lead_cell
from reports.funnel.steps import OPEN, WON, ZERO, percent
from reports.sources.costs import KOPECK, sees_costs, spent

Key = tuple[int | None, str | None]
WHATS = ("created", "converted", WON, "new", OPEN)


@dataclass(slots=True)
class Figures:
    """Leads and what became of them; `cost` is None for whoever may not see costs."""

    leads: int = 0
    converted: int = 0
    won: int = 0
    open: int = 0
    new: int = 0
    revenue: Decimal = ZERO
    cost: Decimal | None = None

    def add(self, other: "Figures") -> None:
        """Take over the figures of a part."""
        for name in ("leads", "converted", "won", "open", "new", "revenue"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def spend(self, amount: Decimal) -> None:
        """Take over a cost."""
        self.cost = (self.cost or ZERO) + amount

    @property
    def converted_share(self) -> Decimal | None:
        """Leads that became a deal, per cent."""
        return percent(self.converted, self.leads)

    @property
    def won_share(self) -> Decimal | None:
        """Leads whose deal is won, per cent."""
        return percent(self.won, self.leads)

    @property
    def cost_per_lead(self) -> Decimal | None:
        """cost / leads."""
        return _each(self.cost, self.leads)

    @property
    def acquisition_cost(self) -> Decimal | None:
        """CAC: cost / new customers."""
        return _each(self.cost, self.new)

    @property
    def return_on_spend(self) -> Decimal | None:
        """ROAS: revenue / cost, per cent."""
        return percent(self.revenue, self.cost)

    def return_on_investment(self, margin: Decimal | None) -> Decimal | None:
        """ROMI: (revenue x margin - cost) / cost, per cent; None without a margin or a cost."""
        if margin is None or not self.cost:
            return None
        return percent(self.revenue * margin / 100 - self.cost, self.cost)


def _each(cost: Decimal | None, count: int) -> Decimal | None:
    if cost is None or not count:
        return None
    return (cost / count).quantize(KOPECK, ROUND_HALF_UP)


@dataclass(slots=True)
class SourceRow(Figures):
    """One source (None: leads without one), or one campaign of it ("": without one)."""

    source: int | None = None
    campaign: str | None = None
    name: str = ""
    previous: Figures | None = None


@dataclass(slots=True)
class SourceMonth(Figures):
    """Leads created in a calendar month of the active zone."""

    month: date = date.min


@dataclass(slots=True)
class DirectRow:
    """Deals of the period entered without a lead, by the source written on the deal."""

    source: str
    created: int
    won: int
    revenue: Decimal


@dataclass(slots=True)
class Sources:
    """Rows, months and the total; `has_costs` when the viewer sees those of everybody."""

    by: str
    has_costs: bool
    rows: list[SourceRow] = field(default_factory=list)
    months: list[SourceMonth] = field(default_factory=list)
    total: Figures = field(default_factory=Figures)
    previous: Figures | None = None
    direct: list[DirectRow] = field(default_factory=list)


class Book:
    """Rows and months while they are being added up."""

    def __init__(self, by: str) -> None:
        self.is_by_campaign = by == "campaign"
        self.rows: dict[Key, SourceRow] = {}
        self.months: dict[date, SourceMonth] = {}
        self.total = Figures()

    def row(self, source: int | None, campaign: str) -> SourceRow:
        """The row of a source, or of its campaign."""
        key = (source, campaign if self.is_by_campaign else None)
        return self.rows.setdefault(key, SourceRow(source=key[0], campaign=key[1]))

    def places(self, source: int | None, campaign: str, month: date) -> list[Figures]:
        """Everything one part is added to."""
        at = self.months.setdefault(month, SourceMonth(month=month))
        return [self.row(source, campaign), at, self.total]


def sources(asked: Asked, by: str = "source") -> Sources:
    """The cohort by source, or by source and campaign."""
    found, book = Sources(by, sees_costs(asked)), Book(by)
    for source, campaign, month, part in _groups(asked):
        for place in book.places(source, campaign, month):
            place.add(part)
    if found.has_costs:
        for source, campaign, month, amount in spent(asked):
            for place in book.places(source, campaign, month):
                place.spend(amount)
    if asked.before:
        before = asked.of(period=asked.before)
        found.previous = _compare(before, book, has_costs=found.has_costs)
    _name(book.rows.values())
    ranked = sorted(book.rows.values(), key=lambda row: (row.name, row.campaign or ""))
    found.rows = sorted(ranked, key=lambda row: (-row.revenue, -row.leads))
    found.months = [book.months[month] for month in sorted(book.months)]
    found.total, found.direct = book.total, _direct(asked)
    return found


def _groups(asked: Asked) -> Iterable[tuple[int | None, str, date, Figures]]:
    """One query: source, campaign, month of creation."""
    rows = lead_cell(asked, "created").annotate(month=TruncMonth("created_at"))
    won = condition(asked, WON)
    groups = rows.values("source", "campaign", "month").annotate(
        leads=Count("pk"),
        converted=Count("pk", filter=condition(asked, "converted")),
        won=Count("pk", filter=won),
        open=Count("pk", filter=condition(asked, OPEN)),
        new=Count("pk", filter=condition(asked, "new")),
        revenue=Sum("deal__amount_base", filter=won),
    )
    for row in groups:
        names = ("leads", "converted", "won", "open", "new")
        part = Figures(*(row[name] for name in names), revenue=row["revenue"] or ZERO)
        yield row["source"], row["campaign"], row["month"].date(), part


def condition(asked: Asked, what: str) -> Q:
    """Leads of the cohort behind one number. Raises LookupError for one that is not there."""
    seen = Deal.objects.visible_to(asked.user).order_by()
    converted = Q(status=LeadStatus.CONVERTED)
    conditions: dict[str, Callable[[], Q]] = {
        "created": Q,
        "converted": lambda: converted,
        WON: lambda: converted & Q(deal__in=seen.won().values("pk")),
        "new": lambda: (
            converted
            & Q(deal__in=seen.won().values("pk"))
            & Q(deal__in=first_purchases(asked).values("deal"))
        ),
        OPEN: lambda: (
            Q(status__in=[LeadStatus.NEW, LeadStatus.WORKING])
            | (converted & Q(deal__in=seen.open().values("pk")))
        ),
    }
    if what not in conditions:
        raise LookupError(what)
    return conditions[what]()


def first_purchases(asked: Asked) -> QuerySet[Purchase]:
    """The first row above zero of every customer, in the ledger as the person sees it."""
    rows = Purchase.objects.filter(amount__gt=0)
    seen: Any = rows.of_deals_seen(asked.user) | rows.of_cards_seen(asked.user)
    ordered = seen.order_by("company", "contact", "day", "pk")
    return ordered.distinct("company", "contact")


def source_cell(
    asked: Asked, what: str, source: int | None, campaign: str | None
) -> QuerySet[Lead]:
    """Leads of one number; source 0 asks for those without one, None for all."""
    rows: Any = lead_cell(asked, "created").filter(condition(asked, what))
    if source is not None:
        rows = rows.filter(source=source) if source else rows.filter(source__isnull=True)
    return rows if campaign is None else rows.filter(campaign=campaign)


def _compare(before: Asked, book: Book, *, has_costs: bool) -> Figures:
    """Leads and costs of the period of comparison beside the rows; their total."""
    total = Figures()
    parts: dict[tuple[int | None, str], Figures] = defaultdict(Figures)
    for source, campaign, _month, part in _groups(before):
        parts[source, campaign].add(part)
        total.add(part)
    for source, campaign, _month, amount in spent(before) if has_costs else ():
        parts[source, campaign].spend(amount)
        total.spend(amount)
    for key, part in parts.items():
        row = book.row(*key)
        row.previous = row.previous or Figures()
        row.previous.add(part)
        if part.cost is not None:
            row.previous.spend(part.cost)
    for row in book.rows.values():
        row.previous = row.previous or Figures()
    return total


def _name(rows: Iterable[SourceRow]) -> None:
    listed = list(rows)
    names = Source.objects.in_bulk({row.source for row in listed if row.source})
    for row in listed:
        row.name = names[row.source].name if row.source else ""


def _direct(asked: Asked) -> list[DirectRow]:
    won = Q(status=WON)
    groups = (
        deals_of(asked, DIRECT)
        .values("source")
        .annotate(
            created=Count("pk"),
            won=Count("pk", filter=won),
            revenue=Sum("amount_base", filter=won),
        )
    )
    found = [
        DirectRow(row["source"], row["created"], row["won"], row["revenue"] or ZERO)
        for row in groups
    ]
    return sorted(found, key=lambda row: (-row.revenue, -row.created, row.source))
