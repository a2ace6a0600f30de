"""As whom PostgreSQL runs: it refuses root, so `nobody` gets it and must reach its files."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.cli.console import Problem, say

SHELTERS = ("/var/lib", "/var/tmp")  # noqa: S108 - ownership is checked before use


@dataclass(frozen=True, slots=True)
class Account:
    """The system account of the database server; `uid` is None for the account we run as."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_server(cls) -> "Account":
        """Ourselves, or `nobody` when we are root."""
        if os.geteuid() != 0:
            return cls()
        try:
            entry = pwd.getpwnam("nobody")
        except KeyError as error:
            raise Problem(
                "PostgreSQL does not run as root and this machine has no account `nobody`. "
                "Start the CRM as an ordinary user."
            ) from error
        return cls(entry.pw_uid, entry.pw_gid)

    def options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that make a child run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a path to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, *command: str | Path) -> bool:
        """The account can run a command successfully (`test -x`, `postgres --version`)."""
        try:
            done = subprocess.run(
                command, cwd="/", capture_output=True, check=False, timeout=30, **self.options()
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


def reachable_home(wanted: Path, account: Account) -> Path:
    """`wanted`, or a private folder elsewhere keyed by it when the account cannot get there."""
    if account.uid is None or account.can("test", "-x", wanted):
        return wanted
    key = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    shelter = next(path for path in SHELTERS if os.access(path, os.W_OK | os.X_OK))
    home = Path(shelter) / f"crm-{key}"
    home.mkdir(mode=0o711, exist_ok=True)
    facts = home.lstat()
    if home.is_symlink() or facts.st_uid != 0:
        raise Problem(f"{home} does not belong to root. Remove it or set CRM_DATA_DIR elsewhere.")
    home.chmod(0o711)
    say(f"data:        the database's account cannot reach {wanted}, its files are in {home}")
    return home


def readable_binaries(bin_dir: Path, home: Path, account: Account) -> Path:
    """`bin_dir`, or a copy of the installation in `home` when the account cannot read it there."""
    if account.can(bin_dir / "postgres", "--version"):
        return bin_dir
    if account.uid is None:
        raise Problem(
            f"{bin_dir / 'postgres'} does not run on this machine. Set CRM_PG_BIN to the folder "
            "of another PostgreSQL, or DATABASE_URL to a server."
        )
    source = bin_dir.parents[1]
    stamp = int((bin_dir / "postgres").stat().st_mtime)
    target = home / f"server-{stamp}"
    if not target.exists():
        draft = home / f"server-{stamp}.part"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o755)
        shutil.copytree(bin_dir.parent, draft / source.name / bin_dir.parent.name, symlinks=True)
        libraries = source.with_name(f"{source.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(draft)
        draft.rename(target)
    copy = target / source.name / bin_dir.parent.name / "bin"
    if not account.can(copy / "postgres", "--version"):
        raise Problem(f"The account `nobody` cannot run {copy / 'postgres'}. Set DATABASE_URL.")
    return copy


def _open_to_all(folder: Path) -> None:
    """Readable by everybody, whatever the umask was: these are programs, not data."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
