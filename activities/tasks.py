"""Background work: one service call each."""

from celery import shared_task
from django.utils import timezone

from activities import services
from records.history import cause


@shared_task(
    name="activities.tasks.sweep_reminders", soft_time_limit=240, time_limit=270, expires=60
)
def sweep_reminders() -> None:
    """Deliver due reminders; beat wakes it, the rows in PostgreSQL are what counts."""
    with cause("task", task="activities.tasks.sweep_reminders"):
        services.sweep_reminders(now=timezone.now())
