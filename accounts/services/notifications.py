"""Notices of the bell."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from accounts.models import Notification, User

INSERT = """
INSERT INTO accounts_notification (user_id, kind, key, text, url, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (user_id, key) DO NOTHING
"""


def notify(*, user_id: int, kind: str, key: str, text: str, url: str, now: datetime) -> bool:
    """Put a notice into the person's bell; False when this cause was already delivered.

    `key` names the cause ("reminder:17"); safe to repeat and to call from parallel workers.
    """
    values = [user_id, kind, key, text[:300], url[:300], now]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return cursor.rowcount == 1


def mark_shown(*, user: User, ids: Iterable[int], now: datetime) -> int:
    """Remember that these notices were shown as toasts; returns how many were new."""
    fresh = Notification.objects.filter(user=user, pk__in=list(ids), shown_at__isnull=True)
    return fresh.update(shown_at=now)


def mark_read(*, user: User, now: datetime, pk: int | None = None) -> int:
    """Mark one notice, or all of them, as read; returns how many were unread."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=now)
