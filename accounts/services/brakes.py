"""Guessing becomes slow: after some free failures each next attempt waits twice as long.

An attempt is counted before the password is hashed and given back when it succeeds, so parallel
guesses cannot overtake the count. Known and unknown accounts are counted alike.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models import Brake

SALT = "accounts.brakes"
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; then `first`, doubled each time, at most `longest`."""

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta

    def delay(self, failures: int) -> timedelta | None:
        """How long to wait after so many failures."""
        over = failures - self.free
        return min(self.longest, self.first * 2 ** min(over, 20)) if over >= 0 else None


PAIR = Limit(5, timedelta(seconds=15), timedelta(hours=1), timedelta(days=1))
DEVICE = Limit(10, timedelta(seconds=15), timedelta(hours=1), timedelta(days=1))
ADDRESS = Limit(30, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
ACCOUNT = Limit(100, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=1))


class Braked(Exception):
    """Too many failures; `wait` says how long no attempt is looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was counted, to be given back on success."""

    keys: tuple[str, ...]
    own: str
    """The key of the account at this address or on this device; success clears it."""


def account_key(login: str) -> str:
    """The name of an account in a device's cookie."""
    return _key("login", login.strip().lower())


def take_attempt(*, login: str, address: str, device: str, now: datetime) -> Attempt:
    """Count one attempt. Raises Braked, then nothing is counted.

    A device that signed in to this account before (`device`, empty otherwise) is judged by itself:
    nobody else's failures close it. An address from which the account signed in lately is not held
    by failures elsewhere.
    """
    account = account_key(login)
    own = _key("device", account, device) if device else _key("pair", account, address)
    limits = {own: DEVICE}
    if not device:
        limits = {
            own: PAIR,
            _key("address", address): ADDRESS,
            _key("account", account): ACCOUNT,
        }
    with transaction.atomic():
        rows = _locked(limits, now)
        if not device and _is_known(rows[own], now):
            rows.pop(_key("account", account))
        ends = [row.blocked_until for row in rows.values() if row.blocked_until]
        if ends and max(ends) > now:
            raise Braked(max(ends) - now)
        for key, row in rows.items():
            _count(row, limits[key], now)
    return Attempt(tuple(rows), own)


def _locked(limits: dict[str, Limit], now: datetime) -> dict[str, Brake]:
    """The rows of the keys, made where missing, in one order of locking."""
    Brake.objects.bulk_create(
        [Brake(key=key, failed_at=now) for key in sorted(limits)], ignore_conflicts=True
    )
    rows = Brake.objects.select_for_update().filter(key__in=limits).order_by("key")
    return {row.key: row for row in rows}


def _is_known(row: Brake, now: datetime) -> bool:
    return row.succeeded_at is not None and row.succeeded_at > now - KNOWN_FOR


def _count(row: Brake, limit: Limit, now: datetime) -> None:
    fresh = row.failed_at > now - limit.forget
    row.failures = row.failures + 1 if fresh else 1
    row.failed_at = now
    delay = limit.delay(row.failures)
    row.blocked_until = now + delay if delay else None
    row.save(update_fields=["failures", "failed_at", "blocked_until"])


def give_back(*, attempt: Attempt, now: datetime) -> None:
    """The attempt was right: it is not a failure, and the address is known from now on.

    Only this one is given back for the address and the account; otherwise signing in to an account
    of one's own would buy new guesses.
    """
    with transaction.atomic():
        rows = Brake.objects.select_for_update().filter(key__in=attempt.keys)
        for row in rows.order_by("key"):
            is_own = row.key == attempt.own
            row.failures = 0 if is_own else max(row.failures - 1, 0)
            row.blocked_until = None
            row.succeeded_at = now if is_own else row.succeeded_at
            row.save(update_fields=["failures", "blocked_until", "succeeded_at"])


def forget_old_failures(*, now: datetime) -> int:
    """Remove rows that no longer decide anything; returns how many."""
    old = Brake.objects.filter(failed_at__lt=now - 2 * PAIR.forget)
    return old.filter(Q(succeeded_at__isnull=True) | Q(succeeded_at__lt=now - KNOWN_FOR)).delete()[
        0
    ]


def _key(*parts: str) -> str:
    return salted_hmac(SALT, "\n".join(parts), algorithm="sha256").hexdigest()
