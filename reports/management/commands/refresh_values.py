"""manage.py refresh_values [--as-of DAY] [--scores] [--forecast] [--leads]: store results now."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.forecast.keeping import keep_fits
from reports.purchases import today
from reports.scores import month_ends, store_month


class Command(BaseCommand):
    """Runs the refresh that the worker runs every hour."""

    help = "Fit the customer-value models and store a new current run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, default=None)
        parser.add_argument("--scores", action="store_true", help="score the last months anew")
        parser.add_argument("--leads", action="store_true", help="teach the lead score anew")
        parser.add_argument("--forecast", action="store_true", help="fit the forecasts anew")

    def handle(self, *args: Any, **options: Any) -> None:
        from reports.services import refresh_customer_values

        if options["scores"]:
            for month in month_ends(today()):
                self.stdout.write(f"{month:%Y-%m}: {store_month(month)} customers scored.")
            return
        if options["forecast"]:
            made = keep_fits(today=today(), now=timezone.now(), anew=True)
            self.stdout.write(f"{made} fits of the forecast made.")
            return

        if options["leads"]:
            self._leads()
            return
        run = refresh_customer_values(as_of=options["as_of"] or today(), now=timezone.now())
        if run is None:
            raise CommandError("Another process is refreshing the values.")
        words = ", ".join(warning["code"] for warning in run.warnings) or "none"
        self.stdout.write(f"As of {run.as_of}: {run.customers} customers; warnings: {words}.")

    def _leads(self) -> None:
        """Train and score every open lead."""
        from leads.scoring import giving, training

        fit = training.train(now=timezone.now())
        if fit is None:
            raise CommandError("Another process is training the lead score.")
        scored = giving.refresh(now=timezone.now(), at_most=10**6)
        auc = fit.measures.get("auc")
        self.stdout.write(
            f"{fit.kind}: {fit.won} won, {fit.lost} lost, AUC {auc}; {scored} scored."
        )
