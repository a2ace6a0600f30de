"""The state of one generation: the chance, the moment, what is made so far."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from catalog.models import Product
from contacts.models import Company, Contact
from crm.demo.words import pick_list
from deals.models import Competitor, Deal, LossReason, Stage
from leads.models import Lead, Source

DAYS = 730
SIDES = ("ru", "uk", "en")
SHARES = (55, 33, 12)
CURRENCY = {"ru": "RUB", "uk": "UAH", "en": "EUR"}
BASE_RATES = {
    "RUB": Decimal(1),
    "UAH": Decimal("2.1"),
    "EUR": Decimal(96),
    "USD": Decimal(88),
    "BYN": Decimal(27),
    "KZT": Decimal("0.17"),
}


@dataclass(slots=True)
class Client:
    """A company with its people and how eagerly it buys."""

    company: Company
    side: str
    weight: float
    people: list[Contact] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Everything the generators share; equal seeds and moments give equal worlds."""

    chance: random.Random
    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    owners: dict[str, list[User]] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    reasons: list[LossReason] = field(default_factory=list)
    competitors: list[Competitor] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    sides: dict[int, str] = field(default_factory=dict)

    def side(self) -> str:
        """A side of the market by its share."""
        return self.chance.choices(SIDES, SHARES)[0]

    def word(self, words: dict[str, str], side: str) -> str:
        """One of the words of a side."""
        return self.chance.choice(pick_list(words, side))

    def past(self, days: float) -> datetime:
        """A moment so many days ago, moved into working hours."""
        return self.working(self.now - timedelta(days=days))

    def working(self, at: datetime) -> datetime:
        """The same day between 6 and 15 UTC (9 to 18 in Kyiv), a weekday, never after now."""
        at = at.replace(
            hour=self.chance.randint(6, 14),
            minute=self.chance.randint(0, 59),
            second=self.chance.randint(0, 59),
            microsecond=0,
        )
        at -= timedelta(days=max(0, at.weekday() - 4))
        return min(at, self.now - timedelta(minutes=self.chance.randint(20, 90)))
