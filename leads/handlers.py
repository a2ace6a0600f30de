"""What leads do when news comes: wake the worker, ring the bell."""

import logging
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.models.notifications import NotificationKind
from accounts.services import notify
from leads.models import Lead
from leads.tasks import distribute

logger = logging.getLogger(__name__)


def wake_distribution(lead_id: int) -> None:
    """Ask a worker to decide now; when the queue is away the sweep does it later."""
    try:
        distribute.apply_async(kwargs={"lead_id": lead_id}, retry=False)
    except OperationalError:
        logger.warning("queue unavailable; lead %s waits for the sweep", lead_id)


def tell_assignee(lead_id: int, user_id: int, by_id: int | None, now: datetime) -> None:
    """A notice in the assignee's language, unless the person took the lead himself."""
    if by_id == user_id:
        return
    user = User.objects.get(pk=user_id)
    lead = Lead.objects.get(pk=lead_id)
    with translation.override(user.language):
        text = _("New lead: %(lead)s") % {"lead": lead}
    notify(
        user_id=user.pk,
        kind=NotificationKind.ASSIGNED,
        key=f"lead:{lead.pk}:{lead.version}",
        text=text,
        url=lead.get_absolute_url(),
        now=now,
    )
