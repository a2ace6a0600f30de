"""Open sessions of a person: listed, ended one by one or all at once."""

from datetime import datetime
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User


def open_sessions(*, person: User, now: datetime) -> QuerySet[UserSession]:
    """Sessions that still open the door, the latest first."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows = UserSession.objects.filter(user=person, session_key__in=alive)
    return rows.order_by("-last_seen_at", "-pk")


def end_session(*, session: UserSession) -> None:
    """Close one session: its next request leads to sign-in.

    The row of the list goes too: should the cache bring the session back after an outage, the
    check every few minutes misses the row and ends it again.
    """
    _forget([session.session_key])
    session.delete()


@transaction.atomic
def end_sessions(*, person: User, keep: str = "") -> int:
    """Close every session of a person but the one with the key `keep`; returns how many.

    The epoch is part of what a session is checked by, so even a session that nobody listed ends at
    its next request, whatever the cache holds. The kept one has to be given the new check.
    """
    row = User.objects.select_for_update().get(pk=person.pk)
    row.session_epoch += 1
    row.save(update_fields=["session_epoch"])
    person.session_epoch = row.session_epoch
    others = UserSession.objects.filter(user=row).exclude(session_key=keep)
    _forget(list(others.values_list("session_key", flat=True)))
    return others.delete()[0]


def _forget(keys: list[str]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for key in keys:
        store.delete(key)
