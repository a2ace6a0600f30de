"""Notices of the bell."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

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
    values: list[Any] = [user_id, kind, key, text[:300], url[:300], now]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return cursor.rowcount == 1


def claim_toasts(*, user: User, now: datetime) -> list[Notification]:
    """Take the notices not shown yet, oldest first; each is given out exactly once.

    Rows another tab is taking at this moment are left to it.
    """
    with transaction.atomic():
        fresh = Notification.objects.filter(user=user, shown_at__isnull=True, read_at__isnull=True)
        rows = list(fresh.select_for_update(skip_locked=True).order_by("created_at", "pk")[:20])
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(shown_at=now)
        return rows


def mark_read(*, user: User, now: datetime, pk: int | None = None) -> int:
    """Mark one notice, or all of them, as read; returns how many were unread."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=now)
