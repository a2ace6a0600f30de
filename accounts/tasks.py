"""Background work of sign-in."""

from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task(name="accounts.tasks.forget_failures", expires=3600)
def forget_failures() -> None:
    """Remove counts of failed sign-ins that no longer decide anything; safe to run twice."""
    services.forget_old_failures(now=timezone.now())
