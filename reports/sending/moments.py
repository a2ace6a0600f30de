"""When a schedule is due: the wall clock of its receiver, as an instant."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from accounts.models import User
from activities.moments import to_instant, zone_of
from reports.sending.models import Rhythm, Schedule

LONGEST_WAIT = 62
"""Days within which every rhythm has a turn."""


def next_moment(schedule: Schedule, person: User, after: datetime) -> datetime:
    """The first turn later than `after`, in the zone of the person."""
    zone = zone_of(person.time_zone)
    first = after.astimezone(zone).date()
    for ahead in range(LONGEST_WAIT):
        day = first + timedelta(days=ahead)
        if is_turn(schedule, day):
            moment = to_instant(datetime.combine(day, time(schedule.hour)), zone)
            if moment > after:
                return moment
    raise ValueError(schedule.rhythm)


def is_turn(schedule: Schedule, day: date) -> bool:
    """Whether the schedule has its turn on the day."""
    if schedule.rhythm == Rhythm.WEEKLY:
        return day.isoweekday() in (schedule.weekdays or [1])
    if schedule.rhythm == Rhythm.MONTHLY:
        last = monthrange(day.year, day.month)[1]
        return day.day == min(schedule.month_day, last)
    return True
