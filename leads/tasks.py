"""The worker gives leads out: woken by each new lead, and a sweep repairs what was lost."""

import logging

from celery import shared_task
from django.utils import timezone

from leads.services import distribute_lead, waiting_leads
from records.history import cause
from records.models import Heartbeat

logger = logging.getLogger(__name__)
BATCH = 500


@shared_task
def distribute(lead_id: int) -> None:
    """Decide about one lead; safe to run twice."""
    with cause("distribution"):
        distribute_lead(lead_id=lead_id, now=timezone.now())


@shared_task
def sweep_unassigned() -> int:
    """Decide about waiting leads, oldest first; returns how many were looked at.

    A lead that cannot be decided about is logged and does not hold up the rest.
    """
    waiting = waiting_leads(BATCH)
    with cause("distribution"):
        for lead_id in waiting:
            _try(lead_id)
    Heartbeat.objects.update_or_create(name="distribution", defaults={"beat_at": timezone.now()})
    return len(waiting)


def _try(lead_id: int) -> None:
    try:
        distribute_lead(lead_id=lead_id, now=timezone.now())
    except Exception:
        logger.exception("lead %s could not be given out", lead_id)
