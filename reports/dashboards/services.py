"""Every write to dashboards: pin, put in order, copy, begin with the usual one."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from reports.dashboards.models import Dashboard, Tile

MOST_TILES = 20
USUAL = (
    ("plan", ""),
    ("funnel", "period=quarter"),
    ("managers", "period=this_month"),
    ("push", ""),
    ("forecast", ""),
    ("losses", "period=quarter"),
)
"""What a person who has no dashboard begins with: report and parameters."""


class TooManyTiles(Exception):
    """A dashboard holds MOST_TILES tiles at most."""


@transaction.atomic
def pin(*, dashboard: Dashboard, report: str, query: str, title: str = "") -> Tile:
    """A tile at the end. Raises TooManyTiles."""
    locked = Dashboard.objects.select_for_update().get(pk=dashboard.pk)
    tiles = locked.tiles
    if tiles.count() >= MOST_TILES:
        raise TooManyTiles
    last = tiles.aggregate(last=Max("position"))["last"]
    place = 0 if last is None else last + 1
    return tiles.create(report=report, query=query, title=title, position=place)


@transaction.atomic
def put_in_order(*, dashboard: Dashboard, keys: Sequence[int]) -> None:
    """Tiles in the order of the keys, those not named after them; foreign keys mean nothing."""
    Dashboard.objects.select_for_update().get(pk=dashboard.pk)
    tiles = {tile.pk: tile for tile in dashboard.tiles.all()}
    named = [key for key in dict.fromkeys(keys) if key in tiles]
    order = [*named, *(key for key in tiles if key not in set(named))]
    for place, key in enumerate(order):
        tiles[key].position = place
    Tile.objects.bulk_update(tiles.values(), ["position"])


def move(*, tile: Tile, step: int) -> None:
    """One place earlier (-1) or later (1); at the edge nothing moves."""
    keys = list(tile.dashboard.tiles.values_list("pk", flat=True))
    at = keys.index(tile.pk)
    to = min(max(at + step, 0), len(keys) - 1)
    keys.insert(to, keys.pop(at))
    put_in_order(dashboard=tile.dashboard, keys=keys)


@transaction.atomic
def copy(*, dashboard: Dashboard, by: User) -> Dashboard:
    """The person's own one with the same tiles."""
    made = Dashboard.objects.create(owner=by, name=free_name(dashboard.name, by))
    Tile.objects.bulk_create(
        Tile(
            dashboard=made,
            report=tile.report,
            query=tile.query,
            title=tile.title,
            position=tile.position,
        )
        for tile in dashboard.tiles.all()
    )
    return made


@transaction.atomic
def begin(*, by: User) -> Dashboard:
    """The first dashboard of a person, with the usual tiles."""
    made = Dashboard.objects.create(owner=by, name=free_name(_("My dashboard"), by))
    Tile.objects.bulk_create(
        Tile(dashboard=made, report=report, query=query, position=place)
        for place, (report, query) in enumerate(USUAL)
    )
    return made


def free_name(name: str, owner: User) -> str:
    """The name, with a number when the person has one of that name."""
    taken = set(Dashboard.objects.filter(owner=owner).values_list("name", flat=True))
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name[:74]} {number}"
    return found
