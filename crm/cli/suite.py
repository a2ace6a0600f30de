"""`crm test`, `check`, `matrix`, `journeys`, `bench`: on servers of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from crm.cli import machine
from crm.cli.console import Problem, say
from crm.cli.environment import complete
from crm.cli.folders import ROOT, DataFolder
from crm.cli.gate import run_gate
from crm.cli.servers import Servers
from crm.cli.up import prepare

SLOWEST = ["--durations=30", "--durations-min=5"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered"]


@contextlib.contextmanager
def throw_away() -> Iterator[dict[str, str]]:
    """The environment of servers that live in a temporary folder and do not care for durability."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Path(tempfile.mkdtemp(prefix="crm-test-"))
    folder = DataFolder(place)
    folder.make()
    (ROOT / "static" / "dist").mkdir(
        exist_ok=True
    )  # the gate does not need the assets, only a place
    servers = Servers(folder, throw_away=True)
    try:
        servers.start()
        os.environ.setdefault("SECRET_KEY", "only-for-tests")
        environment = complete(folder, servers.urls) | {"CHROMIUM": machine.find_chromium()}
        with tables_to_copy(environment) as copying:
            yield copying
    finally:
        servers.stop()
        if servers.postgres and servers.postgres.home != place:
            shutil.rmtree(servers.postgres.home, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run a program of the suite in the checkout; its exit code."""
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def require_machine() -> None:
    """Nothing is skipped: what the machine lacks stops the suite."""
    missing = machine.missing_for_tests()
    if missing:
        raise Problem("\n".join(missing))


def ready(environment: dict[str, str]) -> None:
    """Assets, catalogues and static files as in production, and tables to copy from."""
    required = environment | {"CRM_ASSETS_REQUIRED": "1"}
    prepare(required, ("migrate",), ("assets", "messages", "static"))


@contextlib.contextmanager
def tables_to_copy(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """A database of its own for the migrations; each process of the suite copies it when migrated.

    The configured database is never touched: on servers of one's own it may hold real records.
    """
    parts = urlsplit(environment["DATABASE_URL"])
    name = f"crm_tables_{os.getpid()}"
    url = parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield environment | {"DATABASE_URL": url, "TEST_TEMPLATE": name}
    finally:
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def pytest(environment: dict[str, str], *arguments: str) -> int:
    """pytest of this environment."""
    return run([sys.executable, "-m", "pytest", *arguments], environment)


def processes() -> str:
    """How many share the suite: one above the cores, for some always wait for a browser."""
    return str((os.cpu_count() or 1) + 1)


def test(arguments: list[str]) -> int:
    """The gate, then the whole suite with coverage; with arguments only what they choose."""
    require_machine()
    with throw_away() as environment:
        ready(environment)
        if arguments:
            return pytest(environment, *arguments)
        measured = environment | {"COVERAGE_CORE": "sysmon"}  # a fifth quicker than tracing
        return run_gate(environment) or pytest(measured, "-n", processes(), *SLOWEST, *COVERAGE)


def check(arguments: list[str]) -> int:
    """The gate alone."""
    with throw_away() as environment:
        prepare(environment, ("messages",))
        return run_gate(environment)


def journeys(arguments: list[str]) -> int:
    """The journeys in a real browser."""
    require_machine()
    with throw_away() as environment:
        ready(environment)
        return pytest(environment, "tests/e2e", "-q", *arguments)


def matrix(arguments: list[str]) -> int:
    """The permission matrix; the last line printed is its summary."""
    command = [sys.executable, "-m", "pytest", "tests/matrix", "-q", "-n", "auto"]
    command += ["--ignore", "tests/matrix/test_bad_input.py", *arguments]
    with throw_away() as environment:
        prepare(environment, ("migrate",), ("messages", "static"))
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            summary = ""
            for line in child.stdout or ():
                say(line.rstrip("\n"))
                if "urls" in line and "cells" in line:
                    summary = line.strip()
        if summary:
            say(summary)
        return child.returncode


def bench(arguments: list[str]) -> int:
    """The measured pages, on durable servers of their own that keep the generated data."""
    data = DataFolder.from_environment()
    folder = DataFolder(data.path / "bench")
    folder.make()
    with folder.locked("bench"):
        servers = Servers(folder)
        try:
            servers.start()
            environment = complete(folder, servers.urls)
            environment |= {"REQUESTS_PER_MINUTE": "0", "EXPORTS_PER_HOUR": "0"}
            prepare(environment, ("migrate",), ("messages", "assets", "static"))
            return run([sys.executable, "-m", "benchmarks", *arguments], environment)
        finally:
            servers.stop()
            folder.forget()
