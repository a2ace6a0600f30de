"""manage.py sweep [--once]: the periodic work without Celery, for the day when it is off."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Runs each task of the beat schedule in this process at its interval.

    Safe beside running workers: every sweep takes its rows with a lease.
    """

    help = "Run the periodic tasks in a loop without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Run every task once and stop.")
        parser.add_argument("--only", nargs="*", help="Names of the schedule, such as reminders.")

    def handle(self, *args: Any, once: bool, only: list[str] | None, **options: Any) -> None:
        schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
        entries = {name: entry for name, entry in schedule.items() if not only or name in only}
        due = dict.fromkeys(entries, 0.0)
        while True:
            for name, entry in entries.items():
                if time.monotonic() >= due[name]:
                    self._run(name, entry["task"])
                    due[name] = time.monotonic() + entry["schedule"]
            if once:
                return
            time.sleep(1)

    def _run(self, name: str, task_name: str) -> None:
        if not connection.in_atomic_block:
            close_old_connections()
        failed = import_string(task_name).apply().failed()
        self.stdout.write(f"{name}: {'failed' if failed else 'done'}")
