"""manage.py import RECORD FILE --mapping FILE.json [--as EMAIL] [--dry-run] [--report OUT.csv]."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crm.importing.mapping import load_mapping
from crm.importing.problems import ImportRefused, Outcome, summary, write_report
from crm.importing.runner import import_table
from crm.importing.targets import TARGETS

SHOWN = 30


class Command(BaseCommand):
    """Imports a table; docs/import.md explains the mapping."""

    help = "Import departments, users, companies, contacts, products, leads, deals, activities."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record", choices=sorted(TARGETS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True)
        parser.add_argument("--as", dest="email", help="the person who imports, with his rights")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--report", type=Path, help="a CSV file for every finding")

    def handle(self, *args: Any, **options: Any) -> None:
        started = monotonic()
        try:
            outcome = import_table(
                record=options["record"],
                path=options["file"],
                mapping=load_mapping(options["mapping"]),
                by=self._person(options["email"]),
                now=timezone.now(),
                dry_run=options["dry_run"],
            )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        if options["report"]:
            write_report(options["report"], outcome.problems)
        self._print(outcome, monotonic() - started, options)

    def _person(self, email: str | None) -> User | None:
        if not email:
            return None
        person = User.objects.filter(email=email.lower(), is_active=True).first()
        if person is None:
            raise CommandError(_("There is no active person %(email)s.") % {"email": email})
        return person

    def _print(self, outcome: Outcome, seconds: float, options: dict[str, Any]) -> None:
        lines = summary(outcome.problems)
        for line in lines[:SHOWN]:
            self.stdout.write(line)
        if len(lines) > SHOWN:
            self.stdout.write(_("… and %(count)d more kinds.") % {"count": len(lines) - SHOWN})
        dry = _(" (dry run, nothing written)") if options["dry_run"] else ""
        self.stdout.write(f"{options['record']}: {outcome.counts()}, {seconds:.1f} s{dry}")
