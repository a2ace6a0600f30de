"""The real server on a free loopback port, and a client with a person's session."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore

from accounts.models import User
from benchmarks.middleware import HEADER

HOST = "127.0.0.1"
WAIT = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: wall and server milliseconds, SQL, bytes."""

    status: int
    wall: float
    server: float
    cpu: float
    queries: int
    sql: float
    size: int
    body: str
    slowest: str


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def running(database: str) -> Iterator[int]:
    """Start granian on the database; the port while it runs."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database,
        "CRM_BENCH": "1",
        "EXTRA_MIDDLEWARE": "benchmarks.middleware.BenchMiddleware",
        "DEBUG": "0",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws"]
    child = subprocess.Popen([*command, "crm.wsgi:application"], env=environment)
    try:
        _until_it_answers(port)
        yield port
    finally:
        child.terminate()
        child.wait(20)


def _until_it_answers(port: int) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server does not answer.")


class Browser:
    """A keep-alive connection with the session of a person."""

    def __init__(self, port: int, user: User) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.cookies = {settings.SESSION_COOKIE_NAME: session.session_key}

    def get(self, path: str) -> Answer:
        """A full page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """A form; the token of the last page is sent along."""
        token = self.cookies.get(settings.CSRF_COOKIE_NAME, "")
        return self._ask("POST", path, urlencode(fields | {"csrfmiddlewaretoken": token}))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        wall = (perf_counter() - started) * 1000
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _mark, value = cookie.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        queries, sql, server, cpu = (response.headers.get(HEADER) or "0 0 0 0").split()
        slowest = response.headers.get("X-Bench-Slowest", "")
        return Answer(
            response.status,
            wall,
            float(server),
            float(cpu),
            int(queries),
            float(sql),
            len(content),
            content.decode("utf-8", "replace"),
            slowest,
        )
