"""Open leads of the viewer by their chance, of all and by owner."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse

from accounts.models import User
from leads.models import Lead
from reports.asking import Asked

BANDS = ((80, 99), (60, 79), (40, 59), (20, 39), (10, 19), (1, 9))
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Band:
    """Open leads with a chance from `least` to `most`; 0 and 0 are those not counted yet."""

    least: int
    most: int
    leads: int
    expected: Decimal


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """Open leads of a person: the sum of the chances is how many will be won."""

    pk: int | None
    name: str
    leads: int
    expected: Decimal
    likely: int


def open_leads(asked: Asked) -> Any:
    """What the viewer may see, of the chosen person."""
    return asked.narrowed(Lead.objects.visible_to(asked.user).open().order_by())


def bands(asked: Asked) -> list[Band]:
    """Every band, the greatest chance first; leads that have none yet are the last one."""
    limits = [*BANDS, (0, 0)]
    found = open_leads(asked).aggregate(
        **{f"n{least}": Count("pk", filter=_within(least, most)) for least, most in limits},
        **{f"s{least}": Sum("chance", filter=_within(least, most)) for least, most in limits},
    )
    return [
        Band(least, most, found[f"n{least}"], expected(found[f"s{least}"]))
        for least, most in limits
    ]


def owners(asked: Asked) -> list[OwnerRow]:
    """By owner, the most expected sales first."""
    groups = (
        open_leads(asked)
        .values("owner")
        .annotate(
            n=Count("pk"), total=Sum("chance"), likely=Count("pk", filter=Q(chance__gte=LIKELY))
        )
    )
    rows = list(groups)
    people = User.objects.in_bulk({row["owner"] for row in rows if row["owner"]})
    found = [
        OwnerRow(
            row["owner"],
            _name(people.get(row["owner"])),
            row["n"],
            expected(row["total"]),
            row["likely"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (-row.expected, row.name))


LIKELY = 40  # per cent


def expected(total: int | None) -> Decimal:
    """The sum of chances in per cent as a number of leads, half up."""
    return (Decimal(total or 0) / 100).quantize(TENTH, ROUND_HALF_UP)


def _within(least: int, most: int) -> Q:
    return Q(chance__gte=least, chance__lte=most)


def _name(person: User | None) -> str:
    return (person.full_name or person.email) if person else ""


def leads_url(asked: Asked, **params: Any) -> str:
    """The list of exactly these open leads, the greatest chance first."""
    owner = {"owner": asked.owner.pk} if asked.owner else {}
    kept = {**owner, **params, "sort": "chance"}
    pairs = [("status", "new"), ("status", "working"), *kept.items()]
    return f"{reverse('leads:list')}?{urlencode(pairs)}"
