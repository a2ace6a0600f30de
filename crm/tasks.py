"""Background work that concerns every room: one service call each."""

import time

from celery import shared_task
from django.utils import timezone

from crm import handover_job
from crm.trash import services

SPELL = 120


@shared_task(name="crm.tasks.purge_trash", expires=3600)
def purge_trash() -> None:
    """Remove what is in the trash longer than TRASH_DAYS; safe to run twice or interrupted."""
    services.purge_old(timezone.now())


@shared_task(name="crm.tasks.hand_over", time_limit=270, soft_time_limit=240)
def hand_over(pk: int) -> None:
    """Go on with a large hand-over for two minutes, then queue up anew; safe to run twice."""
    end = time.monotonic() + SPELL
    while handover_job.run_piece(pk=pk):
        if time.monotonic() > end:
            hand_over.delay(pk)
            return


@shared_task(name="crm.tasks.sweep_hand_overs", expires=60)
def sweep_hand_overs() -> None:
    """Wake up hand-overs whose call was lost; Redis may be emptied at any moment."""
    for pk in handover_job.quiet(timezone.now()):
        hand_over.delay(pk)
