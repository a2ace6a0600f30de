"""manage.py sweep [--once]: the periodic work without Celery, for the day when it is off."""

import time
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections


class Command(BaseCommand):
    """Runs each task of the beat schedule in this process at its interval.

    Safe beside running workers: every sweep takes its rows with a lease.
    """

    help = "Run the periodic tasks in a loop without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Run every task once and stop.")
        parser.add_argument("--only", nargs="*", help="Names of the schedule, such as reminders.")

    def handle(self, *args: Any, once: bool, only: list[str] | None, **options: Any) -> None:
        current_app.loader.import_default_modules()
        entries = {
            name: entry
            for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
            if not only or name in only
        }
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
        task = current_app.tasks.get(task_name)
        if task is None:
            self.stderr.write(f"{name}: no task {task_name}")
            return
        close_old_connections()
        failed = task.apply().failed()
        self.stdout.write(f"{name}: {'failed' if failed else 'done'}")
