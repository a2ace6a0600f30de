"""Did the database change? First the cheap counter of the transaction, then a true digest."""

from functools import cache

from django.db import connection

EXEMPT = ["django_session", "usersessions_usersession", "django_migrations", "records_auditentry"]
"""Tables a GET or a refused request may write: the session, its line in the list, the audit log."""


COUNT = """
SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(t) + pg_stat_get_xact_tuples_updated(t)
                    + pg_stat_get_xact_tuples_deleted(t)), 0),
       pg_stat_get_xact_tuples_inserted('records_auditentry'::regclass)
FROM unnest(%s::oid[]) AS t
"""


@cache
def _table_ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid FROM pg_stat_user_tables WHERE relname <> ALL(%s)", [EXEMPT])
        return [row[0] for row in cursor.fetchall()]


def writes() -> tuple[int, int]:
    """Rows written so far in this transaction, undone ones included; those of the audit log."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_table_ids()])
        rows, entries = cursor.fetchone()
        return int(rows), int(entries)


def digest() -> dict[str, str]:
    """One hash per table over all of its rows."""
    names = sorted(set(connection.introspection.table_names()) - set(EXEMPT))
    parts = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f' FROM "{name}" t'
        for name in names
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def changed_tables(before: dict[str, str]) -> tuple[str, ...]:
    """The tables whose rows are not those of `before`."""
    now = digest()
    return tuple(name for name in sorted(now) if now[name] != before.get(name))
