"""What makes a lead of the demo company likely to be won, so that a score has something to learn.

Every lead and deal has a chance of its own, seeded by its key, so that the rest of the story stays.
"""

import random
from datetime import timedelta

from activities.models import Activity, CallResult
from crm.demo import words
from crm.demo.world import World
from deals.models import Deal, DealStatus
from leads.models import Lead, LeadStatus, Source

GOOD_SOURCES = {
    "Рекомендация": 2.2,
    "Повторное обращение": 2.0,
    "Выставка «Климат»": 1.2,
    "Звонок": 1.1,
    "Сайт": 0.9,
    "Prozorro": 0.6,
    "Реклама": 0.4,
}
"""How many times more often than others a won deal comes from there."""
TOLD, STRENGTH = 0.45, (5, 3, 2)  # of the lost deals; how often each competitor wins
GOOD = 0.3  # of the open leads
COMPANY, POSITION, SILENT, SLOW = (0.85, 0.6), (0.7, 0.45), (0.15, 0.4), (0.1, 0.4)


def luck(key: str) -> random.Random:
    """The chance of one record."""
    return random.Random(f"truth {key}")  # noqa: S311 - chance of a story, no secret


def source_of(key: str, sources: list[Source], *, is_good: bool) -> Source:
    """Good ones come more often from recommendations, seldom from advertising."""
    weights = [GOOD_SOURCES[row.name] if is_good else 1 for row in sources]
    return luck(f"{key} source").choices(sources, weights)[0]


def give_sources(world: World) -> None:
    """The source of every deal, by how it ended; of open ones by a hidden quality."""
    for deal in world.deals:
        key = str(deal.import_key)
        deal.source = source_of(key, world.sources, is_good=_is_good_deal(deal)).name


def give_competitors(world: World) -> None:
    """To whom some of the lost deals went."""
    for deal in world.deals:
        chance = luck(f"{deal.import_key} competitor")
        if deal.status == DealStatus.LOST and chance.random() < TOLD:
            deal.competitor = chance.choices(world.competitors, STRENGTH)[0]


def _is_good_deal(deal: Deal) -> bool:
    if deal.status == DealStatus.OPEN:
        return luck(f"{deal.import_key} quality").random() < GOOD
    return deal.status == DealStatus.WON


def is_good(lead: Lead) -> bool:
    """Won, or an open one that looks like a won one."""
    if lead.deal is not None:
        return _is_good_deal(lead.deal)
    if lead.status == LeadStatus.REJECTED:
        return False
    return luck(f"{lead.import_key} quality").random() < GOOD


def describe(world: World, lead: Lead, side: str) -> None:
    """How much the person tells: those who mean it name the company and their position."""
    chance, good = luck(str(lead.import_key)), is_good(lead)
    place = 0 if good else 1
    if lead.deal is None:
        lead.source = source_of(str(lead.import_key), world.sources, is_good=good)
        first = chance.choice(words.pick_list(words.FIRM_FIRST, side))
        second = chance.choice(words.pick_list(words.FIRM_SECOND, side))
        name = f"{first}{'' if side == 'en' else ' '}{second}"
        lead.company_name = chance.choice(words.FIRMS[side]).format(name)
        lead.position = chance.choice(words.pick_list(words.POSITIONS, side))
        if good and lead.amount:
            lead.amount *= chance.randint(2, 9)
    if chance.random() > COMPANY[place]:
        lead.company_name = ""
    if chance.random() > POSITION[place]:
        lead.position = ""


def delay(lead: Lead) -> timedelta:
    """How much later than the others the first call comes; who waits is lost more often."""
    chance = luck(f"{lead.import_key} delay")
    is_slow = chance.random() < SLOW[0 if is_good(lead) else 1]
    return timedelta(hours=chance.uniform(3, 60)) if is_slow else timedelta(0)


def silence(lead: Lead, call: Activity) -> None:
    """Some of the lost ones do not answer the first call."""
    chance = luck(f"{lead.import_key} call")
    if chance.random() < SILENT[0 if is_good(lead) else 1]:
        call.result, call.body, call.duration = CallResult.NO_ANSWER, "", None
