"""Asking every page many times and the database for its floor."""

import uuid
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

import psycopg

from accounts.models import User
from benchmarks.pages import Page, pages
from benchmarks.server import Answer, Browser

WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Result:
    """One measured page of one viewer; times in milliseconds."""

    viewer: str
    page: Page
    status: int = 0
    median: float = 0
    p95: float = 0
    server: float = 0
    cpu: float = 0
    queries: int = 0
    sql: float = 0
    size: int = 0
    floor: float = 0
    slowest: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty without one."""
        if self.page.target is None or not self.status:
            return ""
        if self.status >= 400:
            return "**error**"
        return "yes" if self.median <= self.page.target else "**no**"


def measure(port: int, viewers: dict[str, User], dsn: str, times: int) -> list[Result]:
    """Every page of every viewer, one after the other."""
    results = []
    with psycopg.connect(dsn, autocommit=True) as database:
        for viewer, user in viewers.items():
            browser = Browser(port, user)
            for page in pages(user):
                result = _page(browser, viewer, page, times, _floor(database, page, times))
                print(f"{viewer:14} {page.name:24} {result.status} {result.median:8.1f} ms")
                results.append(result)
    return results


def _page(browser: Browser, viewer: str, page: Page, times: int, floor: float) -> Result:
    if page.path is None:
        return Result(viewer, page, floor=floor)
    ask = _create if page.form else _get
    answers = [ask(browser, page.path, turn) for turn in range(WARM_UP + times)][WARM_UP:]
    walls = [answer.wall for answer in answers]
    middle = sorted(answers, key=lambda answer: answer.wall)[len(answers) // 2]
    return Result(
        viewer,
        page,
        status=max(answer.status for answer in answers),
        median=median(walls),
        p95=quantiles(walls, n=20)[-1],
        server=median(answer.server for answer in answers),
        cpu=median(answer.cpu for answer in answers),
        queries=middle.queries,
        sql=median(answer.sql for answer in answers),
        size=middle.size,
        floor=floor,
        slowest=middle.slowest,
    )


def _get(browser: Browser, path: str, _turn: int) -> Answer:
    return browser.get(path)


def _create(browser: Browser, path: str, turn: int) -> Answer:
    """A new lead by the form; the first turn reads the page for its cookies."""
    if turn == 0:
        browser.get(path)
    return browser.post(
        path,
        {
            "last_name": f"Bench {turn}",
            "first_name": "Test",
            "phones": f"+7 912 {turn:03d}-00-11",
            "form_key": str(uuid.uuid4()),
        },
    )


def _floor(database: psycopg.Connection, page: Page, times: int) -> float:
    """The median of the page's main query sent as it is."""
    took = []
    for _turn in range(WARM_UP + times):
        started = perf_counter()
        database.execute(page.floor).fetchall()
        took.append((perf_counter() - started) * 1000)
    return median(took[WARM_UP:])
