"""Deputies: appointed for a time, recalled early."""

from datetime import datetime

from django.db import transaction

from accounts.models import Deputy, User


class DeputyRefused(Exception):
    """The two are one person, one of them is deactivated, or the time ends before it starts."""


def _to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


@transaction.atomic
def appoint_deputy(
    *, person: User, deputy: User, starts_at: datetime, ends_at: datetime, by: User | None
) -> Deputy:
    """Let the deputy act with the person's rights, to the minute. Raises DeputyRefused."""
    starts_at, ends_at = _to_the_minute(starts_at), _to_the_minute(ends_at)
    active = User.objects.filter(pk__in=[person.pk, deputy.pk], is_active=True).count()
    if active != 2 or ends_at <= starts_at:
        raise DeputyRefused
    return Deputy.objects.create(
        person=person, deputy=deputy, starts_at=starts_at, ends_at=ends_at, created_by=by
    )


@transaction.atomic
def recall_deputy(*, deputy: Deputy, now: datetime) -> None:
    """End it now; a term that has not begun is removed, one that has is kept as history."""
    row = Deputy.objects.select_for_update().get(pk=deputy.pk)
    now = _to_the_minute(now)
    if row.starts_at >= now:
        row.delete()
    elif row.ends_at > now:
        row.ends_at = now
        row.version += 1
        row.save(update_fields=["ends_at", "version"])
