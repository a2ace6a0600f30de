"""Looking at and ending processes, on Linux through /proc and elsewhere through ps."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int) -> Callable[[], None] | None:
    """A `preexec_fn`: the child gets the signal when its parent dies by any means (Linux only)."""
    if _libc is None:
        return None
    parent = os.getpid()

    def prepare() -> None:
        # A shell without job control starts `… &` deaf to it, and children inherit that.
        signal.signal(number, signal.SIG_DFL)
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def all_commands() -> Iterator[tuple[int, int, str]]:
    """(pid, process group, command line) of every process that can be seen."""
    if not Path("/proc/self/stat").exists():
        yield from _commands_by_ps()
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                yield int(entry.name), int(fields[2]), command.strip()


def _commands_by_ps() -> Iterator[tuple[int, int, str]]:
    listing = subprocess.run(
        ["ps", "-axo", "pid=,pgid=,command="], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        pid, group, command = line.split(None, 2)
        yield int(pid), int(group), command


def command_of(pid: int) -> str:
    """Command line of a living process, empty when there is none."""
    return next((command for number, _, command in all_commands() if number == pid), "")


def group_members(group: int, *marks: str) -> list[int]:
    """Living processes of a process group whose command line holds one of the marks."""
    return [
        pid
        for pid, number, command in all_commands()
        if number == group and any(mark in command for mark in marks)
    ]


def send(pid: int, number: int) -> None:
    """Signal one process; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def send_group(group: int, number: int) -> None:
    """Signal a whole process group; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """True as soon as the condition holds, False when it did not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def stop(child: subprocess.Popen, number: int = signal.SIGTERM, seconds: float = 15) -> None:
    """End a child that leads its own process group: ask, wait, then kill what is left of it."""
    if child.poll() is None:
        send(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    send_group(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)
