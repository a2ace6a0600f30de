"""manage.py import RECORD FILE --mapping FILE.json [--as EMAIL] [--dry-run] [--report OUT.csv].

Two tables need no mapping: manage.py import purchases FILE [--make contact|company] and
manage.py import costs FILE.
"""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crm.importing.costs import import_costs
from crm.importing.mapping import load_mapping
from crm.importing.problems import ImportRefused, Outcome, summary, write_report
from crm.importing.purchases import MADE, import_purchases
from crm.importing.runner import import_table
from crm.importing.targets import TARGETS

SHOWN = 30
PURCHASES, COSTS = "purchases", "costs"


class Command(BaseCommand):
    """Imports a table; docs/import.md explains the mapping."""

    help = "Import a table of records, the purchases made before the CRM, or costs of sources."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record", choices=sorted([*TARGETS, PURCHASES, COSTS]))
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="all but purchases and costs need it")
        parser.add_argument("--make", choices=MADE, help="purchases: what an unknown customer is")
        parser.add_argument("--as", dest="email", help="the person who imports, with his rights")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--report", type=Path, help="a CSV file for every finding")

    def handle(self, *args: Any, **options: Any) -> None:
        started = monotonic()
        try:
            outcome = self._import(options)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        if options["report"]:
            write_report(options["report"], outcome.problems)
        self._print(outcome, monotonic() - started, options)

    def _import(self, options: dict[str, Any]) -> Outcome:
        asked = {
            "path": options["file"],
            "by": self._person(options["email"]),
            "now": timezone.now(),
            "dry_run": options["dry_run"],
        }
        if options["record"] == PURCHASES:
            return import_purchases(make=options["make"] or "", **asked)
        if options["record"] == COSTS:
            return import_costs(**asked)
        if not options["mapping"]:
            raise CommandError(_("Name the mapping file: --mapping FILE.json."))
        mapping = load_mapping(options["mapping"])
        return import_table(record=options["record"], mapping=mapping, **asked)

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
