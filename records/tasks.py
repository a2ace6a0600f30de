"""Background work of the audit log."""

from celery import shared_task
from django.utils import timezone

from records import audit


@shared_task(name="records.tasks.purge_audit", expires=3600)
def purge_audit() -> None:
    """Remove entries older than AUDIT_DAYS; safe to run twice or at the same time."""
    audit.purge_old(timezone.now())
