"""From the wall clock of a person to an instant, and the usual moment of a next step.

A wall time that the clocks skip in spring (the gap) is shifted forward by the length of the gap:
02:30 becomes 03:30. A wall time that comes twice in autumn (the fold) means the first one.
"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from accounts.services import workplace
from activities.models import Kind

FIRST_YEAR, LAST_YEAR = 2000, 2099
USUAL_HOUR = time(10, 0)
USUAL_DAYS = {Kind.CALL: 1, Kind.TASK: 1, Kind.EMAIL: 2, Kind.MEETING: 3}


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The person's IANA zone; the zone of the company when it is empty or unknown."""
    try:
        return zoneinfo.ZoneInfo(name or workplace().time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def to_instant(wall: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """The UTC instant of a naive wall time; see the module for the gap and the fold.

    Raises ValueError outside the years 2000-2099.
    """
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise ValueError(wall)
    # In the gap, fold=0 reads the wall time with the offset before the change, which is the
    # instant shifted forward by the gap; in the fold it is the first of the two.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def day_start(day: date, zone: zoneinfo.ZoneInfo) -> datetime:
    """The instant at which a local day begins."""
    return to_instant(datetime.combine(day, time()), zone)


def usual_next_moment(kind: str, now: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """10:00 local on the weekday after the usual delay of the kind."""
    day = now.astimezone(zone).date() + timedelta(days=USUAL_DAYS.get(Kind(kind), 1))
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return to_instant(datetime.combine(day, USUAL_HOUR), zone)


def day_later(due_at: datetime, now: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """The same wall time one day after the later of the due day and today."""
    local = due_at.astimezone(zone)
    day = max(local.date(), now.astimezone(zone).date()) + timedelta(days=1)
    return to_instant(datetime.combine(day, local.time()), zone)
