"""A form posted twice has one effect; both callers are led to the same place."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from records.models import Submission


def submit_once(user: Any, key: UUID, action: Callable[[], str]) -> str:
    """Run the action at most once per (user, key) and return the address of its result.

    The key row is inserted in the transaction of the action: a parallel post waits for it, then
    reads the address; when the action fails, the key is free again.
    """
    with transaction.atomic():
        Submission.objects.bulk_create(
            [Submission(user_id=user.pk, key=key)], ignore_conflicts=True
        )
        row = Submission.objects.select_for_update().get(user=user, key=key)
        if row.result_url:
            return row.result_url
        row.result_url = action()
        row.save(update_fields=["result_url"])
        return row.result_url


def answer_of(user: Any, key: Any) -> str:
    """Where the accepted post with this key led; empty when there was none."""
    try:
        known = UUID(str(key))
    except ValueError:
        return ""
    found = Submission.objects.filter(user_id=user.pk, key=known)
    return found.values_list("result_url", flat=True).first() or ""


def is_submitted(user: Any, key: UUID) -> bool:
    """Whether this form was accepted before; then checks that ask for confirmation are skipped."""
    return Submission.objects.filter(user_id=user.pk, key=key).exists()
