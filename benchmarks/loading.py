"""Filling an empty database by COPY, with indexes built afterwards."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from time import monotonic

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Department, RoleAssignment, User
from accounts.services.roles import ensure_presets
from benchmarks.rows import BRANCHES, DEPARTMENTS, TABLES, Frame, Table
from deals.defaults import create_defaults
from deals.models import Deal, LossReason
from deals.services import keep_purchases
from leads.models import Source

BLOCK = 2000
SOURCES = ("Сайт", "Звонок", "Выставка", "Рекомендация", "Реклама", "Почта", "Партнёр", "Чат")
EMPTY = {"boolean": "f", "integer": "0", "bigint": "0", "smallint": "0", "numeric": "0"}
ADMINISTRATOR = 30


def load(size: int, seed: int = 7) -> None:
    """Fill the database. Raises SystemExit when it is not a benchmark's own empty one."""
    name = connection.settings_dict["NAME"]
    if not name.endswith("bench"):
        raise SystemExit(f"Refused: {name} does not end with “bench”.")
    if User.objects.exists():
        raise SystemExit(f"Refused: {name} is not empty.")
    started = monotonic()
    frame = _frame(size, seed)
    with transaction.atomic(), connection.cursor() as cursor:
        _without_triggers(cursor)
        indexes = _drop_indexes(cursor)
        for table in TABLES:
            _fill(cursor, table, frame)
            print(f"{monotonic() - started:6.1f} s  {table.name}", flush=True)
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for statement in indexes:
            cursor.execute(statement)
    print(f"{monotonic() - started:6.1f} s  indexes", flush=True)
    _people()
    keep_purchases(Deal.objects.won().values_list("pk", flat=True))
    print(f"{monotonic() - started:6.1f} s  purchases", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{monotonic() - started:6.1f} s  analyzed", flush=True)


def _frame(size: int, seed: int) -> Frame:
    pipeline = create_defaults("ru")
    Source.objects.bulk_create(
        [Source(name=name, position=at) for at, name in enumerate(SOURCES)], ignore_conflicts=True
    )
    return Frame(
        size=size,
        now=timezone.now(),
        stages=list(pipeline.stages.order_by("position").values_list("pk", flat=True)),
        pipeline=pipeline.pk,
        reasons=list(LossReason.objects.values_list("pk", flat=True)),
        sources=list(Source.objects.values_list("pk", flat=True)),
        seed=seed,
    )


def _without_triggers(cursor: psycopg.Cursor) -> None:
    """No history rows and no key checks; needs the owner of the server."""
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")
    except Exception as error:
        raise SystemExit(f"The database user must be a superuser for loading: {error}") from error


def _drop_indexes(cursor: psycopg.Cursor) -> list[str]:
    """Drop every index that no constraint needs; the statements that make them again."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
        [[table.name for table in TABLES]],
    )
    found = cursor.fetchall()
    for name, _statement in found:
        cursor.execute(f"DROP INDEX {name}")
    return [statement for _name, statement in found]


def _fill(cursor: psycopg.Cursor, table: Table, frame: Frame) -> None:
    columns = table.columns.split()
    filler = _filler(cursor, table.name, columns, frame.now)
    names = ", ".join(f'"{name}"' for name in [*columns, *filler])
    tail = "".join(f"\t{value}" for value in filler.values()) + "\n"
    lines: Iterator[str] = table.lines(frame)
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for block in batched(lines, BLOCK, strict=False):
            copy.write("".join(line + tail for line in block))
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
    )


def _filler(cursor: psycopg.Cursor, table: str, given: list[str], now: datetime) -> dict[str, str]:
    """Blank values for the columns that must not be null and have no default."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND is_nullable = 'NO' AND is_generated = 'NEVER' AND is_identity = 'NO' "
        "AND column_default IS NULL AND column_name <> ALL(%s)",
        [table, given],
    )
    return {
        name: str(now) if kind.startswith("timestamp") else EMPTY.get(kind, "")
        for name, kind in cursor.fetchall()
    }


def _people() -> None:
    """Heads of departments, an administrator, managers."""
    roles = ensure_presets()
    given = []
    for user in User.objects.order_by("pk"):
        preset = "head" if user.pk <= DEPARTMENTS else "manager"
        if user.pk == ADMINISTRATOR:
            preset = "administrator"
        elif user.pk <= DEPARTMENTS:
            Department.objects.filter(pk=user.pk).update(head=user)
        given.append(RoleAssignment(user=user, role=roles[preset]))
    RoleAssignment.objects.bulk_create(given)


def viewers() -> dict[str, User]:
    """Who looks at the pages: a head of a branch, a manager, the administrator."""
    keys = {"head": 2, "manager": DEPARTMENTS + BRANCHES, "administrator": ADMINISTRATOR}
    return {name: User.objects.get(pk=key) for name, key in keys.items()}
