"""The worker gives leads out: woken by each new lead, and a sweep repairs what was lost."""

from celery import shared_task
from django.utils import timezone

from leads.models import Lead
from leads.services import distribute_lead
from records.history import cause
from records.models import Heartbeat

BATCH = 500


@shared_task
def distribute(lead_id: int) -> None:
    """Decide about one lead; safe to run twice."""
    with cause("distribution"):
        distribute_lead(lead_id=lead_id, now=timezone.now())


@shared_task
def sweep_unassigned() -> int:
    """Decide about every waiting lead, oldest first; returns how many were looked at."""
    waiting = list(
        Lead.objects.unassigned().order_by("created_at").values_list("pk", flat=True)[:BATCH]
    )
    with cause("distribution"):
        for lead_id in waiting:
            distribute_lead(lead_id=lead_id, now=timezone.now())
    Heartbeat.objects.update_or_create(name="distribution", defaults={"beat_at": timezone.now()})
    return len(waiting)
