"""Fits kept by background work: that of the day and those of the months of the back-test."""

from datetime import date, datetime, timedelta
from time import monotonic

from django.db import transaction

from reports.forecast.rates import HORIZONS, fit, packed
from reports.models import ForecastFit
from reports.periods import months_later

MONTHS = 12
MADE_ANEW = timedelta(days=7)  # imported history changes the past
AT_MOST = 150  # seconds of one run; the next one goes on


def days_to_test(today: date, horizon: int) -> list[date]:
    """The twelve latest first days of months whose horizon is over, the earliest first."""
    first = (today - timedelta(days=horizon)).replace(day=1)
    return [months_later(first, -back) for back in range(MONTHS - 1, -1, -1)]


def keep_fits(*, today: date, now: datetime, anew: bool = False) -> int:
    """Make the missing and the old fits, forget those nobody asks for; how many were made.

    The fits of today come first; a run ends after some minutes and the next one goes on.
    """
    started = monotonic()
    wanted = {
        (day, horizon) for horizon in HORIZONS for day in [today, *days_to_test(today, horizon)]
    }
    kept = {}
    for row in ForecastFit.objects.defer("rates"):
        kept[row.day, row.horizon] = row.made_at
        if (row.day, row.horizon) not in wanted:
            row.delete()
    made = 0
    for day, horizon in sorted(wanted, reverse=True):
        if not anew and monotonic() - started > AT_MOST:
            break
        last = kept.get((day, horizon))
        if anew or last is None or now - last >= MADE_ANEW:
            keep(day, horizon, now)
            made += 1
    return made


@transaction.atomic
def keep(day: date, horizon: int, now: datetime) -> None:
    """One fit, in the place of the former one."""
    ForecastFit.objects.update_or_create(
        day=day, horizon=horizon, defaults={"rates": packed(fit(day, horizon)), "made_at": now}
    )
