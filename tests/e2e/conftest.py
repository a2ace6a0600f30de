"""A real browser against the real server; the pages must not break their own security policy."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.walk import Walk, row_of, table

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser driver runs a loop here

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("No browser found: install the package `chromium`.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_as(browser, live_server, client) -> Iterator:
    """`open_as(user, width=1440, theme="light")` gives a page signed in as the person.

    At the end of the test no page may have called another host, broken the content security
    policy or thrown a script error.
    """
    troubles: list[str] = []
    contexts = []

    def _open(user, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        client.force_login(user, backend="accounts.adapter.EmailBackend")
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="ru-RU",
            timezone_id="Europe/Kyiv",
        )
        contexts.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: _script_error(str(error), troubles))
        page.on("console", lambda line: _note(line, troubles))
        page.on("request", lambda request: _outside(request.url, live_server.url, troubles))
        return page

    yield _open
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def walk(request) -> Iterator:
    """`walk(page, "U01", "Log a call", 3, 10)`: a counted task that ends up in the table."""
    walks: list[Walk] = []

    def _walk(page: Page, code: str, task: str, goal: int, seconds: float | None = None) -> Walk:
        walks.append(Walk(page, code, task, goal, seconds))
        return walks[-1]

    yield _walk
    request.node.user_properties += [("walk", row_of(walk)) for walk in walks]


def pytest_terminal_summary(terminalreporter) -> None:
    """The table of counted tasks, when some were walked here."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    rows = [
        row
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, row in report.user_properties
        if name == "walk"
    ]
    if rows:
        terminalreporter.section("journeys")
        for line in table(sorted(rows, key=lambda row: row["code"])):
            terminalreporter.write_line(line)


def _script_error(text: str, troubles: list[str]) -> None:
    if not text.startswith("Transition was"):  # the browser drops the animation of a quick move on
        troubles.append(f"script error: {text}")


def _note(line, troubles: list[str]) -> None:
    if "Content Security Policy" in line.text or "Content-Security-Policy" in line.text:
        troubles.append(line.text)


def _outside(url: str, home: str, troubles: list[str]) -> None:
    if not url.startswith((home, "data:", "blob:", "about:")):
        troubles.append(f"outside request: {url}")
