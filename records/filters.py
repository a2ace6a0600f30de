"""What filters of every list share."""

from typing import Any


def close_filters(filterset: Any, user: Any) -> None:
    """Take out the filters by fields hidden from the person: an answer would tell the value."""
    hidden = user.fields(filterset.queryset.model.record_type).hidden
    for name, known in list(filterset.filters.items()):
        if name in hidden or known.field_name in hidden:
            del filterset.filters[name]
