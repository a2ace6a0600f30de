"""Sums, counts and averages of every page, computed a second time over what the person may see.

What may be seen is taken from the hand-written expectation, not from the product's own filter.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from deals.models import Deal, StageMove
from leads.models import Lead
from reports.services import refresh_customer_values
from tests import factories as make
from tests.matrix.asking import Asker
from tests.matrix.beyond import get
from tests.matrix.expect import KEY, OWNERSHIPS, sees
from tests.matrix.world import World, marker

ASKERS = ("manager", "head", "other_head", "analyst", "admin")
REPORTERS = ("head", "other_head", "analyst", "admin")
CLIENTS = ("own", "colleague", "below", "foreign", "nobody", KEY)


def close_some(world: World, now: datetime) -> None:
    """For each ownership deals won and lost on different days, in different sums."""
    reason = make.loss_reason()
    for number, ownership in enumerate((*OWNERSHIPS, KEY)):
        model = world.records["deal", ownership]
        for step, status in enumerate(("won", "won", "lost")):
            amount = Decimal(10 ** (number + 1) * (step + 2))
            closed = now - timedelta(days=number * 3 + step)
            deal = make.deal(
                model.owner,
                title=marker("deal", ownership, 50 + step),
                company=model.company,
                amount=amount,
                amount_base=amount,
                status=status,
                closed_at=closed,
                created_at=closed - timedelta(days=10),
                deleted_at=model.deleted_at,
                loss_reason=reason if status == "lost" else None,
            )
            StageMove.objects.create(
                deal=deal, kind=status, to_stage=deal.stage, at=closed, by=model.owner
            )
            world.records["deal", f"{ownership} {status} {step}"] = deal


def seen_deals(world: World, who: str) -> list[Deal]:
    """Deals of the world in the person's reach, by the hand-written table."""
    chosen = [
        row.pk
        for (kind, ownership), row in world.records.items()
        if kind == "deal" and sees(who, "deal", ownership.split()[0])
    ]
    return list(Deal.objects.filter(pk__in=chosen, deleted_at=None).select_related("stage"))


def summed(deals: list[Deal]) -> tuple[int, Decimal]:
    return len(deals), sum((deal.amount_base for deal in deals), Decimal(0))


class Wrong(list):
    """Sentences about numbers that are not equal."""

    def check(self, who: str, what: str, shown: Any, counted: Any) -> None:
        if shown != counted:
            self.append(f"{who}: {what}: shown {shown}, counted {counted}")


def list_errors(asker: Asker, people: tuple[str, ...] = ASKERS) -> Wrong:
    """Totals of the lists, columns of the board."""
    wrong = Wrong()
    for who in people:
        deals = seen_deals(asker.world, who)
        total = get(asker, who, reverse("deals:list")).context["totals"]
        wrong.check(who, "list of deals", (total.count, total.amount), summed(deals))
        board = get(asker, who, reverse("deals:board")).context
        columns = defaultdict(list)
        for deal in deals:
            if deal.status == "open":
                columns[deal.stage_id].append(deal)
        for column in board["columns"]:
            shown = (column.total.count, column.total.amount)
            wrong.check(who, f"column {column.stage}", shown, summed(columns[column.stage.pk]))
        whole = (board["total"].count, board["total"].amount)
        wrong.check(who, "board", whole, summed([d for d in deals if d.status == "open"]))
        tabs = {str(tab.label): tab.count for tab in board["narrowing"].tabs}
        mine = [d for d in deals if d.status == "open" and d.owner == asker.world.people[who]]
        wrong.check(who, "tab of one's own", tabs["Mine"], str(len(mine)))
        for kind, name in (
            ("lead", "leads:list"),
            ("contact", "contacts:contact_list"),
            ("company", "contacts:company_list"),
        ):
            count = get(asker, who, reverse(name)).context["totals"]["count"]
            own = {
                row.pk
                for (found, ownership), row in asker.world.records.items()
                if found == kind and sees(who, kind, "own" if ownership == "shared" else ownership)
            }
            wrong.check(who, f"list of {kind}s", count, len(own))
    return wrong


def day_errors(asker: Asker, people: tuple[str, ...] = ("manager", "colleague")) -> Wrong:
    """My day: leads and deals of the person."""
    wrong = Wrong()
    for who in people:
        page = get(asker, who, reverse("home")).context
        person = asker.world.people[who]
        mine = [d for d in seen_deals(asker.world, who) if d.owner == person and d.status == "open"]
        planned = {d.pk for d in mine if d.activities.filter(done_at=None, deleted_at=None)}
        wrong.check(who, "no step", page["no_step"]["count"], len(mine) - len(planned))
        closed = [] if sees(who, "lead", KEY) else [asker.world.records["lead", KEY].pk]
        leads = Lead.objects.filter(owner=person, status="new", deleted_at=None)
        leads = leads.exclude(pk__in=closed).count()
        wrong.check(who, "new leads", page["new_leads"]["count"], leads)
        for group in page["groups"]:
            wrong.check(who, group["name"], group["count"] - group["more"], len(group["rows"]))
    return wrong


