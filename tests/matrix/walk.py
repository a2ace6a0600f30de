"""The walk: every door, person, ownership, method and body is one cell with one expected answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.urls import reverse

from records.doors import THIRD_PARTY, RoutedDoor
from tests.matrix.asking import (
    DONE,
    HTMX,
    WRONG,
    Asker,
    Cell,
    Problem,
    allowed_methods,
    failure,
    outcome,
)
from tests.matrix.bodies import BODIES, evil_values, page_body, swaps
from tests.matrix.expect import (
    ALLOWED,
    FORBIDDEN,
    MISSING,
    OUTSIDE,
    PEOPLE,
    Target,
    expected,
)
from tests.matrix.fills import QUERIES, TARGETS, Unfilled, addresses
from tests.matrix.markers import everything_in, foreign_markers

SEARCHED = {"pick", "search", "search:page", "search:results"}
"""Doors beside the lists that answer `?q=`."""
NOT_VALID = {
    "history:restore": "an event of this very record must be named",
    "reports:saved": "nobody here keeps a report that could be removed",
    "reports:costs": "no cost is entered that could be removed",
}
"""Doors whose own form cannot be posted as it is, with the reason."""
OPEN_CHOICES = {
    ("accounts:deputies", "deputy"),
    ("deals:participants", "newcomer_1"),
    ("deals:participants", "newcomer_2"),
}
"""Related choices that are no records: anybody may stand in for anybody and take part in a deal."""
SWAPPERS = {
    "manager": ("foreign", "outsider"),
    "colleague": ("key", "outsider"),
    "head": ("foreign", "outsider"),
    "other_head": ("own", "manager"),
}
"""Who tries rows out of reach in related choices: (ownership of the row, the other owner)."""


@dataclass
class Walk:
    """Counts cells and gathers problems; `stop_early` ends at the first leak or write."""

    asker: Asker
    people: tuple[str, ...] = PEOPLE
    stop_early: bool = False
    problems: list[Problem] = field(default_factory=list)
    cells: int = 0
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: set[tuple[str, ...]] = field(default_factory=set)
    """What one visit for each person, or for each person and answer, is enough for."""

    def run(self, doors: Iterable[RoutedDoor]) -> "Walk":
        """Visit the doors."""
        start = self.asker.cells
        for door in doors:
            self.bodies, self.done = {}, set()
            self._door(door)
            if self._is_over():
                break
        self.cells += self.asker.cells - start
        return self

    def _is_over(self) -> bool:
        return self.stop_early and any(found.kind != "unclassified" for found in self.problems)

    def _door(self, door: RoutedDoor) -> None:
        if door.policy is None:
            self._problem("unclassified", door.name or door.route, "declares no policy")
            return
        try:
            fills = addresses(door, self.asker.world)
        except (Unfilled, KeyError) as error:
            self._problem("unclassified", door.name or door.route, f"cannot be filled: {error}")
            return
        for who in sorted(self.people, key=lambda who: who != "admin"):
            for number, (kwargs, target) in enumerate(fills):
                if number and who in OUTSIDE:
                    break  # who is not signed in gets one answer for every row
                Visit(self, door, who, kwargs, target).run()
                if self._is_over():
                    return

    def once(self, *what: str) -> bool:
        """Whether this is asked for the first time behind the present door."""
        is_first = what not in self.done
        self.done.add(what)
        return is_first

    def _problem(self, kind: str, cell: Any, text: str) -> None:
        self.problems.append(Problem(kind, str(cell), text))

    def judge(self, cell: Cell, *answers: str) -> None:
        """The status, what was written, what is shown, who may keep the answer."""
        got = outcome(cell.door, cell.response)
        if got == "?":
            self._problem("unclassified", cell, failure(cell))
        elif got not in answers:
            kind = "leak" if got == ALLOWED else "unclassified"
            text = f"expected {' or '.join(answers)}, got {cell.response.status_code}"
            self._problem(kind, cell, text)
        if cell.wrote:
            self._problem("write", cell, f"changed {', '.join(cell.wrote)}")
        if got in (FORBIDDEN, MISSING) and cell.logged != 1:
            self._problem("write", cell, f"the refusal left {cell.logged} rows in the audit log")
        is_trash = cell.door.name.startswith("trash:")
        text = everything_in(cell.response)
        for found in foreign_markers(cell.who, text, is_trash=is_trash):
            self._problem("leak", cell, f"shows a marker of {found}")
        kept = cell.response.headers.get("Cache-Control", "")
        if "private" not in kept and "no-store" not in kept:
            self._problem("unclassified", cell, f"Cache-Control is {kept!r}, not private")

    def refuse_wrong_method(self, cell: Cell, answer: str) -> None:
        """405, or the refusal that comes before it; a third party's view must only not write."""
        status = cell.response.status_code
        if answer == ALLOWED and cell.door.name not in THIRD_PARTY and status != 405:
            self._problem("unclassified", cell, f"expected 405, got {status}")
        self.judge(cell, answer)


