"""Addresses of the lists behind the numbers of reports."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from reports.asking import Asked


def query_of(params: dict[str, Any]) -> str:
    """Parameters that have a value."""
    return urlencode({name: value for name, value in params.items() if value not in (None, "")})


def list_url(**params: Any) -> str:
    """The list of deals narrowed by the parameters that have a value."""
    return f"{reverse('deals:list')}?{query_of(params)}"


def tasks_url(*, owner: int | None, **params: Any) -> str:
    """The list of done activities; an empty `owner` asks it for everybody's, not one's own."""
    query = query_of({"tab": "done", **params})
    return f"{reverse('activities:list')}?{query}&owner={owner or ''}"


def days_of(asked: Asked) -> dict[str, str]:
    """The period as parameters of a report; an open side stays open."""
    first, last = asked.period.first, asked.period.last
    return {"from": first.isoformat() if first else "", "to": last.isoformat() if last else ""}


def report_url(name: str, asked: Asked, **params: Any) -> str:
    """A page of reports with the same narrowing."""
    kept = {**asked.link(), "as_of": asked.as_of, **asked.options, **params}
    days = urlencode(days_of(asked))
    return f"{reverse(f'reports:{name}')}?{days}&{query_of(kept)}"
