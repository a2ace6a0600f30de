"""manage.py refresh_values [--as-of YYYY-MM-DD]: fit and store customer values now."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.purchases import today


class Command(BaseCommand):
    """Runs the refresh that the worker runs every hour."""

    help = "Fit the customer-value models and store a new current run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        from reports.services import refresh_customer_values

        run = refresh_customer_values(as_of=options["as_of"] or today(), now=timezone.now())
        if run is None:
            raise CommandError("Another process is refreshing the values.")
        words = ", ".join(warning["code"] for warning in run.warnings) or "none"
        self.stdout.write(f"As of {run.as_of}: {run.customers} customers; warnings: {words}.")
