"""Did the database change? First the cheap counters of the transaction, then a true digest."""

from collections.abc import Iterable
from functools import cache

from django.db import connection

EXEMPT = ["django_session", "usersessions_usersession", "django_migrations", "records_auditentry"]
"""Tables a GET or a refused request may write: the session, its line in the list, the audit log."""

COUNTS = """
SELECT array_agg(pg_stat_get_xact_tuples_inserted(t) + pg_stat_get_xact_tuples_updated(t)
                 + pg_stat_get_xact_tuples_deleted(t) ORDER BY place),
       pg_stat_get_xact_tuples_inserted('records_auditentry'::regclass)
FROM unnest(%s::oid[]) WITH ORDINALITY AS known (t, place)
"""


@cache
def _tables() -> dict[str, int]:
    """Names and identifiers of the watched tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relid FROM pg_stat_user_tables WHERE relname <> ALL(%s)", [EXEMPT]
        )
        return dict(cursor.fetchall())


def writes() -> tuple[list[int], int]:
    """Rows written so far in this transaction to each table, undone ones too; to the audit log."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [list(_tables().values())])
        return cursor.fetchone()


def written(before: list[int], after: list[int]) -> list[str]:
    """The tables in which rows were written between two counts, perhaps to be as they were."""
    counts = zip(_tables(), before, after, strict=True)
    return [name for name, earlier, later in counts if earlier != later]


def digest(names: Iterable[str] = ()) -> dict[str, str]:
    """One hash for each of the tables (of all when none is named) over all of its rows."""
    parts = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f' FROM "{name}" t'
        for name in sorted(names or _tables())
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def changed_tables(before: dict[str, str], names: Iterable[str] = ()) -> tuple[str, ...]:
    """Of the named tables (of all) those whose rows are not those of `before`."""
    now = digest(names)
    return tuple(name for name in sorted(now) if now[name] != before.get(name))
