"""Keeps web server, worker and beat alive and ends them in order."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crm.cli import processes
from crm.cli.console import say
from crm.cli.folders import ROOT, DataFolder

LOG_LIMIT = 10 * 1024 * 1024  # bytes; then the log moves to NAME.log.1
LONGEST_PAUSE = 30.0  # seconds between two attempts to start a child that keeps dying
CALM = 60.0  # seconds of life after which a death counts as the first again


@dataclass
class Child:
    """One program that must be running; restarted with a doubling pause when it dies."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    last_signal: int = signal.SIGTERM  # what it gets when the supervisor itself is killed
    patience: float = 15
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    deaths: int = 0
    retry_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in its own process group, out of reach of the terminal's Ctrl-C."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(self.last_signal),
            )
        self.started_at = time.monotonic()
        self.retry_at = 0.0

    def tend(self) -> bool:
        """Notice a death, start again when the pause is over; True when it was started."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        if not self.retry_at:
            self.deaths = 1 if now - self.started_at > CALM else self.deaths + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (self.deaths - 1))
            self.retry_at = now + pause
            processes.send_group(self.process.pid, signal.SIGKILL)
            say(
                f"{self.name}: ended with code {self.process.returncode}, "
                f"again in {pause:.0f} s; its log: {self.log}"
            )
        if now < self.retry_at:
            return False
        self.start()
        return True

    def stop(self) -> None:
        """End it and everything it started."""
        if self.process:
            processes.stop(self.process, signal.SIGTERM, self.patience)
            self.process = None


class StopRequest(Exception):
    """Ctrl-C, SIGTERM or a closed terminal; raised out of whatever is being done."""


class StopSignals:
    """Turns signals into one StopRequest while starting, later into a flag only."""

    def __init__(self) -> None:
        self.asked = False
        self.may_raise = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup wants us to stay
            signal.signal(signal.SIGHUP, self._handle)

    def _handle(self, *_: object) -> None:
        if not self.asked:
            self.asked = True
            if self.may_raise:
                raise StopRequest


class Supervisor:
    """Holds the children of one installation."""

    def __init__(self, folder: DataFolder, signals: StopSignals) -> None:
        self.folder = folder
        self.signals = signals
        self.children: list[Child] = []

    def add(self, child: Child) -> None:
        """Start a child and remember its pid for the case that we are killed."""
        rotate(child.log)
        self.children.append(child)
        child.start()
        self._note()

    def watch(self, revive_servers: Callable[[], None]) -> None:
        """Until asked to stop, start again whatever has died."""
        next_rotation = time.monotonic() + 60
        while not self.signals.asked:
            revive_servers()
            if any([child.tend() for child in self.children]):
                self._note()
            if time.monotonic() > next_rotation:
                for log in (self.folder.path / "log").glob("*.log"):
                    rotate(log)
                next_rotation += 60
            time.sleep(0.2)

    def stop(self) -> None:
        """Web first: no new work comes in while the worker finishes."""
        for child in self.children:
            started = time.monotonic()
            child.stop()
            say(f"{child.name + ':':<12} stopped ({time.monotonic() - started:.1f} s)")
        self.children = []

    def _note(self) -> None:
        pids = {child.name: child.process.pid for child in self.children if child.process}
        self.folder.note(children=pids)


def rotate(log: Path) -> None:
    """Keep a log and one older part; copied and cut, because the program holds the file open."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