class Visit:
    """One person at one address."""

    def __init__(
        self, walk: Walk, door: RoutedDoor, who: str, kwargs: dict[str, Any], target: Target | None
    ) -> None:
        self.walk, self.door, self.who, self.target, self.kwargs = walk, door, who, target, kwargs
        self.url = reverse(door.name, kwargs=kwargs) if door.name else f"/{door.route}"
        policy = (door.policy.kind, door.policy.name, door.policy.action)
        self.answer = expected(policy, who, target)
        self.at_the_door = expected(policy, who)
        """The answer before the row is looked for."""
        self.methods = allowed_methods(door)

    def run(self) -> None:
        """Every method and body."""
        forms: list[Any] = []
        if "GET" in self.methods:
            forms = self._read()
        if "POST" in self.methods:
            self._write(forms)
        self._other_methods()

    def _ask(self, method: str, body: str = "", **how: Any) -> Cell:
        values, query = how.pop("values", None), how.pop("query", "")
        if self.door.name in THIRD_PARTY:
            forget_limits()
        cell = Cell(self.door, self.who, self.target, method, body)
        cell.is_suspect = how.pop("is_suspect", True)
        return self.walk.asker.ask(cell, self.url + query, values, **how)

    def _read(self) -> list[Any]:
        cell = self._ask("GET")
        self.walk.judge(cell, self.answer)
        forms: list[Any] = []
        if self.answer == ALLOWED:
            body, forms = page_body(getattr(cell.response, "context", None))
            self.walk.bodies[self.who] = body
        if self.door.name in SEARCHED or hasattr(self.door.view_class, "filterset_class"):
            found = self._ask("GET", "search", query="?q=mk&sort=owner&after=x")
            self.walk.judge(found, self.answer)
        if self.door.name in QUERIES:
            query = QUERIES[self.door.name](self.walk.asker.world)
            self.walk.judge(self._ask("GET", "asked", query=query), self.answer)
        if self.who in SWAPPERS and self.walk.once("keys", self.who, self.answer):
            keys = self._ask("GET", "keys", query=f"?{self._foreign_query()}")
            self.walk.judge(keys, self.answer, *([MISSING] if self.answer == ALLOWED else []))
        if self.walk.once("fragment", self.who, self.answer):
            for aim in ("", *TARGETS.get(self.door.name, ())):
                headers = HTMX | ({"HX-Target": aim} if aim else {})
                fragment = self._ask("GET", f"fragment {aim}".strip(), headers=headers)
                self.walk.judge(fragment, self.answer)
        return forms

    def _foreign_query(self) -> str:
        """Everything an address may name, set to rows out of reach."""
        rows = self._out_of_reach()
        named = {kind: key for kind, key in rows.items() if kind not in ("user", "line")}
        people = dict.fromkeys(("owner", "person", "created_by"), rows["user"])
        more = {
            "parent": rows["company"],
            "record": f"deal:{rows['deal']}",
            "customer": rows["company"],
        }
        return urlencode(named | people | more)

    def _other_methods(self) -> None:
        """HEAD as GET, once for each answer; the wrong ones are refused for every row."""
        if "GET" in self.methods and self.walk.once("head", self.answer):
            self.walk.judge(self._ask("HEAD"), self.answer)
        if not self.walk.once("wrong", self.who, self.answer):
            return
        self.walk.judge(self._ask("OPTIONS"), self.at_the_door)
        for method in WRONG:
            if method not in self.methods:
                self.walk.refuse_wrong_method(self._ask(method), self.at_the_door)

    # posts

    def _write(self, forms: list[Any]) -> None:
        bodies = self.walk.bodies
        if "GET" not in self.methods and "admin" not in bodies:
            bodies["admin"] = self._body_of_refusal()
        body = bodies.get(self.who) if self.answer == ALLOWED else None
        extra = BODIES.get(self.door.name)
        body = {
            **(body or bodies.get("admin") or {}),
            **(extra(self.walk.asker.world) if extra else {}),
        }
        is_first = self.answer == ALLOWED and self.walk.once("attack", self.who)
        is_first = is_first and self.door.policy.kind != "public"
        model = self._model(forms) if is_first else None
        suspect = self.answer != ALLOWED
        if suspect:  # what was typed may be shown again; it must not look like the record
            body = {name: unmarked(value) for name, value in body.items()}
        look = self._row_of(model) if model else None
        cell = self._ask("POST", "valid", values=body, is_suspect=suspect, look=look)
        self.walk.judge(cell, self.answer)
        self._judge_valid(cell)
        if suspect and self.walk.once("fragment post", self.who, self.answer):
            cell = self._ask("POST", "fragment", values=body, headers=HTMX)
            self.walk.judge(cell, self.answer)
        if is_first:
            self._attack(body, forms)
            if model is not None:
                self._assign_everything(body, forms, model, cell.row)
        if self.who == "admin" and self.walk.once("csrf"):
            self._without_token(body)

    def _body_of_refusal(self) -> dict[str, Any]:
        """A door without a page of its own shows its form when the post is empty."""
        cell = Cell(self.door, "admin", None, "POST", "empty", is_suspect=False)
        self.walk.asker.ask(cell, self.url)
        return page_body(getattr(cell.response, "context", None))[0]

    def _judge_valid(self, cell: Cell) -> None:
        """The administrator's untouched form must be accepted, or the cell proves nothing."""
        mine = self.target is None or self.target.ownership in ("", "own", "admin")
        if self.who != "admin" or self.answer != ALLOWED or not mine:
            return
        if cell.response.status_code not in DONE | {405} and self.door.name not in NOT_VALID:
            forms = page_body(getattr(cell.response, "context", None))[1]
            errors = [form.errors.get_json_data() for form in forms]
            text = f"the valid body got {cell.response.status_code}: {errors}"
            self.walk._problem("unclassified", cell, text)

    def _without_token(self, body: dict[str, Any]) -> None:
        cell = self._ask("POST", "no token", values=body, without_token=True)
        if cell.response.status_code != 403 or cell.wrote:
            text = f"a post without a token got {cell.response.status_code}"
            self.walk._problem("write" if cell.wrote else "leak", cell, text)

    def _attack(self, body: dict[str, Any], forms: list[Any]) -> None:
        """Each related choice swapped with a row out of reach: no row may come of it."""
        if self.who not in SWAPPERS:
            return
        every = swaps(forms, self._out_of_reach())
        closed = [pair for pair in every if (self.door.name, pair[0]) not in OPEN_CHOICES]
        for name, key in closed:
            cell = self._ask("POST", f"swap {name}", values={**body, name: key})
            if cell.wrote:
                text = f"a row out of reach: {failure(cell)}, changed {', '.join(cell.wrote)}"
                self.walk._problem("leak", cell, text)
                cell.wrote = ()
            self.walk.judge(cell, ALLOWED, MISSING)

    def _out_of_reach(self) -> dict[str, Any]:
        ownership, owner = SWAPPERS[self.who]
        world = self.walk.asker.world
        rows = {kind: row.pk for (kind, own), row in world.records.items() if own == ownership}
        rows["product"] = world.records["product", "deleted"].pk
        return rows | {"user": world.people[owner].pk}

    def _model(self, forms: list[Any]) -> type[models.Model] | None:
        named = getattr(self.door.view_class, "model", None)
        found = [getattr(getattr(form, "_meta", None), "model", None) for form in forms]
        return named or next((model for model in found if model), None)

    def _row_of(self, model: type[models.Model]) -> Any:
        """Reads the row in the address, or else the newest one."""
        rows = model._base_manager.order_by("-pk")
        return lambda: (
            rows.filter(**{"pk": self.kwargs["pk"]} if "pk" in self.kwargs else {}).values().first()
            or {}
        )

    def _assign_everything(
        self, body: dict[str, Any], forms: list[Any], model: Any, good: dict[str, Any]
    ) -> None:
        """All columns of the model posted: the same row must come of it as without them."""
        known = {name for form in forms for name in form.fields}
        evil = evil_values(model, self.walk.asker.world.people["outsider"].pk, known)
        look = self._row_of(model)
        values = {**body, **evil}
        cell = self._ask("POST", "mass", values=values, is_suspect=False, look=look)
        bad = [
            name
            for name, value in evil.items()
            for column in (name, f"{name}_id")
            if column in cell.row
            and cell.row[column] != good.get(column)
            and is_taken(cell.row[column], value)
        ]
        if bad:
            self.walk._problem("leak", cell, f"mass assignment of {', '.join(bad)}")
        self.walk.judge(cell, ALLOWED, MISSING)


def unmarked(value: Any) -> Any:
    """A posted value that names no record by its marker."""
    return value.replace("mk-", "typed-") if isinstance(value, str) else value


def is_taken(stored: Any, posted: Any) -> bool:
    """The stored value is the posted one, in whatever type."""
    text = str(stored)
    if isinstance(stored, bool):
        return stored is (posted == "on")
    return text.startswith(str(posted)[:10]) or (text[:4] == "1999" == str(posted)[:4])


def forget_limits() -> None:
    """Attempts of one cell must not close the next one; only our own keys go."""
    client = cache._cache.get_client()
    keys = list(client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*"))
    if keys:
        client.delete(*keys)
