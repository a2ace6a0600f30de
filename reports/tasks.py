"""Background work: one service call each."""

from celery import shared_task
from django.utils import timezone

from leads.scoring import giving, training
from records.history import cause
from reports import scores, services
from reports.forecast.keeping import keep_fits
from reports.purchases import today
from reports.running import services as running
from reports.sending.sweep import sweep_schedules


@shared_task(name="reports.tasks.refresh_customer_values")
def refresh_customer_values() -> None:
    """Bring the stored customer values up to today; safe to run twice or at the same time."""
    with cause("task", task="reports.tasks.refresh_customer_values"):
        services.refresh_customer_values(as_of=today(), now=timezone.now())


@shared_task(name="reports.tasks.store_scores")
def store_scores() -> None:
    """Score the customers of the months that are over; safe to run twice."""
    with cause("task", task="reports.tasks.store_scores"):
        scores.store_missing(today())


@shared_task(name="reports.tasks.keep_forecasts")
def keep_forecasts() -> None:
    """Make the missing fits of the forecast; safe to run twice."""
    with cause("task", task="reports.tasks.keep_forecasts"):
        keep_fits(today=today(), now=timezone.now())


@shared_task(name="reports.tasks.train_lead_score")
def train_lead_score() -> None:
    """Teach the lead score anew when a week is over; safe to run twice or at the same time."""
    with cause("task", task="reports.tasks.train_lead_score"):
        training.train_when_due(now=timezone.now())


@shared_task(name="reports.tasks.score_leads")
def score_leads() -> None:
    """Score new and changed leads; safe to run twice."""
    with cause("task", task="reports.tasks.score_leads"):
        giving.refresh(now=timezone.now())


@shared_task(name="reports.tasks.send_reports", soft_time_limit=240, time_limit=270, expires=60)
def send_reports() -> None:
    """Send the reports that are due; beat wakes it, the rows in PostgreSQL are what counts."""
    with cause("task", task="reports.tasks.send_reports"):
        sweep_schedules(now=timezone.now())


@shared_task(name="reports.tasks.run_report", soft_time_limit=240, time_limit=270)
def run_report(pk: int) -> None:
    """Count a report asked for in the background; safe to run twice."""
    with cause("task", task="reports.tasks.run_report"):
        running.work_on(pk=pk, now=timezone.now())


@shared_task(name="reports.tasks.sweep_runs", expires=60)
def sweep_runs() -> None:
    """Wake up runs whose call was lost; Redis may be emptied at any moment."""
    for pk in running.quiet_runs(timezone.now()):
        run_report.delay(pk)


@shared_task(name="reports.tasks.purge_runs", expires=3600)
def purge_runs() -> None:
    """Remove results older than REPORT_RUN_DAYS; safe to run twice."""
    running.purge_runs(now=timezone.now())
