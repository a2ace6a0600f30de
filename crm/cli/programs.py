"""How web server, worker and beat are started: by the supervisor here, by compose elsewhere."""

import os
import sys
from pathlib import Path

from crm.cli.environment import web_host, web_port

THREADS = 4  # database connections stay below workers x threads


def web_command() -> list[str]:
    """Granian over WSGI; a worker process per core, at most four by default."""
    workers = os.environ.get("WEB_WORKERS") or str(min(4, os.cpu_count() or 1))
    threads = os.environ.get("WEB_THREADS") or str(THREADS)
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", web_host(), "--port", str(web_port())),
        *("--workers", workers, "--blocking-threads", threads, "--backlog", "512"),
        *("--workers-kill-timeout", "5", "--respawn-failed-workers", "--no-ws"),
        "crm.wsgi:application",
    ]


def worker_command() -> list[str]:
    """The Celery worker that gives leads out and sends reminders."""
    concurrency = os.environ.get("WORKER_CONCURRENCY") or "2"
    return [
        *(sys.executable, "-m", "celery", "--app", "crm.celery", "worker"),
        *("--concurrency", concurrency, "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]


def beat_command(run: Path) -> list[str]:
    """The clock: due work lies in PostgreSQL, the schedule file only remembers the last beat."""
    return [
        *(sys.executable, "-m", "celery", "--app", "crm.celery", "beat"),
        *("--loglevel", "INFO", "--schedule", str(run / "beat-schedule")),
    ]
