"""A run: asked for by a row, counted by the worker under a lease, kept, then purged."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import NotificationKind, User
from accounts.services import notify
from activities.moments import zone_of
from reports.making import made
from reports.running.models import Run, RunState

logger = logging.getLogger(__name__)

MOST_OPEN = 5
ATTEMPTS = 3
LEASE = timedelta(minutes=5)
QUIET = timedelta(seconds=30)


class TooManyRuns(Exception):
    """The person already waits for MOST_OPEN runs."""


@transaction.atomic
def ask_run(*, by: User, report: str, query: str, file: str, now: datetime) -> Run:
    """A row that the worker will count; the same question still open is not asked twice.

    Raises TooManyRuns.
    """
    User.objects.select_for_update().get(pk=by.pk)
    waiting = list(Run.objects.of(by).open())
    for row in waiting:
        if (row.report, row.query, row.file) == (report, query, file):
            return row
    if len(waiting) >= MOST_OPEN:
        raise TooManyRuns
    return Run.objects.create(user=by, report=report, query=query, file=file, asked_at=now)


def quiet_runs(now: datetime) -> list[int]:
    """Open ones whose wake-up was lost or whose worker died, the oldest first."""
    rows = Run.objects.open().filter(asked_at__lt=now - QUIET)
    free = rows.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))
    return list(free.order_by("asked_at").values_list("pk", flat=True)[:100])


def work_on(*, pk: int, now: datetime) -> bool:
    """Count one run; False when another worker has it or it is over. Safe to call twice."""
    run = _claim(pk, now)
    if run is None:
        return False
    try:
        with (
            translation.override(run.user.language),
            timezone.override(zone_of(run.user.time_zone)),
        ):
            _count(run)
    except PermissionDenied as refusal:
        _end(run, RunState.FAILED, problem=str(refusal)[:300])
    except Exception:
        logger.exception("run %s failed", pk)
        if run.attempts >= ATTEMPTS:
            with translation.override(run.user.language):
                problem = _("It failed several times; the log of the worker says why.")
            _end(run, RunState.FAILED, problem=problem)
        else:
            _own(run).update(state=RunState.WAITING, claimed_until=None)
    return True


def _claim(pk: int, now: datetime) -> Run | None:
    """Lease the row; its microseconds are the token of this worker."""
    until = now + LEASE
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = Run.objects.open().filter(free, pk=pk)
    taken = rows.update(claimed_until=until, attempts=F("attempts") + 1, state=RunState.COUNTING)
    if not taken:
        return None
    run = Run.objects.select_related("user").get(pk=pk)
    if run.attempts > ATTEMPTS:  # its workers died, maybe of it
        with translation.override(run.user.language):
            _end(run, RunState.FAILED, problem=_("It takes too long; narrow the report."))
        return None
    return run


def _own(run: Run) -> QuerySet[Run]:
    """The row while it is open and leased to this worker."""
    return Run.objects.open().filter(pk=run.pk, claimed_until=run.claimed_until)


def _count(run: Run) -> None:
    if not run.user.is_active:
        raise PermissionDenied(_("The person is deactivated."))
    found = made(run.report, run.query, run.user)
    report = found.report
    if report is None or report.empty:
        _end(run, RunState.DONE, answer=report.empty if report else "")
        return
    _own(run).update(state=RunState.WRITING)
    content, mime, name = found.file(run.file)
    answer = " ".join(report.answer)
    _end(run, RunState.DONE, answer=answer, content=content, mime=mime, file_name=name)


@transaction.atomic
def _end(run: Run, state: str, **columns: Any) -> None:
    """The result and the notice in one commit; nothing when the lease was lost."""
    now = timezone.now()
    if not _own(run).update(state=state, finished_at=now, claimed_until=None, **columns):
        return
    with translation.override(run.user.language):
        text = _("The report is ready.") if state == RunState.DONE else _("The report failed.")
        notify(
            user_id=run.user_id,
            kind=NotificationKind.SYSTEM,
            key=f"report-run:{run.pk}",
            text=text,
            url=run.get_absolute_url(),
            now=now,
        )


def purge_runs(*, now: datetime) -> int:
    """Remove results older than REPORT_RUN_DAYS; how many."""
    before = now - timedelta(days=settings.REPORT_RUN_DAYS)
    return Run.objects.filter(finished_at__lt=before).delete()[0]
