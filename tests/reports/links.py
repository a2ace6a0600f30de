"""Reading the pages of reports as a person does: numbers, and how many rows are behind each."""

import re
from html import unescape

from django.http import QueryDict
from django.test import RequestFactory

from deals.filters import DealFilter
from deals.models import Deal

CELL = re.compile(r'<td class="r">\s*<a href="([^"]+)">([\d,\xa0]+)</a>')
WRONG = (
    "from=2026-13-01",
    "from=2026-11-20&to=2026-11-01",
    "period=never",
    "pipeline=99999999999999999999",
    "pipeline=%00",
    "owner=abc",
    "from=0001-01-01&to=9999-12-31",
)
WIDE = ("from=1900-01-01&to=2200-12-31", "from=&to=", "from=1900-01-01", "to=2200-12-31")


def cells(page) -> list[tuple[str, int]]:
    """Address and number of every linked count of the page's table."""
    text = page.content.decode()
    return [
        (unescape(url), int(re.sub(r"[,\xa0]", "", count))) for url, count in CELL.findall(text)
    ]


def rows_behind(client, url: str) -> int:
    """How many rows the page of the address counts."""
    page = client.get(url)
    assert page.status_code == 200, url
    if url.startswith("/deals/"):
        return page.context["totals"].count
    if url.startswith("/leads/"):
        return page.context["totals"]["count"]
    if url.startswith("/reports/"):
        return page.context["count"]
    return len(page.context["rows"])


def check_links(client, url: str, params: dict) -> int:
    """Numbers of the page open as many rows; how many numbers there are.

    Of many numbers some two dozen are opened. One list of deals is opened as a page, the others
    are asked of its filter, which is quicker.
    """
    page = client.get(url, params)
    found = cells(page)
    chosen = found[:: max(1, len(found) // OPENED)]
    asking = RequestFactory().get("/deals/")
    asking.user = page.wsgi_request.user
    rows = Deal.objects.visible_to(asking.user)
    opened = 0
    for address, count in chosen:
        path, query = address.split("?")
        if path != "/deals/" or not opened:
            opened += path == "/deals/"
            assert rows_behind(client, address) == count, address
            continue
        asked = DealFilter(QueryDict(query), queryset=rows, request=asking)
        assert asked.form.is_valid(), address
        assert set(QueryDict(query)) <= set(asked.form.fields), address
        assert asked.qs.count() == count, address
    return len(found)


OPENED = 24
STARTS = {"xlsx": b"PK", "csv": b"\xef\xbb\xbf", "pdf": b"%PDF"}


def check_files(client, url: str, params: dict, kinds: tuple[str, ...] = tuple(STARTS)) -> None:
    """The report as files."""
    for kind in kinds:
        assert client.get(url, {**params, "file": kind}).content.startswith(STARTS[kind]), kind


def check_bad_values(client, url: str, skipped: tuple[str, ...] = ()) -> None:
    """A value that makes no sense is named; a century is no failure."""
    for query in (*WRONG, *WIDE):
        if query.startswith(skipped or "-"):
            continue
        page = client.get(f"{url}?{query}")
        assert page.status_code == 200, query
        is_told = 'role="alert"' in page.content.decode()
        assert is_told == (query in WRONG), query
