"""The two servers of an installation: given by URL, or embedded and started here."""

import contextlib
import os
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from crm.cli import processes
from crm.cli.console import Problem, say, step
from crm.cli.folders import DataFolder
from crm.cli.postgres import Postgres
from crm.cli.valkey import Valkey

WAIT = 120  # seconds for another command to give the servers back


class Servers:
    """Starts what DATABASE_URL and REDIS_URL do not name; stops it in the opposite order."""

    def __init__(self, folder: DataFolder, throw_away: bool = False) -> None:
        self.folder = folder
        self.throw_away = throw_away
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.urls: dict[str, str] = {}

    def start(self) -> None:
        """Start and say so, one line for each."""
        self.start_database()
        self.start_queue()
        self._note()

    def _note(self) -> None:
        pids = {
            name: server.child.pid
            for name, server in (("postgres", self.postgres), ("valkey", self.valkey))
            if server and server.child
        }
        self.folder.note(**self.urls, servers=pids)

    def start_database(self) -> None:
        """The database of DATABASE_URL, else the embedded PostgreSQL."""
        given = os.environ.get("DATABASE_URL")
        if given:
            self.urls["DATABASE_URL"] = given
            say(f"database:    DATABASE_URL ({_without_secret(given)})")
            return
        with step("database") as note:
            self.postgres = Postgres(self.folder, self.throw_away)
            is_new = self.postgres.start()
            self.urls["DATABASE_URL"] = self.postgres.url()
            note.text = "PostgreSQL started" + (", new cluster" if is_new else "")

    def start_queue(self) -> None:
        """The queue of REDIS_URL, else the embedded Valkey."""
        given = os.environ.get("REDIS_URL")
        if given:
            self.urls["REDIS_URL"] = given
            say(f"queue:       REDIS_URL ({_without_secret(given)})")
            return
        with step("queue") as note:
            self.valkey = Valkey(self.folder, self.throw_away)
            self.valkey.start()
            self.urls["REDIS_URL"] = self.valkey.url
            note.text = f"Valkey started on port {self.valkey.port}"

    def revive(self) -> None:
        """Start a server that ended by itself again, at its old address, which the others know."""
        dead_database = self.postgres if _has_ended(self.postgres) else None
        dead_queue = self.valkey if _has_ended(self.valkey) else None
        if not dead_database and not dead_queue:
            return
        before = dict(self.urls)
        if dead_database:
            with step("database") as note:
                dead_database.start()
                self.urls["DATABASE_URL"] = dead_database.url()
                note.text = "PostgreSQL ended by itself, started again"
        if dead_queue:
            with step("queue") as note:
                dead_queue.start()
                self.urls["REDIS_URL"] = dead_queue.url
                note.text = "Valkey ended by itself, started again"
        self._note()
        if self.urls != before:
            raise Problem("A server came back at another address. Start the CRM again.")

    def stop(self) -> None:
        """Valkey first, then PostgreSQL."""
        for name, server in (("queue", self.valkey), ("database", self.postgres)):
            if server and server.child:
                with step(name) as note:
                    server.stop()
                    note.text = "stopped"


def _has_ended(server: Postgres | Valkey | None) -> bool:
    return bool(server and server.child and server.child.poll() is not None)


@contextlib.contextmanager
def servers_of(folder: DataFolder, purpose: str) -> Iterator[dict[str, str]]:
    """URLs of the running servers; started for this one command when `crm up` does not run."""
    if given := _given():
        yield given
        return
    processes.wait_until(lambda: not folder.is_locked() or _is_up(folder), WAIT, 0.5)
    if _is_up(folder):
        yield _noted(folder)
        return
    with folder.locked(purpose):
        servers = Servers(folder)
        try:
            servers.start()
            yield servers.urls
        finally:
            servers.stop()
            folder.forget()


def _given() -> dict[str, str]:
    urls = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    return urls if all(urls.values()) else {}


def _is_up(folder: DataFolder) -> bool:
    is_up = folder.is_locked() and folder.holder().get("purpose") == "up"
    return is_up and bool(_noted(folder))


def _noted(folder: DataFolder) -> dict[str, str]:
    state = folder.state()
    names = ("DATABASE_URL", "REDIS_URL")
    return {name: state[name] for name in names} if all(name in state for name in names) else {}


def _without_secret(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or 'local socket'}{parts.path}"


def _is_gone(group: int, marks: tuple[str, ...]) -> bool:
    return not processes.group_members(group, *marks)


def reap_leftovers(folder: DataFolder) -> None:
    """End children that outlived a killed supervisor, recognised by group and command line."""
    state = folder.state()
    groups = {**state.get("children", {}), **state.get("servers", {})}
    groups.pop("postgres", None)  # stopped in order by its own pid file
    marks = ("crm.wsgi", "crm.celery", "valkey", "redis-server")
    left = [group for group in groups.values() if processes.group_members(group, *marks)]
    for group in left:
        processes.send_group(group, 15)
    deadline = time.monotonic() + 10
    for group in left:
        remaining = max(0.1, deadline - time.monotonic())
        processes.wait_until(partial(_is_gone, group, marks), remaining)
        processes.send_group(group, 9)
    if left:
        say(f"cleaned:     {len(left)} processes of an earlier run that was killed")
    folder.forget()
