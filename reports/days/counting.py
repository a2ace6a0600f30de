"""Done activities and stage moves of one local day by person and hour.

An activity counts for its owner in the hour it was done, a move for the person who made it; an
hour that a change of the clock repeats is one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour

from accounts.models import User
from activities.models import Activity, Kind
from activities.querysets import CONNECTED
from deals.models import StageMove
from deals.models.history import MoveKind
from reports.asking import Asked

WORK = {
    "calls": Q(kind=Kind.CALL),
    "connected": CONNECTED,
    "meetings": Q(kind=Kind.MEETING),
    "emails": Q(kind=Kind.EMAIL),
    "tasks": Q(kind=Kind.TASK),
    "notes": Q(kind=Kind.NOTE),
}
MOVES = {
    "moved": Q(kind=MoveKind.MOVED),
    "won": Q(kind=MoveKind.WON),
    "lost": Q(kind=MoveKind.LOST),
}
COUNTED = (*WORK, *MOVES)
PARTS = tuple(name for name in COUNTED if name != "connected")
Key = tuple[int | None, int]


@dataclass(slots=True)
class Done:
    """What was done; `talked` are seconds of connected calls."""

    calls: int = 0
    connected: int = 0
    talked: int = 0
    meetings: int = 0
    emails: int = 0
    tasks: int = 0
    notes: int = 0
    moved: int = 0
    won: int = 0
    lost: int = 0

    @property
    def acts(self) -> int:
        """Everything together; a connected call is a call."""
        return sum(getattr(self, name) for name in PARTS)

    def add(self, other: "Done") -> None:
        """Add the counts of another one."""
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


@dataclass(slots=True)
class Day:
    """Counts by (person, hour), by person, by hour and together; the busiest people first."""

    cells: dict[Key, Done]
    people: dict[int | None, Done]
    hours: dict[int, Done]
    total: Done
    names: dict[int | None, str]


def work_of(asked: Asked) -> QuerySet[Activity]:
    """Activities done on the day that the viewer sees, with the local `hour`."""
    rows = Activity.objects.visible_to(asked.user).order_by().filter(done_at__isnull=False)
    rows = asked.narrowed(rows.filter(asked.period.within("done_at")))
    return rows.annotate(hour=ExtractHour("done_at"))


def moves_of(asked: Asked) -> QuerySet[StageMove]:
    """Moves, wins and losses made on the day in deals that the viewer sees, with the hour.

    The manager and department narrow by who made the move, not by the owner of the deal.
    """
    seen = asked.of(owner=None, department=None).deals()
    rows = StageMove.objects.filter(asked.period.within("at"), deal__in=seen.values("pk"))
    rows = rows.filter(kind__in=(MoveKind.MOVED, MoveKind.WON, MoveKind.LOST)).order_by()
    if asked.owner:
        rows = rows.filter(by=asked.owner.pk)
    elif asked.department:
        people = User.objects.filter(department__path__startswith=asked.department.path)
        rows = rows.filter(by__in=people.values("pk"))
    return rows.annotate(hour=ExtractHour("at"))


def what_was_done(asked: Asked) -> Day:
    """Everything done on the day, in one grouped query for each of the two tables."""
    cells: dict[Key, Done] = defaultdict(Done)
    counts: dict[str, Any] = {name: Count("pk", filter=which) for name, which in WORK.items()}
    counts["talked"] = Sum("duration", filter=CONNECTED)
    _put(cells, work_of(asked).values("hour", person=F("owner")).annotate(**counts))
    told = {name: Count("pk", filter=which) for name, which in MOVES.items()}
    _put(cells, moves_of(asked).values("hour", person=F("by")).annotate(**told))
    people: dict[int | None, Done] = defaultdict(Done)
    hours: dict[int, Done] = defaultdict(Done)
    total = Done()
    for (person, hour), done in cells.items():
        for sum_ in (people[person], hours[hour], total):
            sum_.add(done)
    names = _names(people)
    busiest = sorted(people, key=lambda key: (-people[key].acts, names[key]))
    return Day(
        dict(cells),
        {key: people[key] for key in busiest},
        {hour: hours[hour] for hour in sorted(hours)},
        total,
        names,
    )


def _put(cells: dict[Key, Done], groups: Iterable[dict[str, Any]]) -> None:
    for group in groups:
        cell = cells[group.pop("person"), group.pop("hour")]
        for name, value in group.items():
            setattr(cell, name, value or 0)


def _names(keys: Iterable[int | None]) -> dict[int | None, str]:
    people = User.objects.in_bulk([key for key in keys if key])
    named = {key: person.full_name or person.email for key, person in people.items()}
    return {key: named.get(key or 0, "") for key in keys}


def acts_behind(
    asked: Asked, what: str, hour: int | None, person: int | None, *, is_nobody: bool = False
) -> tuple[QuerySet[Activity], QuerySet[StageMove]]:
    """The activities and the moves behind one number; an empty `what` is everything."""
    work: Any = work_of(asked)
    moves: Any = moves_of(asked)
    if what:
        work = work.filter(WORK[what]) if what in WORK else work.none()
        moves = moves.filter(MOVES[what]) if what in MOVES else moves.none()
    if hour is not None:
        work, moves = work.filter(hour=hour), moves.filter(hour=hour)
    if is_nobody:
        work, moves = work.filter(owner=None), moves.filter(by=None)
    elif person:
        work, moves = work.filter(owner=person), moves.filter(by=person)
    return work, moves
