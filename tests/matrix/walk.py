"""The walk: every door, person, ownership, method and body is one cell with one expected answer."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from records.doors import RoutedDoor, routed_doors
from tests.matrix.bodies import BODIES, evil_values, page_body, swaps
from tests.matrix.digest import digest, entries, writes
from tests.matrix.expect import (
    ALLOWED,
    FORBIDDEN,
    MISSING,
    OUTSIDE,
    PEOPLE,
    SIGN_IN,
    Target,
    expected,
    sees,
)
from tests.matrix.fills import Unfilled, addresses
from tests.matrix.world import World

MARK = re.compile(rb"mk-([a-z]+)-([a-z]+)-\d+")
OPEN = {200, 201, 204, 301, 302, 303, 304, 400, 405, 409, 422}
DONE = {200, 201, 204, 302, 303}
TOLERATED = {"readyz": {503}}
"""Answers that are right for one door only: no background work runs in the tests."""
SEARCHED = {"pick", "search", "search:page", "search:results"}
"""Doors beside the lists that answer `?q=`."""
NOT_VALID: dict[str, str] = {}
"""Doors whose own form cannot be posted as it is, with the reason."""
OPEN_CHOICES = {("accounts:deputies", "deputy")}
"""Related choices that are no records: anybody may stand in for anybody."""
BACKEND = "accounts.adapter.EmailBackend"
SWAPPERS = {
    "manager": ("foreign", "outsider"),
    "colleague": ("own", "outsider"),
    "head": ("foreign", "outsider"),
    "other_head": ("own", "manager"),
}
"""Who tries rows out of reach in related choices: (ownership of the row, the other owner)."""


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
    wrote: bool = False
    logged: int = 0
    """Rows of the audit log the request left."""

    def __str__(self) -> str:
        row = f" {self.target.kind}/{self.target.ownership}" if self.target else ""
        return f"{self.method} {self.door.name or self.door.route}{row} {self.body} as {self.who}"


@dataclass
class Walk:
    """Counts cells and gathers problems; `stop_early` ends at the first one."""

    world: World
    stop_early: bool = False
    known: frozenset[tuple[str, str]] = frozenset()
    """Cells that are red without a mutant; they kill none."""
    people: tuple[str, ...] = PEOPLE
    ownerships: tuple[str, ...] = ()
    cells: int = 0
    urls: int = 0
    problems: list[Problem] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = digest()
        for who in PEOPLE:
            self.clients[who] = Client(raise_request_exception=False)
            if who in self.cookies:
                continue
            if who != "anonymous":
                self.clients[who].force_login(self.world.people[who], backend=BACKEND)
            self.cookies[who] = self.clients[who].cookies.output(header="")

    # the walk

    def run(self, doors: Iterable[RoutedDoor] | None = None) -> "Walk":
        """Visit the doors, all of them by default."""
        for door in routed_doors() if doors is None else doors:
            cache.clear()
            self.urls += 1
            self._door(door)
            if self.problems and self.stop_early:
                break
        return self

    def _door(self, door: RoutedDoor) -> None:
        if door.policy is None:
            self._problem("unclassified", door.name or door.route, "declares no policy")
            return
        try:
            fills = addresses(door, self.world)
        except (Unfilled, KeyError) as error:
            self._problem("unclassified", door.name or door.route, f"cannot be filled: {error}")
            return
        bodies: dict[str, Any] = {}
        for who in sorted(self.people, key=lambda who: who != "admin"):
            tried: set[str] = set()
            for kwargs, target in fills:
                skipped = self.ownerships and target and target.ownership not in self.ownerships
                if skipped or (
                    who in OUTSIDE and target and target.ownership != fills[0][1].ownership
                ):
                    continue
                self._visit(door, who, kwargs, target, bodies, tried)
                if self.problems and self.stop_early:
                    return

    def _visit(self, door, who, kwargs, target, bodies, tried) -> None:
        url = reverse(door.name, kwargs=kwargs) if door.name else f"/{door.route}"
        answer = self._answer(door, who, target)
        methods = allowed_methods(door)
        forms: list[Any] = []
        if "get" in methods:
            cell = self._ask(Cell(door, who, target, "GET"), url)
            self._judge(cell, answer)
            if answer == ALLOWED:
                bodies[who], forms = page_body(getattr(cell.response, "context", None))
            if door.name in SEARCHED or hasattr(door.view_class, "filterset_class"):
                search = Cell(door, who, target, "GET", "search")
                self._judge(self._ask(search, f"{url}?q=mk&sort=owner&after=x"), answer)
            first = target is None or target.ownership in ("", "own", "foreign")
            if first and getattr(door.view_class, "fragment", ""):
                fragment = Cell(door, who, target, "GET", "fragment")
                self._judge(self._ask(fragment, url, htmx=True), answer)
        if "post" in methods:
            if "get" not in methods and "admin" not in bodies:
                bodies["admin"] = self._body_of_refusal(door, url)
            body = bodies.get(who) if answer == ALLOWED else None
            body = {**(body or bodies.get("admin") or {}), **self._extra(door)}
            cell = Cell(door, who, target, "POST", "valid", is_suspect=answer != ALLOWED)
            self._ask(cell, url, body)
            self._judge(cell, answer)
            self._judge_valid(cell, answer)
            if answer == ALLOWED and door.policy.kind != "public" and not tried:
                tried.add(who)
                self._attack(door, who, target, url, body, forms)

    def _body_of_refusal(self, door: RoutedDoor, url: str) -> dict[str, Any]:
        """A door without a page of its own shows its form when the post is empty."""
        cell = self._ask(Cell(door, "admin", None, "POST", "empty", is_suspect=False), url)
        return page_body(getattr(cell.response, "context", None))[0]

    def _extra(self, door: RoutedDoor) -> dict[str, Any]:
        extra = BODIES.get(door.name)
        return extra(self.world) if extra else {}

    def _answer(self, door: RoutedDoor, who: str, target: Target | None) -> str:
        policy = door.policy
        return expected((policy.kind, policy.name, policy.action), who, target)

    # one request

    def _ask(self, cell: Cell, url: str, body: Any = None, *, htmx: bool = False) -> Cell:
        headers = {"HX-Request": "true"} if htmx else {}
        client = self.clients[cell.who]
        client.cookies = SimpleCookie(self.cookies[cell.who])
        with transaction.atomic():
            count, logged = writes(), entries()
            if cell.method == "GET":
                cell.response = client.get(url, headers=headers)
            else:
                cell.response = client.post(url, body or {}, headers=headers)
            cell.wrote = cell.is_suspect and writes() != count and digest() != self.before
            cell.logged = entries() - logged
            if cell.body == "mass":
                cell.response.evil = self._evil_rows(cell)
            transaction.set_rollback(True)
        self.cells += 1
        return cell

    def _judge(self, cell: Cell, answer: str) -> None:
        got = outcome(cell.door, cell.response)
        if got == "?":
            self._problem("unclassified", cell, f"{cell.response.status_code} {failure(cell)}")
        elif got != answer:
            kind = "leak" if got == ALLOWED else "unclassified"
            self._problem(kind, cell, f"expected {answer}, got {cell.response.status_code}")
        if cell.wrote and (cell.method == "GET" or answer != ALLOWED):
            self._problem("write", cell, "the database changed")
        if got in (FORBIDDEN, MISSING) and cell.logged != 1:
            self._problem("write", cell, f"the refusal left {cell.logged} rows in the audit log")
        self._judge_markers(cell)

    def _judge_markers(self, cell: Cell) -> None:
        for kind, ownership in set(MARK.findall(everything_in(cell.response))):
            if not sees(cell.who, kind.decode(), ownership.decode()):
                text = f"shows a marker of {kind.decode()}/{ownership.decode()}"
                self._problem("leak", cell, text)

    def _judge_valid(self, cell: Cell, answer: str) -> None:
        """The administrator's untouched form must be accepted, or the cell proves nothing."""
        mine = cell.target is None or cell.target.ownership in ("", "own", "admin")
        if cell.who != "admin" or answer != ALLOWED or not mine or cell.door.name in NOT_VALID:
            return
        if cell.response.status_code not in DONE | {405}:
            errors = [form.errors.get_json_data() for form in forms_of(cell.response)]
            self._problem(
                "unclassified", cell, f"the valid body got {cell.response.status_code}: {errors}"
            )

    # attacks

    def _attack(self, door, who, target, url, body, forms) -> None:
        if who in SWAPPERS:
            for name, key in self._swaps(door, who, forms):
                swapped = {**body, name: key}
                cell = self._ask(Cell(door, who, target, "POST", f"swap {name}"), url, swapped)
                if cell.wrote:
                    self._problem("leak", cell, f"a row out of reach: {failure(cell)}")
                elif outcome(door, cell.response) == "?":
                    self._problem("unclassified", cell, failure(cell))
                self._judge_markers(cell)
        model = getattr(door.view_class, "model", None)
        if model is not None:
            evil = evil_values(model, self.world.people["outsider"].pk)
            known = {name for form in forms for name in form.fields}
            evil = {name: value for name, value in evil.items() if name not in known}
            cell = Cell(door, who, target, "POST", "mass", is_suspect=False)
            self._evil, self._evil_model = evil, model
            self._evil_before = self._count_evil()
            self._ask(cell, url, {**body, **evil})
            if cell.response.evil:
                self._problem("leak", cell, f"mass assignment of {cell.response.evil}")
            if outcome(door, cell.response) == "?":
                self._problem("unclassified", cell, failure(cell))

    def _swaps(self, door: RoutedDoor, who: str, forms: list[Any]) -> list[tuple[str, Any]]:
        every = swaps(forms, self._out_of_reach(who))
        return [(name, key) for name, key in every if (door.name, name) not in OPEN_CHOICES]

    def _out_of_reach(self, who: str) -> dict[str, Any]:
        ownership, owner = SWAPPERS[who]
        rows = {kind: row.pk for (kind, own), row in self.world.records.items() if own == ownership}
        rows["product"] = self.world.records["product", "deleted"].pk
        return rows | {"user": self.world.people[owner].pk}

    def _count_evil(self) -> dict[str, int]:
        rows = self._evil_model._base_manager
        return {name: rows.filter(**{name: value}).count() for name, value in self._probes()}

    def _probes(self) -> list[tuple[str, Any]]:
        return [(n, v) for n, v in self._evil.items() if not str(v).startswith("1999") and v != ""]

    def _evil_rows(self, cell: Cell) -> list[str]:
        after = self._count_evil()
        return [name for name, count in after.items() if count > self._evil_before[name]]

    def _problem(self, kind: str, cell: Any, text: str) -> None:
        problem = Problem(kind, str(cell), text)
        if (problem.kind, problem.cell) not in self.known:
            self.problems.append(problem)


def allowed_methods(door: RoutedDoor) -> list[str]:
    """The methods a view answers; of a foreign function view, both."""
    view = door.view_class
    if view is None:
        return ["get", "post"]
    return [m for m in ("get", "post") if m in view.http_method_names and hasattr(view, m)]


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


def forms_of(response: Any) -> list[Any]:
    """Forms of a response's context."""
    return page_body(getattr(response, "context", None))[1]


def everything_in(response: Any) -> bytes:
    """Body and headers; what is packed in a zip (XLSX) is unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"".join(archive.read(name) for name in archive.namelist())
    return body + repr(dict(response.headers)).encode()
