"""From the lead to the won deal in one cohort: leads created in the period."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from deals.models import Deal
from leads.models import Lead, LeadStatus
from reports.asking import Asked
from reports.funnel.reached import standing_at
from reports.funnel.steps import WON, Tally, percent

STEPS = ("created", "worked", "converted", "won")


@dataclass(slots=True)
class LeadStep:
    """A part of the cohort; `amount` is the sum of their deals in the base currency."""

    name: str
    leads: Tally = field(default_factory=Tally)
    share: Decimal | None = None
    conversion: Decimal | None = None
    previous: int | None = None


def lead_cell(asked: Asked, what: str) -> QuerySet[Lead]:
    """Leads of one step; raises LookupError for a step that is not there."""
    rows = asked.narrowed(Lead.objects.visible_to(asked.user).order_by())
    rows = rows.filter(asked.period.within("created_at"), created_at__lt=asked.until or asked.now)
    if asked.source:
        rows = rows.filter(source__name=asked.source)
    if what not in STEPS:
        raise LookupError(what)
    return rows.filter(_condition(asked, what))


def lead_steps(asked: Asked) -> list[LeadStep]:
    """Every step with its share of the cohort and of the step before."""
    counts = _counts(asked)
    past = _counts(asked.of(period=asked.before)) if asked.before else {}
    found: list[LeadStep] = []
    for name in STEPS:
        step = LeadStep(name, counts[name], previous=past[name].count if past else None)
        step.share = percent(step.leads.count, counts["created"].count)
        if found:
            step.conversion = percent(step.leads.count, found[-1].leads.count)
        found.append(step)
    return found


def _counts(asked: Asked) -> dict[str, Tally]:
    seen = Deal.objects.visible_to(asked.user).values("pk")
    sums = {}
    for name in STEPS:
        condition = _condition(asked, name)
        sums[name] = Count("pk", filter=condition)
        sums[f"{name}_sum"] = Sum("deal__amount_base", filter=condition & Q(deal__in=seen))
    row = lead_cell(asked, "created").aggregate(**sums)
    return {name: Tally(row[name], row[f"{name}_sum"] or Decimal(0)) for name in STEPS}


def _condition(asked: Asked, name: str) -> Q:
    """Leads of a step; a later step is within every earlier one."""
    closed = Q(closed_at__lt=asked.until or asked.now)
    converted = Q(status=LeadStatus.CONVERTED) & closed
    if name == "created":
        return Q()
    if name == "worked":
        return ~Q(status=LeadStatus.NEW)
    if name == "converted":
        return converted
    deals = standing_at(Deal.objects.visible_to(asked.user).order_by(), asked.until)
    return converted & Q(deal__in=deals.filter(state=WON).values("pk"))
