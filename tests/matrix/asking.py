"""One cell of the matrix: a request inside a savepoint, what its answer says and what it wrote."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client

from records.doors import RoutedDoor
from tests.matrix.digest import changed_tables, digest, writes, written
from tests.matrix.expect import ALLOWED, FORBIDDEN, MISSING, PEOPLE, SIGN_IN, Target
from tests.matrix.world import World

OPEN = {200, 201, 204, 301, 302, 303, 304, 400, 405, 409, 422}
DONE = {200, 201, 204, 302, 303}
TOLERATED = {"readyz": {503}}
"""Answers that are right for one door only: no background work runs in the tests."""
BACKEND = "accounts.adapter.EmailBackend"
WRONG = ("GET", "POST", "PUT", "PATCH", "DELETE")
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One red cell: kind is unclassified, leak or write."""

    kind: str
    cell: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.cell}: {self.text}"


@dataclass(slots=True)
class Cell:
    """One request with its answer."""

    door: RoutedDoor
    who: str
    target: Target | None
    method: str
    body: str = ""
    response: Any = None
    is_suspect: bool = True
    """A request that must not write."""
    wrote: tuple[str, ...] = ()
    """The tables a suspect request changed."""
    logged: int = 0
    """Rows of the audit log the request left."""
    row: dict[str, Any] = field(default_factory=dict)
    """The record the post made or changed, before it was undone."""

    def __str__(self) -> str:
        row = f" {self.target.kind}/{self.target.ownership}" if self.target else ""
        return f"{self.method} {self.door.name or self.door.route}{row} {self.body} as {self.who}"


class Asker:
    """Sessions of everybody, made once; every request is undone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cells = 0
        self.clients = {who: Client(raise_request_exception=False) for who in PEOPLE}
        self.cookies: dict[str, str] = {}
        self.strict = Client(raise_request_exception=False, enforce_csrf_checks=True)
        for who, client in self.clients.items():
            if who != "anonymous":
                client.force_login(world.people[who], backend=BACKEND)
            self.cookies[who] = client.cookies.output(header="")
        self.before = digest()

    def client(self, who: str) -> Client:
        """The person's browser with the session made at the start."""
        self.clients[who].cookies = SimpleCookie(self.cookies[who])
        return self.clients[who]

    def ask(
        self,
        cell: Cell,
        url: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        without_token: bool = False,
        look: Callable[[], dict[str, Any]] | None = None,
    ) -> Cell:
        """Send the request; `look` reads rows before everything is undone."""
        client = self.client(cell.who)
        if without_token:
            client, self.strict.cookies = self.strict, client.cookies
        with transaction.atomic():
            before, logged = writes()
            cell.response = _send(client, cell.method, url, body, headers or {})
            after, entries = writes()
            cell.logged = entries - logged
            if cell.is_suspect and after != before:
                cell.wrote = changed_tables(self.before, written(before, after))
            if look is not None:
                cell.row = look()
            transaction.set_rollback(True)
        if cell.method == "POST":
            cache.clear()  # sessions are kept there too
        self.cells += 1
        return cell


def _send(client: Client, method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
    if method in ("GET", "HEAD", "OPTIONS"):
        return getattr(client, method.lower())(url, headers=headers)
    if method == "POST":
        return client.post(url, body or {}, headers=headers)
    return client.generic(method, url, "version=1", "application/x-www-form-urlencoded")


def allowed_methods(door: RoutedDoor) -> set[str]:
    """GET and POST as far as the view answers them; of a foreign function view, both."""
    view = door.view_class
    if view is None:
        return {"GET", "POST"}
    names = ("get", "post")
    return {n.upper() for n in names if n in view.http_method_names and hasattr(view, n)}


def outcome(door: RoutedDoor, response: Any) -> str:
    """The answer in the words of the expectation; `?` when it is none of them."""
    status = response.status_code
    leads_to = response.headers.get("Location", "") or response.headers.get("HX-Redirect", "")
    if leads_to.startswith("/accounts/login/?next="):
        return SIGN_IN
    if status in (403, 404):
        return FORBIDDEN if status == 403 else MISSING
    return ALLOWED if status in OPEN | TOLERATED.get(door.name, set()) else "?"


def failure(cell: Cell) -> str:
    """The exception behind a 500, for the report."""
    info = getattr(cell.response, "exc_info", None)
    return f"{info[0].__name__}: {info[1]}"[:300] if info else str(cell.response.status_code)
