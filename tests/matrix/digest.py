"""Did the database change? First the cheap counter of the transaction, then a true digest."""

from django.db import connection

EXEMPT = ["django_session", "django_migrations"]
"""Tables a GET or a refused request may write: the session only."""


def writes() -> int:
    """Rows inserted, changed or deleted so far in this transaction, undone ones included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
            " FROM pg_stat_xact_user_tables WHERE relname <> ALL(%s)",
            [EXEMPT],
        )
        return int(cursor.fetchone()[0])


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
