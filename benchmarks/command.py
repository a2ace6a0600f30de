"""load, run, or both in a database of its own beside the configured one."""

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection

from benchmarks.loading import load, viewers
from benchmarks.measure import Result, measure
from benchmarks.server import running
from deals.models import Deal

DATABASE = "crm_bench"
USUAL = 100_000
RESULTS = Path(__file__).parent / "results"
COLUMNS = (
    "viewer | page | status | median ms | p95 ms | server ms | CPU ms | SQL | SQL ms | "
    "raw SQL ms | kB | target ms | met"
)


def main() -> None:
    """Parse the arguments and go."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("action", nargs="?", choices=["load", "run", "all"], default="all")
    parser.add_argument("--rows", type=int, default=USUAL, help="leads, contacts, deals each")
    parser.add_argument("--times", type=int, default=30, help="requests of each page")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--slow", type=float, default=10.0, help="name queries slower than so, ms")
    options = parser.parse_args()
    if options.action == "load":
        load(options.rows)
    elif options.action == "run":
        run(options.times, options.slow)
    else:
        _own_database(options)


def run(times: int, slow: float) -> None:
    """Measure on the configured database, print the table and keep it."""
    size = Deal.objects.count()
    url = _url()
    with running(url) as port:
        results = measure(port, viewers(), url, times)
    text = report(results, size, times, slow)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date.today()}-{size}.md"
    path.write_text(text, encoding="utf-8")
    print(text)


def report(results: list[Result], size: int, times: int, slow: float) -> str:
    """The markdown page of a run."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    lines = [
        f"# {size} leads, contacts and deals, {date.today()}",
        "",
        f"PostgreSQL {version}, {os.cpu_count()} cores, {times} requests of each page "
        "after warm-up, client, server and database on one machine.",
        "",
        f"| {COLUMNS} |",
        "|" + "---|" * (COLUMNS.count("|") + 1),
        *[_line(result) for result in results],
    ]
    slowest = sorted(
        {
            (result.page.name, result.viewer, result.slowest)
            for result in results
            if result.slowest and float(result.slowest.split()[0]) >= slow
        }
    )
    if slowest:
        lines += ["", f"## Queries of {slow:g} ms and more", ""]
        lines += [f"- {page}, {viewer}: `{text[:600]}`" for page, viewer, text in slowest]
    return "\n".join(lines) + "\n"


def _line(result: Result) -> str:
    page = result.page
    target = f"{page.target:g}" if page.target else ""
    cells = [result.viewer, page.name]
    if result.status:
        cells += [str(result.status), f"{result.median:.1f}", f"{result.p95:.1f}"]
        cells += [f"{result.server:.1f}", f"{result.cpu:.1f}", str(result.queries)]
        cells += [f"{result.sql:.1f}"]
    else:
        cells += ["no page", *[""] * 6]
    cells += [f"{result.floor:.2f}", f"{result.size / 1000:.1f}", target, result.verdict]
    return f"| {' | '.join(cells)} |"


def _url(name: str = "") -> str:
    """The address of the configured database, or of another one on the same server."""
    url = os.environ.get("DATABASE_URL", "postgres:///crm")
    if not name:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


def _own_database(options: argparse.Namespace) -> None:
    """Make or reuse the database of this size beside the configured one, then load and run."""
    name = DATABASE if options.rows == USUAL else f"crm_{options.rows}_bench"
    with psycopg.connect(_url(), autocommit=True) as server:
        if options.fresh:
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            server.execute(f'CREATE DATABASE "{name}"')
    environment = os.environ | {"DATABASE_URL": _url(name)}
    _call(["manage.py", "migrate", "--verbosity", "0"], environment)
    with psycopg.connect(_url(name)) as database:
        filled = database.execute("SELECT EXISTS (SELECT FROM accounts_user)").fetchone()
    if not filled or not filled[0]:
        _call(["-m", "benchmarks", "load", "--rows", str(options.rows)], environment)
    _call(["-m", "benchmarks", "run", "--times", str(options.times)], environment)


def _call(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], env=environment, cwd=settings.BASE_DIR, check=True)
