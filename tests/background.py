"""The product's own worker and beat in processes of their own, on the test database."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

from crm.celery import app

PATIENCE = 120  # seconds; a busy machine takes its time


class Box:
    """Keeps the letters that the SMTP server took."""

    def __init__(self) -> None:
        self.letters: list = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class FreePort(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def database_url() -> str:
    """Address of the test database for another process."""
    where = urlsplit(os.environ["DATABASE_URL"])
    query = f"?{where.query}" if where.query else ""
    return f"{where.scheme}://{where.netloc}/{connection.settings_dict['NAME']}{query}"


@contextmanager
def own_queue() -> Iterator[str]:
    """A prefix of keys in Redis that only this test and its processes use."""
    prefix = f"e2e-{uuid4().hex[:8]}:"
    former = app.conf.broker_transport_options
    app.conf.broker_transport_options = {**former, "global_keyprefix": prefix}
    forget_connections()
    yield prefix
    lost = lose_messages(prefix)
    app.conf.broker_transport_options = former
    forget_connections()
    assert lost < 20


def forget_connections() -> None:
    """The next task opens a connection by the present options."""
    app._pool = None
    app.amqp._producer_pool = None


def lose_messages(prefix: str) -> int:
    """Delete every key of the queue, as an emptied Redis would; how many there were."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        keys = list(client.scan_iter(f"{prefix}*"))
        return int(client.delete(*keys)) if keys else 0


@contextmanager
def programs(
    *commands: list[str], queue: str, folder: Path, mail_port: int
) -> Iterator[list[subprocess.Popen]]:
    """The command lines as processes that end with the block; each has its log in the folder."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "QUEUE_PREFIX": queue,
        "CACHE_PREFIX": queue,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
    }
    with ExitStack() as stack:
        started = []
        for number, command in enumerate(commands):
            log = stack.enter_context((folder / f"{number}.log").open("w"))
            process = subprocess.Popen(
                command, env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log
            )
            stack.callback(end, process)
            started.append(process)
            until(partial(is_up, process, folder / f"{number}.log"))
            assert process.poll() is None, (folder / f"{number}.log").read_text()
        yield started


def is_up(process: subprocess.Popen, log: Path) -> bool:
    """It says that it works, or it has ended."""
    text = log.read_text()
    return " ready." in text or "beat: Starting" in text or process.poll() is not None


def end(process: subprocess.Popen) -> None:
    """Ask, wait, then kill."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for the condition, or fail."""
    stop = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < stop, "waited in vain"
        time.sleep(0.1)
