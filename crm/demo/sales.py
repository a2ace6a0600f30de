"""Two years of deals: stages passed, outcomes, lines; and of the leads they came from."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from contacts.models import Company, Contact, Email, Phone
from crm.demo import words
from crm.demo.clients import REGIONS, email_text, person_names, phone_text
from crm.demo.giving import Giver
from crm.demo.truth import describe, give_competitors, give_sources
from crm.demo.world import BASE_RATES, CURRENCY, DAYS, Client, World
from crm.importing.channels import phone_values
from crm.importing.money import Rates
from deals.models import Deal, DealLine, DealStatus, MoveKind, StageMove
from deals.services import keep_purchases
from leads.models import Lead, LeadStatus

DEALS, LEADS, CONVERTED = 1500, 2500, 900
WAITING, FRESH, WORKING = 9, 30, 75
LOSS_PER_STAGE = (0.16, 0.17, 0.16, 0.3)
MEAN_DAYS = (5, 11, 17, 20)
KOPECK = Decimal("0.01")


def make_deals(world: World) -> None:
    """Deals with their lines and stage history; clients who bought once buy again."""
    weights = [client.weight for client in world.clients]
    starts = sorted((DAYS * world.chance.random() ** 1.15 for _n in range(DEALS)), reverse=True)
    rates = Rates()
    lines: list[list[DealLine]] = []
    histories = []
    for number, start in enumerate(starts, 1):
        client = world.chance.choices(world.clients, weights)[0]
        deal = _deal(world, number, client, world.past(start))
        histories.append(list(_live(world, deal)))
        lines.append(_lines(world, client.side, deal))
        deal.amount_base = rates.to_base(deal.amount, deal.currency_id, deal.created_at.date())
        world.deals.append(deal)
    give_sources(world)
    give_competitors(world)
    Deal.objects.bulk_create(world.deals)
    DealLine.objects.bulk_create(line for group in lines for line in group)
    StageMove.objects.bulk_create(move for history in histories for move in history)
    keep_purchases([deal.pk for deal in world.deals])
    _know_since(world.deals)


def _know_since(deals: list[Deal]) -> None:
    """Clients are known since their first deal at the latest."""
    for model, name in ((Company, "company"), (Contact, "contact")):
        met: dict[int, Any] = {}
        for deal in deals:
            client = met.setdefault(getattr(deal, f"{name}_id"), getattr(deal, name))
            client.created_at = min(client.created_at, deal.created_at)
        model._default_manager.bulk_update(met.values(), ["created_at"], batch_size=500)


def _deal(world: World, number: int, client: Client, created: datetime) -> Deal:
    chance = world.chance
    wish = world.word(words.WISHES, client.side)
    owner = (
        client.company.owner if chance.random() < 0.85 else chance.choice(world.owners[client.side])
    )
    return Deal(
        import_key=f"demo:deal:{number}",
        title=f"{wish}, {client.company.city}",
        pipeline=world.stages[0].pipeline,
        stage=world.stages[0],
        currency_id=CURRENCY[client.side],
        company=client.company,
        contact=chance.choice(client.people),
        owner=owner,
        created_by=owner,
        created_at=created,
        stage_entered_at=created,
        furthest=world.stages[0].position,
        source=chance.choice(world.sources).name,
    )


def _live(world: World, deal: Deal) -> Iterator[StageMove]:
    """Walk the stages until the deal is won, lost, or today comes."""
    yield _move(deal, MoveKind.ENTERED, None, deal.created_at)
    at = deal.created_at
    for index, stage in enumerate(world.stages):
        if index:
            before, deal.stage, deal.stage_entered_at = deal.stage, stage, at
            deal.furthest = stage.position
            yield _move(deal, MoveKind.MOVED, before, at)
        days = world.chance.expovariate(1 / MEAN_DAYS[min(index, 3)]) + 0.2
        at = _next(world, at, days * (12 if world.chance.random() < 0.004 else 1))
        if at is None:
            _expect(world, deal)
            return
        if world.chance.random() < LOSS_PER_STAGE[min(index, 3)]:
            yield _close(world, deal, DealStatus.LOST, at)
            return
    yield _close(world, deal, DealStatus.WON, at)


def _next(world: World, at: datetime, days: float) -> datetime | None:
    """The moment of the next event, later than the last one; None after today."""
    moment = at + timedelta(days=days)
    if moment >= world.now:
        return None
    return max(world.working(moment), at + timedelta(minutes=30))


def _close(world: World, deal: Deal, status: DealStatus, at: datetime) -> StageMove:
    deal.status, deal.closed_at = status, at
    if status == DealStatus.LOST:
        deal.loss_reason = world.chance.choice(world.reasons)
    return _move(deal, MoveKind(status), deal.stage, at)


def _expect(world: World, deal: Deal) -> None:
    days = world.chance.randint(-5, 45)
    deal.expected_close_date = (world.now + timedelta(days=days)).date()


def _move(deal: Deal, kind: MoveKind, before: object, at: datetime) -> StageMove:
    return StageMove(
        deal=deal, kind=kind, from_stage=before, to_stage=deal.stage, at=at, by=deal.owner
    )


def _lines(world: World, side: str, deal: Deal) -> list[DealLine]:
    """One to four goods; the amount of the deal is their sum."""
    chance = world.chance
    lines = []
    for position, product in enumerate(
        chance.sample(world.products, chance.choice((1, 2, 2, 3, 4)))
    ):
        price = (product.price / BASE_RATES[CURRENCY[side]]).quantize(KOPECK)
        limit = 2 if product.price > 100_000 else 40 if product.price < 5000 else 6
        discount = Decimal(chance.choice((0, 0, 0, 5, 7, 10)))
        quantity = Decimal(chance.randint(1, limit))
        vat = Decimal(0 if side == "en" else 20)
        lines.append(
            DealLine(
                deal=deal,
                product=product,
                name=product.name,
                quantity=quantity,
                price=price,
                discount=discount,
                vat=vat,
                position=position,
            )
        )
        deal.amount += (quantity * price * (100 - discount) / 100).quantize(KOPECK, ROUND_HALF_UP)
    return lines


def make_leads(world: World) -> None:
    """Requests: converted ones lead to their deals, the newest still wait."""
    sources = {source.name: source for source in world.sources}
    chosen = world.chance.sample(world.deals, CONVERTED)
    for number, deal in enumerate(chosen, 1):
        world.leads.append(_converted(world, number, deal, sources[deal.source]))
    left = LEADS - CONVERTED
    for place in range(left):
        world.leads.append(_unconverted(world, CONVERTED + 1 + place, left - place))
    for lead in world.leads:
        describe(world, lead, _side_of(world, lead))
    giver = Giver(world)
    giver.give(world.leads)
    Lead.objects.bulk_create(world.leads)
    giver.keep()
    phones, emails = [], []
    for lead in world.leads:
        side = _side_of(world, lead)
        values = phone_values(phone_text(world, side), REGIONS[side])
        phones.append(Phone(lead=lead, **values))
        if world.chance.random() < 0.5:
            address = email_text(world, lead.last_name, lead.pk)
            emails.append(Email(lead=lead, address=address))
    Phone.objects.bulk_create(phones)
    Email.objects.bulk_create(emails)


def _side_of(world: World, lead: Lead) -> str:
    return lead.utm_content or "ru"


def _converted(world: World, number: int, deal: Deal, source: object) -> Lead:
    contact = deal.contact
    created = world.working(deal.created_at - timedelta(days=world.chance.uniform(0, 4)))
    created = min(created, deal.created_at - timedelta(minutes=15))
    return Lead(
        import_key=f"demo:lead:{number}",
        title=deal.title,
        last_name=contact.last_name,
        first_name=contact.first_name,
        patronymic=contact.patronymic,
        company_name=deal.company.name,
        position=contact.position,
        city=contact.city,
        status=LeadStatus.CONVERTED,
        source=source,
        amount=deal.amount_base,
        utm_content=contact.language,
        owner=deal.owner,
        created_at=created,
        assigned_at=created + timedelta(minutes=world.chance.randint(1, 40)),
        closed_at=deal.created_at,
        contact=contact,
        company=deal.company,
        deal=deal,
    )


def _unconverted(world: World, number: int, left: int) -> Lead:
    """Rejected long ago, in work lately, new today, waiting for a head now."""
    chance = world.chance
    side = world.side()
    names = person_names(world, side)
    names.pop("sex")
    lead = Lead(
        import_key=f"demo:lead:{number}",
        **names,
        title=world.word(words.WISHES, side),
        city=world.word(words.CITIES, side),
        source=chance.choice(world.sources),
        utm_content=side,
        amount=Decimal(20 + int(880 * chance.betavariate(1, 3.2))) * 1000,
        owner=chance.choice(world.owners[side]),
        created_at=world.past(chance.uniform(3, DAYS)),
    )
    lead.assigned_at = lead.created_at + timedelta(minutes=chance.randint(1, 90))
    if left <= WAITING:
        lead.owner = lead.assigned_at = lead.amount = None
        lead.created_at = world.now - timedelta(minutes=chance.randint(4, 190))
    elif left <= WAITING + FRESH:
        lead.created_at = world.now - timedelta(hours=chance.uniform(0.2, 30))
        lead.assigned_at = lead.created_at + timedelta(minutes=2)
    elif left <= WAITING + FRESH + WORKING:
        lead.status = LeadStatus.WORKING
        lead.created_at = world.past(chance.uniform(1, 25))
        lead.assigned_at = lead.created_at + timedelta(minutes=20)
    else:
        lead.status = LeadStatus.REJECTED
        lead.reject_reason = world.word(words.REJECTED, side)
        closed = world.working(lead.created_at + timedelta(days=chance.uniform(0, 12)))
        lead.closed_at = max(closed, lead.created_at + timedelta(minutes=9))
    return lead
