"""Background work that concerns every room: one service call each."""

from celery import shared_task
from django.utils import timezone

from crm.trash import services


@shared_task(name="crm.tasks.purge_trash", expires=3600)
def purge_trash() -> None:
    """Remove what is in the trash longer than TRASH_DAYS; safe to run twice or interrupted."""
    services.purge_old(timezone.now())
