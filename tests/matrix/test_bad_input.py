"""Bad input into every form and every address: an answer for people, never a 500, nothing half."""

import re
from typing import Any

import pytest
from django.urls import reverse

from records.doors import THIRD_PARTY, RoutedDoor
from tests.matrix import naughty
from tests.matrix.asking import Asker, Cell, allowed_methods, failure
from tests.matrix.bodies import BODIES, forms_in, page_body
from tests.matrix.fills import addresses
from tests.matrix.test_matrix import DOORS, label
from tests.matrix.walk import forget_limits

pytestmark = pytest.mark.django_db
TURNS = 26
BY_KIND = (
    ("Date", naughty.DATES),
    ("Time", naughty.DATES),
    ("Phone", naughty.REACHES),
    ("Email", naughty.REACHES),
    ("URL", naughty.REACHES),
    ("Choice", naughty.NUMBERS),
    ("Money", naughty.NUMBERS),
    ("Number", naughty.NUMBERS),
    ("Integer", naughty.NUMBERS),
    ("Decimal", naughty.NUMBERS),
    ("Record", naughty.NUMBERS),
    ("Person", naughty.NUMBERS),
    ("Stage", naughty.NUMBERS),
)
KEPT = ("form_key", "version")
PARAMETERS = ("q", "sort", "after", "page", "page_size", "tab", "owner", "status", "from", "to")
KEYS = ("", "abc", "-1", "9" * 40, "a\x00", "x" * 10_000)
QUERIES = ("&".join(["q=a"] * 1000), "%zz=%", "=&=&&", "q[]=1&q[a]=2&__proto__=1")
REFUSALS = {400, 403, 404, 405, 409, 413, 422, 429}
ROUND_TRIP = ("title", "name", "last_name", "description", "subject", "body")
ODD_HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "x" * 10_000},
    {"Accept-Language": "ru;q=abc,*;q=-1"},
    {"Range": "bytes=0-1,5-2", "If-None-Match": '"rubbish', "If-Modified-Since": "never"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Cookie": "a=" + "b" * 20_000},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1", "HX-Target": "\u202e"},
    {"Referer": "http://[bad", "X-Forwarded-For": "'; --", "User-Agent": "\x00" + "u" * 5000},
)


def address(door: RoutedDoor, asker: Asker) -> str:
    """The door about a row the administrator may treat."""
    kwargs, _target = addresses(door, asker.world)[0]
    return reverse(door.name, kwargs=kwargs) if door.name else f"/{door.route}"


def ask(asker: Asker, door: RoutedDoor, method: str, url: str, values: Any = None, **how: Any):
    if door.name in THIRD_PARTY:
        forget_limits()
    cell = Cell(door, "admin", None, method)
    return asker.ask(cell, url, values, **how)


def problem(cell: Cell, what: str) -> str:
    """What is wrong with the answer; empty when nothing is."""
    status = cell.response.status_code
    if status >= 500 and cell.door.name != "readyz":
        return f"{status} for {what}: {failure(cell)}"
    if status in REFUSALS and cell.wrote:
        return f"{status} for {what}, but wrote {', '.join(cell.wrote)}"
    errors = [form.errors for form in forms_in(getattr(cell.response, "context", None))]
    if status == 422 and not any(errors) and not is_told(cell.response):
        return f"422 for {what} without a word why"
    return ""


def is_told(response: Any) -> bool:
    """An answer without a form says what is wrong in its own words."""
    return bool(re.search(rb'class="[^"]*(error|invalid|alert|note|warn)', response.content))


def form_of(door: RoutedDoor, asker: Asker, url: str) -> tuple[dict[str, Any], list[Any]]:
    """The body that is accepted, and the forms."""
    method = "GET" if "GET" in allowed_methods(door) else "POST"
    context = getattr(ask(asker, door, method, url).response, "context", None)
    body, forms = page_body(context)
    extra = BODIES.get(door.name)
    return {**body, **(extra(asker.world) if extra else {})}, forms


POSTED = [door for door in DOORS if "POST" in allowed_methods(door)]
READ = [door for door in DOORS if "GET" in allowed_methods(door)]


@pytest.mark.parametrize("door", POSTED, ids=label)
def test_form_answers_bad_values(asker, door):
    """Every field gets every value; then the texts alone, so that the database meets them too."""
    url = address(door, asker)
    body, forms = form_of(door, asker, url)
    names = [name for name in body if name not in KEPT]
    wrong = []
    kinds = kinds_of(forms)
    for turn in range(0, TURNS if names else 0, 2):
        values = {
            name: pick(kinds.get(name, naughty.TEXTS), turn + place)
            for place, name in enumerate(names)
        }
        cell = ask(asker, door, "POST", url, {**body, **values})
        wrong.append(problem(cell, f"turn {turn}: {str(values)[:150]}"))
    kept = [(name, value) for name in KEPT if name in body for value in KEYS]
    wrong += [
        problem(ask(asker, door, "POST", url, {**body, name: value}), f"{name}={value[:40]!r}")
        for name, value in kept
    ]
    wrong += strange_texts(asker, door, url, body, forms)
    assert [text for text in wrong if text] == []


def pick(values: tuple[str, ...], number: int) -> str:
    return values[number % len(values)]


