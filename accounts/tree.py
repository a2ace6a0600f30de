"""The departments as people read a tree: each below its own parent, neighbours by name."""

from collections.abc import Iterable

from accounts.models import Department


def in_tree_order(rows: Iterable[Department]) -> list[Department]:
    """Rows sorted by the names on the way from the root.

    A text sort of the paths may put 14. between 1. and 1.4., as the collation leaves dots out.
    """
    rows = list(rows)
    names = {str(row.pk): (row.name.lower(), row.pk) for row in rows}
    return sorted(
        rows, key=lambda row: [names.get(key, ("", 0)) for key in row.path.split(".") if key]
    )
