"""What the administrator of the demo company has set up: pipeline, money, sources, rules, goods."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Workplace
from accounts.services import forget_workplace
from activities.defaults import create_marks
from catalog.models import Currency, Product, Rate
from catalog.services import base_code
from crm.demo.staff import sellers
from crm.demo.words import PRODUCTS, SOURCES
from crm.demo.world import BASE_RATES, SIDES, World
from deals.defaults import create_defaults
from deals.models import Competitor, LossReason
from leads.models import PoolMember, Rule, Source

COMPANY = "Демо-компания"
SOURCE_MARK = 900
MONTHS = 25
EIGHT_PLACES = Decimal("0.00000001")
COMPETITORS = ("ВентСтрой", "Климат-Профи", "Air Systems")
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
    create_marks("ru")
    _company(world)
    world.stages = list(pipeline.stages.filter(is_active=True).order_by("position", "pk"))
    world.reasons = list(LossReason.objects.filter(is_active=True))
    world.competitors = [
        Competitor.objects.get_or_create(name=name, defaults={"position": SOURCE_MARK + number})[0]
        for number, name in enumerate(COMPETITORS, 1)
    ]
    world.owners = {side: sellers(world.people, side) for side in SIDES}
    world.sources = _sources()
    _rates(world)
    _rules(world)
    world.products = _products(world)


def _company(world: World) -> None:
    """The demo company itself, unless a real one lives here."""
    made = {"name": COMPANY, "country": "RU", "is_demo": True}
    closed = {"set_up_at": world.now, "steps_hidden_at": world.now}
    Workplace.objects.get_or_create(pk=1, defaults=made | closed)
    forget_workplace()


def _sources() -> list[Source]:
    return [
        Source.objects.get_or_create(name=name, defaults={"position": SOURCE_MARK + position})[0]
        for position, name in enumerate(SOURCES, 1)
    ]


def _rates(world: World) -> None:
    """A rate on the first day of each of 25 months for every currency that has none."""
    known = set(Rate.objects.values_list("currency_id", flat=True))
    base = base_code()
    rates = []
    for code in set(Currency.objects.filter(is_base=False).values_list("code", flat=True)) - known:
        for month, rate in enumerate(_story(code, base)):
            day = (world.now - timedelta(days=30 * month)).date()
            rates.append(Rate(currency_id=code, valid_from=day, rate=rate))
    Rate.objects.bulk_create(rates)


def _story(code: str, base: str) -> list[Decimal]:
    """Invented rates of 25 months, the newest first."""
    rate = BASE_RATES.get(code, Decimal(1)) / BASE_RATES.get(base, Decimal(1))
    drifts = (Decimal(round(1 - 0.006 * month, 4)) for month in range(MONTHS))
    return [(rate * drift).quantize(EIGHT_PLACES) for drift in drifts]


def forget_rates() -> None:
    """Take the invented rates away again; a rate that a person set is another number."""
    base = base_code()
    for code in Currency.objects.filter(is_base=False).values_list("code", flat=True):
        Rate.objects.filter(currency=code, rate__in=_story(code, base)).delete()


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
