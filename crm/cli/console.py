"""What the person at the terminal reads: one line per step, problems in plain words."""

import contextlib
import sys
import time
from collections.abc import Iterator


class Problem(Exception):
    """Something the person can mend; shown as its text alone, never as a traceback."""


def say(text: str = "") -> None:
    """Print a line; a closed terminal is not an error, the servers still have to be stopped."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def complain(text: str) -> None:
    """Print a line to the error stream."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


class Note:
    """What a step found out, shown at the end of its line."""

    text = ""


@contextlib.contextmanager
def step(name: str) -> Iterator[Note]:
    """One line for one step, with what it found and how long it took in seconds."""
    note = Note()
    started = time.monotonic()
    if sys.stdout.isatty():
        with contextlib.suppress(OSError):
            print(f"{name + ':':<12} …", end="\r", flush=True)
    yield note
    tail = f" {note.text}" if note.text else ""
    say(f"{name + ':':<12}{tail} ({time.monotonic() - started:.1f} s)")
