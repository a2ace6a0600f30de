"""A small company of random deals for reports to be checked against a plain reading."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, Phase, settings

from deals.models import Deal
from reports.periods import Period
from tests import factories
from tests.factories import NOW

PERIOD = Period(date(2026, 10, 5), date(2026, 11, 18))
SOURCES = ("Site form", "Fair", "")
few_examples = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def random_deals(people, seed: int, count: int = 24) -> None:
    """Deals of two pipelines, five owners and any outcome within four months; the rest is gone."""
    Deal.objects.update(deleted_at=NOW)
    chance = Random(seed)
    owners = [people.manager, people.colleague, people.below, people.outsider, None]
    pipelines = [factories.pipeline(), factories.pipeline("Service", 3)]
    reasons = [factories.loss_reason(name) for name in ("Price", "Silence", "Other")]
    clients = [factories.company(people.manager, name=f"Client {n}") for n in range(4)]
    rivals = [factories.competitor("Rival"), factories.competitor("Other rival"), None]
    for number in range(count):
        pipeline = chance.choice(pipelines)
        stage = chance.choice(list(pipeline.stages.all()))
        closed = NOW - timedelta(days=chance.randint(0, 90), hours=chance.randint(0, 23))
        outcome = chance.choice(("won", "lost", "lost", "open"))
        fields = {} if outcome == "open" else {"closed_at": closed, "status": outcome}
        if outcome == "lost":
            fields["loss_reason"] = chance.choice(reasons)
            fields["competitor"] = rivals[number % 3]
        factories.deal(
            chance.choice(owners),
            pipeline=pipeline,
            stage=stage,
            amount=Decimal(chance.choice((0, 100, 100, 33_333_33))) / 100,
            source=chance.choice(SOURCES),
            company=chance.choice([*clients, None]),
            created_at=closed - timedelta(days=chance.randint(0, 30)),
            **fields,
        )
