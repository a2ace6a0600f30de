"""What the demo company pays for its sources: two years by month, up to the present one."""

import random
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import User
from crm.demo.world import World
from reports.models import MarketingCost
from reports.periods import months_later

MONTHS = 25
MONTHLY = {"Сайт": 38_000, "Реклама": 145_000, "Prozorro": 12_000, "Звонок": 9_000}
FAIR, FAIR_MONTHS, FAIR_COST = "Выставка «Климат»", (3, 10), 420_000


def make_costs(world: World, seed: int) -> None:
    """Costs that change a little; a chance of their own, so that the rest of the story stays."""
    chance = random.Random(f"costs {seed}")  # noqa: S311 - chance of a story, no secret
    sources = {source.name: source for source in world.sources}
    first = world.now.date().replace(day=1)
    rows = []
    for back in range(MONTHS):
        month = months_later(first, -back)
        sums = dict(MONTHLY)
        if month.month in FAIR_MONTHS:
            sums[FAIR] = FAIR_COST
        for name, usual in sums.items():
            amount = Decimal(round(usual * chance.uniform(0.85, 1.15), -2))
            rows.append(
                MarketingCost(
                    source=sources[name],
                    month=month,
                    amount=amount,
                    changed_by=world.people["director"],
                    changed_at=world.now,
                )
            )
    MarketingCost.objects.bulk_create(rows, ignore_conflicts=True)


def clear_costs(people: QuerySet[User]) -> None:
    """Remove what the demo people entered."""
    MarketingCost.objects.filter(changed_by__in=people).delete()
