"""`crm doctor`: what the machine has and lacks, one line each."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator

from crm.cli import machine
from crm.cli.console import Problem, say
from crm.cli.environment import own_address, web_port
from crm.cli.folders import DataFolder
from crm.cli.postgres import find_binaries
from crm.cli.valkey import find_server

SMALL_DISK = 2 * 1024**3  # bytes


def main() -> int:
    """Print every finding; 1 when something the CRM itself needs is missing."""
    findings = list(look())
    for name, text, is_good in findings:
        say(f"{'ok  ' if is_good else 'LACK'}  {name:<11} {text}")
    return 0 if all(good for name, _, good in findings if name in {"PostgreSQL", "Valkey"}) else 1


def look() -> Iterator[tuple[str, str, bool]]:
    """(what, finding, it is good) for everything the CRM can use."""
    yield "system", f"{platform.platform()}, {os.cpu_count()} cores", True
    yield "Python", platform.python_version(), (3, 12) <= sys.version_info[:2] < (3, 15)
    yield database()
    yield queue()
    node = machine.find_node()
    yield (
        "node",
        machine.version_of(node, "--version") if node else "none: make run installs it",
        bool(node),
    )
    lacking = machine.lacks_pango()
    yield (
        "Pango",
        f"lacks {', '.join(lacking)}: no PDF, print view instead. "
        + machine.advice(machine.PANGO_PACKAGES, "pango")
        if lacking
        else "found",
        not lacking,
    )
    yield chromium()
    yield fonts()
    yield folder()


def chromium() -> tuple[str, str, bool]:
    """Chromium, for the tests only."""
    program = machine.find_chromium()
    text = machine.version_of(program, "--version") if program else ""
    hint = f"none: needed by the tests only. {machine.advice('chromium', '--cask google-chrome')}"
    return "Chromium", text or hint, bool(text)


def fonts() -> tuple[str, str, bool]:
    """A font with Ukrainian letters, for PDF."""
    known = machine.has_cyrillic_font()
    hint = f"none with Ukrainian letters: {machine.advice('fonts-dejavu-core', 'font-dejavu')}"
    texts = {True: "Ukrainian letters found", False: hint, None: "cannot tell (no fontconfig)"}
    return "fonts", texts[known], known is not False


def database() -> tuple[str, str, bool]:
    """DATABASE_URL or the embedded server's version."""
    if os.environ.get("DATABASE_URL"):
        return "PostgreSQL", "DATABASE_URL is set", True
    return _program("PostgreSQL", lambda: str(find_binaries() / "postgres"))


def queue() -> tuple[str, str, bool]:
    """REDIS_URL or the embedded server's version."""
    if os.environ.get("REDIS_URL"):
        return "Valkey", "REDIS_URL is set", True
    return _program("Valkey", lambda: str(find_server()))


def _program(name: str, find: Callable[[], str]) -> tuple[str, str, bool]:
    try:
        path = find()
    except Problem as problem:
        return name, str(problem), False
    text = machine.version_of(path, "--version")
    return name, f"{text or 'does not run'} ({path})", bool(text)


def folder() -> tuple[str, str, bool]:
    """Where the data are, whether it runs, the space left."""
    data = DataFolder.from_environment()
    free = shutil.disk_usage(data.path).free
    running = f"not running, port {web_port()}"
    if data.is_locked():
        running = f"running at {data.state().get('address') or own_address()}"
    return "data", f"{data.path}, {free / 1024**3:.1f} GB free, {running}", free > SMALL_DISK
