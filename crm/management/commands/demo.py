"""manage.py demo load | clear | logins."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.services.roles import PRESET_NAMES
from crm.demo import company
from crm.demo.staff import PASSWORD, STAFF, email_of


class Command(BaseCommand):
    """The demo company: load it, remove it, print who may sign in."""

    help = "Demo company: load, clear, logins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["load", "clear", "logins"])
        parser.add_argument("--seed", type=int, default=company.SEED)

    def handle(self, *args: Any, action: str, seed: int, **options: Any) -> None:
        started = monotonic()
        if action == "load":
            self._load(seed)
        elif action == "clear":
            self._clear()
        else:
            self._logins()
            return
        self.stdout.write(f"{monotonic() - started:.1f} s")

    def _load(self, seed: int) -> None:
        try:
            counts = company.load(now=timezone.now(), seed=seed)
        except company.DemoPresent as error:
            raise CommandError(_("The demo company is loaded already.")) from error
        self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))
        self._logins()

    def _clear(self) -> None:
        left = company.clear()
        for name, count in left.items():
            words = {"name": name, "count": count}
            self.stdout.write(_("Left, real records need them: %(name)s %(count)d.") % words)

    def _logins(self) -> None:
        if not company.is_loaded():
            raise CommandError(_("The demo company is not loaded."))
        table = "\n".join(login_lines())
        self.stdout.write(table)
        if settings.DEMO_LOGINS_FILE:
            file = Path(settings.DEMO_LOGINS_FILE)
            file.write_text(table + "\n", encoding="utf-8")
            file.chmod(0o600)


def login_lines() -> list[str]:
    """Person, role, e-mail, password in columns."""
    with translation.override("en"):
        rows = [(_("Person"), _("Role"), _("E-mail"), _("Password"))]
        rows += [
            (f"{hand.last} {hand.first}", str(PRESET_NAMES[hand.preset]), email_of(hand), PASSWORD)
            for hand in STAFF
        ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