def report_errors(asker: Asker, people: tuple[str, ...] = REPORTERS) -> Wrong:
    """Funnel, managers and sales, RFM, customer value."""
    wrong = Wrong()
    day = timezone.localdate()
    period = {"from": (day - timedelta(days=3650)).isoformat(), "to": day.isoformat()}
    refresh_customer_values(as_of=day, now=timezone.now())
    for who in people:
        deals = seen_deals(asker.world, who)
        won = [deal for deal in deals if deal.status == "won"]
        lost = [deal for deal in deals if deal.status == "lost"]
        found = get(asker, who, reverse("reports:funnel"), **period).context["funnel"]
        for name, tally, rows in (
            ("entered", found.entered, deals),
            ("won", found.won, won),
            ("lost", found.lost, lost),
        ):
            wrong.check(who, f"funnel {name}", (tally.count, tally.amount), summed(rows))
        page = get(asker, who, reverse("reports:managers"), **period).context["report"].values
        total = page["total"]
        wrong.check(who, "new deals", total["new"], len(deals))
        wrong.check(who, "won", (total["won"], _sum(total["won_amount"])), summed(won))
        wrong.check(who, "lost", total["lost"], len(lost))
        months = sum((_sum(month["won_amount"]) for month in page["months"]), Decimal(0))
        wrong.check(who, "won by month", months, summed(won)[1])
        average = summed(won)[1] / len(won) if won else None
        wrong.check(who, "average", _cents(total["average_won"]), _cents(average))
        page = get(asker, who, reverse("reports:losses"), **period).context["report"].values
        told = (page["lost"], _sum(page["lost_amount"]))
        wrong.check(who, "losses", (*told, page["won"]), (*summed(lost), len(won)))
        page = get(asker, who, reverse("reports:sources"), **period).context["report"].values
        leads = [
            row
            for (kind, ownership), row in asker.world.records.items()
            if kind == "lead" and sees(who, "lead", ownership)
        ]
        wrong.check(who, "leads by source", page["leads"], len(leads))
        page = get(asker, who, reverse("reports:velocity"), **period).context["report"].values
        told = (page["won"], page["lost"], page["open"])
        rest = len(deals) - len(won) - len(lost)
        wrong.check(who, "velocity", told, (len(won), len(lost), rest))
        page = get(asker, who, reverse("reports:push")).context["report"].values
        wrong.check(who, "push", sum(row["open"] for row in page["rows"]), rest)
        wrong += customer_errors(asker, who, won)
    return wrong


def customer_errors(asker: Asker, who: str, won: list[Deal]) -> Wrong:
    """RFM over the purchases seen; value of the customers all of whose purchases are seen."""
    wrong = Wrong()
    buyers = {deal.company_id for deal in won if deal.company_id}
    whole = get(asker, who, reverse("reports:rfm")).context["whole"]
    wrong.check(who, "RFM", (whole.customers, whole.total), (len(buyers), summed(won)[1]))
    for name, key in (("retention", ""), ("purchases", "net"), ("abc", "amount")):
        page = get(asker, who, reverse(f"reports:{name}"), period="all").context["report"].values
        told = (page["customers"], _sum(page[key]) if key else summed(won)[1])
        wrong.check(who, name, told, (len(buyers), summed(won)[1]))
    page = get(asker, who, reverse("reports:rfm_customers")).context
    wrong.check(who, "RFM customers", page["count"], len(buyers))
    totals = get(asker, who, reverse("reports:clv")).context["totals"]
    cards = [d for d in won if sees(who, "company", _ownership(asker.world, d.company_id))]
    shown = (totals["customers"], totals["revenue"] or Decimal(0))
    wrong.check(who, "value", shown, (len({d.company_id for d in cards}), summed(cards)[1]))
    return wrong


def _ownership(world: World, pk: int | None) -> str:
    """Whose company it is."""
    named = {world.records["company", ownership].pk: ownership for ownership in CLIENTS}
    return named.get(pk or 0, "deleted")


def _sum(value: Any) -> Decimal:
    """A sum as the report writes it."""
    return Decimal(str(value or 0))


def _cents(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(Decimal(value), 2)
