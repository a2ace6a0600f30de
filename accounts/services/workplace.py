"""The company itself: begun at the first start, set up once, changed in the settings."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from accounts.models import Workplace

ONLY = 1
CACHE_KEY = "workplace"
CACHED_FOR = 300
FIELDS = ("name", "country", "language", "time_zone", "work_days", "work_from", "work_to")


def workplace() -> Workplace:
    """The company as it is; an unstored one with the server's settings when there is none."""
    found = cache.get(CACHE_KEY)
    if found is None:
        found = Workplace.objects.filter(pk=ONLY).first() or Workplace(
            language=settings.LANGUAGE_CODE, time_zone=settings.TIME_ZONE
        )
        cache.set(CACHE_KEY, found, CACHED_FOR)
    return found


def forget_workplace() -> None:
    """Let the next page read the company anew."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


@transaction.atomic
def begin_workplace(*, is_in_use: bool, now: datetime) -> None:
    """Make the row at the first start; an installation in use counts as set up."""
    Workplace.objects.get_or_create(
        pk=ONLY,
        defaults={
            "language": settings.LANGUAGE_CODE,
            "time_zone": settings.TIME_ZONE,
            "set_up_at": now if is_in_use else None,
            "steps_hidden_at": now if is_in_use else None,
        },
    )
    forget_workplace()


@transaction.atomic
def save_workplace(**fields: Any) -> Workplace:
    """Change the company's name, country, language, zone or hours."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"not a field of the company: {sorted(unknown)}")
    row, _made = Workplace.objects.select_for_update().get_or_create(pk=ONLY)
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    forget_workplace()
    return row


@transaction.atomic
def end_setup(*, now: datetime) -> bool:
    """Close the first run; False when it was closed before."""
    rows = Workplace.objects.filter(pk=ONLY, set_up_at=None)
    is_mine = bool(rows.update(set_up_at=now, version=F("version") + 1))
    forget_workplace()
    return is_mine


@transaction.atomic
def hide_steps(*, now: datetime) -> None:
    """Take the list of first steps off My day."""
    Workplace.objects.filter(pk=ONLY).update(steps_hidden_at=now, version=F("version") + 1)
    forget_workplace()
