"""manage.py messages update | check | compile | missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import catalogues


class Command(BaseCommand):
    """Keeps the ru and uk catalogues in step with the sources."""

    help = "Message catalogues: update, check, compile, missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "check", "compile", "missing"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        root = settings.BASE_DIR
        if action == "compile":
            catalogues.compile_all(root)
        elif action == "update":
            for language in catalogues.LANGUAGES:
                catalogues.write(root, language, catalogues.updated(root, language))
        else:
            self._report(catalogues.problems(root), action)

    def _report(self, problems: list[str], action: str) -> None:
        for line in problems:
            self.stdout.write(line)
        if problems and action == "check":
            raise CommandError(f"{len(problems)} problems in the message catalogues.")