def kinds_of(forms: list[Any]) -> dict[str, tuple[str, ...]]:
    """Which bad values hurt a field most, by its name."""
    found = {}
    for form in forms:
        for name, field in form.fields.items():
            kind = type(field).__name__
            values = next((bad for word, bad in BY_KIND if word in kind), naughty.TEXTS)
            found[form.add_prefix(name)] = values
    return found


def text_fields(forms: list[Any], model: Any) -> list[tuple[str, int]]:
    """Names of free texts of the model itself and how long they may be."""
    return [
        (form.add_prefix(name), field.max_length or 1000)
        for form in forms
        if model is not None and getattr(getattr(form, "_meta", None), "model", None) is model
        for name, field in form.fields.items()
        if type(field).__name__ == "CharField" and "__prefix__" not in form.add_prefix(name)
    ]


def strange_texts(
    asker: Asker, door: RoutedDoor, url: str, body: dict[str, Any], forms: list[Any]
) -> list[str]:
    """Strange but allowed texts are stored as they were typed."""
    model = getattr(door.view_class, "model", None)
    names = text_fields(forms, model)
    columns = {column.name for column in model._meta.concrete_fields} if names else set()
    wrong = []
    for text in naughty.STORED if names else ():
        values = {name: text for name, longest in names if len(text) <= longest}
        wanted = {name: text for name in ROUND_TRIP if name in values and name in columns}

        def look(wanted: dict[str, str] = wanted) -> dict[str, Any]:
            return {"is_stored": not wanted or model._base_manager.filter(**wanted).exists()}

        cell = ask(asker, door, "POST", url, {**body, **values}, look=look)
        wrong.append(problem(cell, repr(text)))
        if cell.response.status_code == 302 and not cell.row["is_stored"]:
            wrong.append(f"{text!r} was stored as something else")
    return wrong


@pytest.mark.parametrize("door", READ, ids=label)
def test_address_answers_bad_values(asker, door):
    """Every parameter that the page knows gets every value, all at once and the filters alone."""
    url = address(door, asker)
    context = ask(asker, door, "GET", url).response.context
    known = [name for form in forms_in(context) for name in getattr(form, "fields", ())]
    names = list(dict.fromkeys([*PARAMETERS, *known]))
    wrong = []
    for turn in range(0, len(naughty.ADDRESSES), 3):
        values = [
            f"{name}={pick(naughty.ADDRESSES, turn + place)}" for place, name in enumerate(names)
        ]
        cell = ask(asker, door, "GET", f"{url}?{'&'.join(values)}")
        wrong.append(problem(cell, f"turn {turn}"))
    wrong += [problem(ask(asker, door, "GET", f"{url}?{query}"), query[:60]) for query in QUERIES]
    assert [text for text in wrong if text] == []


@pytest.mark.parametrize(
    "door", [d for d in DOORS if hasattr(d.view_class, "filterset_class")], ids=label
)
def test_each_filter_alone_answers_bad_values(asker, door):
    """Two values each, other ones for every filter, so that a list meets them all."""
    url = address(door, asker)
    filterset = door.view_class.filterset_class
    names = [*(filterset.base_filters if filterset else ()), "sort", "after"]
    wrong = []
    for place, name in enumerate(names):
        for value in (pick(naughty.ADDRESSES, 2 * place + 1), pick(naughty.ADDRESSES, 2 * place)):
            cell = ask(asker, door, "GET", f"{url}?{name}={value}", headers={"HX-Request": "true"})
            wrong.append(problem(cell, f"{name}={value[:40]}"))
    assert [text for text in wrong if text] == []


@pytest.mark.parametrize("door", POSTED, ids=label)
def test_post_of_another_shape_is_refused(asker, door):
    """JSON, broken multipart, thousands of fields, lists where one value is meant."""
    url = address(door, asker)
    body, _forms = form_of(door, asker, url)
    client = asker.client("admin")
    shapes = [
        ('{"a": ' + "[" * 9000, "application/json"),
        ("--x\r\nbroken", "multipart/form-data; boundary=y"),
        ("a=1", "multipart/form-data"),
        ("&".join(f"f{n}=1" for n in range(3000)), "application/x-www-form-urlencoded"),
        ("%FF%FE=%00&version=%FF", "application/x-www-form-urlencoded"),
        ("", "text/plain"),
    ]
    wrong = []
    for data, content_type in shapes:
        if door.name in THIRD_PARTY:
            forget_limits()
        status = client.post(url, data, content_type=content_type).status_code
        wrong += [f"{status} for {content_type}"] if status >= 500 else []
    doubled = {
        name: [value, value] if isinstance(value, str) else value for name, value in body.items()
    }
    wrong.append(problem(ask(asker, door, "POST", url, doubled), "each value twice"))
    assert [text for text in wrong if text] == []


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=lambda headers: next(iter(headers)))
def test_odd_headers_do_not_break_a_page(asker, headers):
    for name in ("home", "deals:board", "deals:list", "leads:list", "search", "account_login"):
        if "Cookie" in headers:
            headers = {"Cookie": f"{asker.cookies['admin']}; {headers['Cookie']}"}
        response = asker.client("admin").get(reverse(name), headers=headers)
        assert response.status_code in (200, 302, 400)
