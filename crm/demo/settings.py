"""What the administrator of the demo company has set up: pipeline, money, sources, rules, goods."""

from datetime import timedelta
from decimal import Decimal

from catalog.models import Currency, Product, Rate
from crm.demo.staff import sellers
from crm.demo.words import PRODUCTS, SOURCES
from crm.demo.world import BASE_RATES, SIDES, World
from deals.defaults import create_defaults
from deals.models import LossReason
from leads.models import PoolMember, Rule, Source

SOURCE_MARK = 900
BEGINNERS = ("novikov", "romanova", "lysenko", "carter")
RULES = (
    ("Крупные заявки — опытным", Decimal(300_000), None, ("kuznetsova", "bondar")),
    (
        "Небольшие заявки",
        Decimal(1),
        Decimal(300_000),
        ("novikov", "romanova", "lysenko", "carter"),
    ),
)


def set_up(world: World) -> None:
    """Make or find everything sales need; people are there already."""
    pipeline = create_defaults("ru")
    world.stages = list(pipeline.stages.filter(is_active=True).order_by("position", "pk"))
    world.reasons = list(LossReason.objects.filter(is_active=True))
    world.owners = {side: sellers(world.people, side) for side in SIDES}
    world.sources = _sources()
    _rates(world)
    _rules(world)
    world.products = _products(world)


def _sources() -> list[Source]:
    return [
        Source.objects.get_or_create(name=name, defaults={"position": SOURCE_MARK + position})[0]
        for position, name in enumerate(SOURCES, 1)
    ]


def _rates(world: World) -> None:
    """A rate on the first day of each of 25 months for every currency that has none."""
    known = set(Rate.objects.values_list("currency_id", flat=True))
    rates = []
    for code in set(Currency.objects.filter(is_base=False).values_list("code", flat=True)) - known:
        for month in range(25):
            day = (world.now - timedelta(days=30 * month)).date()
            drift = Decimal(round(1 - 0.006 * month, 4))
            rate = BASE_RATES.get(code, Decimal(1)) * drift
            rates.append(Rate(currency_id=code, valid_from=day, rate=rate))
    Rate.objects.bulk_create(rates)


def _rules(world: World) -> None:
    """Leads without an amount fit no rule on purpose: a head gives them out."""
    for position, (name, start, end, logins) in enumerate(RULES, 1):
        rule = Rule.objects.create(name=name, position=position, amount_from=start, amount_to=end)
        PoolMember.objects.bulk_create(
            PoolMember(rule=rule, user=world.people[login]) for login in logins
        )


def _products(world: World) -> list[Product]:
    products = []
    for group, unit, name, sizes, price in PRODUCTS:
        for number, size in enumerate(sizes):
            products.append(
                Product(
                    import_key=f"demo:product:{len(products) + 1}",
                    name=name.format(size),
                    group=group,
                    sku=f"K-{len(products) + 101}",
                    unit=unit,
                    price=Decimal(price) * (10 + 4 * number) / 10,
                    currency_id="RUB",
                    created_at=world.past(729),
                    created_by=world.people["admin"],
                )
            )
    return Product.objects.bulk_create(products)
