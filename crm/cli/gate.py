"""The gate: everything that is checked without running the tests."""

import os
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from crm.cli.console import complain, say
from crm.cli.folders import ROOT

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One tool of the gate and what it printed."""

    name: str
    command: list[str]

    def run(self, environment: dict[str, str]) -> tuple[int, str, float]:
        """(exit code, output, seconds)."""
        started = time.monotonic()
        done = subprocess.run(
            self.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, time.monotonic() - started


def module(name: str, *arguments: str) -> list[str]:
    """A tool run by the interpreter of this environment."""
    return [sys.executable, "-m", name, *arguments]


def checks() -> list[Check]:
    """The checks, the slow ones first."""
    manage = [sys.executable, "manage.py"]
    found = [
        Check("types", module("mypy", *typed_files())),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("system", [*manage, "check", "--fail-level", "WARNING"]),
        Check("layers", [str(BIN / "lint-imports")]),
        Check("format", module("ruff", "format", "--check", "--quiet", ".")),
        Check("lint", module("ruff", "check", "--quiet", ".")),
        Check("sizes", module("crm.cli.sizes")),
        Check("locks", module("crm.cli.locks")),
    ]
    pages = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("**/templates/**/*.html"))
    pages = [page for page in pages if not page.startswith((".", "var/"))]
    if pages and (BIN / "djade").exists():
        found.append(Check("templates", [str(BIN / "djade"), "--check", *pages]))
    if list(ROOT.glob("*/management/commands/messages.py")):
        found.append(Check("messages", [*manage, "messages", "check"]))
    return found


def typed_files() -> list[str]:
    """Files of `[tool.mypy] files` that exist; a room without tasks is no error."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    paths = {path for pattern in settings["files"] for path in ROOT.glob(pattern)}
    return sorted(str(path.relative_to(ROOT)) for path in paths if "migrations" not in path.parts)


def run_gate(environment: dict[str, str]) -> int:
    """Run all checks, two at a time; 1 when one failed, with its output."""
    failed = []
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        listed = checks()
        running = [pool.submit(check.run, environment) for check in listed]
        for check, future in zip(listed, running, strict=True):
            code, output, seconds = future.result()
            say(f"{check.name + ':':<12} {'ok' if code == 0 else 'FAILED'} ({seconds:.1f} s)")
            if code != 0:
                failed.append(check.name)
                complain(output.rstrip())
    if failed:
        complain(f"The gate is shut: {', '.join(failed)}")
    return 1 if failed else 0
