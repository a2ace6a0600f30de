"""The data folder: what lies where, its lock, its secrets, and the note of what is running."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.cli.console import Problem

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class DataFolder:
    """CRM_DATA_DIR. Everything an installation must keep is in here; back it up as a whole."""

    path: Path

    @classmethod
    def from_environment(cls) -> "DataFolder":
        """CRM_DATA_DIR, counted from the checkout when relative; `var` when not set."""
        folder = cls((ROOT / os.environ.get("CRM_DATA_DIR", "var")).resolve())
        folder.make()
        return folder

    def make(self) -> None:
        """Create the folders; as root others may pass through, for the database's own user."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            for name in ("", "run", "log", "secrets", "media"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            self.path.chmod(mode)
            for name in ("run", "log", "secrets", "media"):
                (self.path / name).chmod(0o700)
        except OSError as error:
            raise Problem(
                f"The data folder {self.path} cannot be written ({error.strerror}). "
                "Choose another one with CRM_DATA_DIR."
            ) from error

    @property
    def run(self) -> Path:
        return self.path / "run"

    def log(self, name: str) -> Path:
        """Log file of a process."""
        return self.path / "log" / f"{name}.log"

    def secret(self, name: str, length: int = 32) -> str:
        """A random text made once and kept in a file only its owner reads."""
        file = self.path / "secrets" / name
        with contextlib.suppress(FileNotFoundError):
            text = file.read_text().strip()
            if text:
                return text
        text = secrets.token_urlsafe(length)
        write_private(file, text)
        return text

    @contextlib.contextmanager
    def locked(self, purpose: str) -> Iterator[None]:
        """One program at a time drives the servers of a folder; a killed one leaves no lock."""
        handle = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise Problem(self.who_runs()) from error
        try:
            os.truncate(handle, 0)
            os.write(handle, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode())
            yield
        finally:
            os.close(handle)

    def is_locked(self) -> bool:
        """Some program drives the servers of this folder now."""
        with open(self.run / "lock", "a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def holder(self) -> dict[str, Any]:
        """Pid and purpose of the program that holds the lock, as it wrote them."""
        return read_json(self.run / "lock")

    def who_runs(self) -> str:
        """A sentence about the program that holds the lock."""
        holder = self.holder()
        if holder.get("purpose") == "up":
            address = self.state().get("address", "")
            return (
                f"The CRM is already running in this folder {address} "
                f"(process {holder.get('pid')})\n"
                "Stop it with: python -m crm down"
            )
        return (
            f"Another command is using the servers of {self.path} "
            f"(crm {holder.get('purpose')}, process {holder.get('pid')}). "
            "Try again when it has ended."
        )

    def state(self) -> dict[str, Any]:
        """What is running: addresses of the servers, pids of the children."""
        return read_json(self.run / "state.json")

    def note(self, **facts: Any) -> None:
        """Add facts to the state; it holds passwords, so only the owner reads it."""
        write_private(self.run / "state.json", json.dumps(self.state() | facts))

    def forget(self) -> None:
        """Nothing is running any more."""
        (self.run / "state.json").unlink(missing_ok=True)


def write_private(file: Path, text: str) -> None:
    """Write a file of mode 0600 in one move, so that a crash leaves the old one or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    draft.replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """The object in a file; empty when the file is missing or broken."""
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
