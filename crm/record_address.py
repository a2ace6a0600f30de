"""The record that an address of the product, or a number, names."""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from crm.kinds import RECORDS


def record_at(text: str, kind: str = "") -> tuple[str, int] | None:
    """Type and key of the record; a bare number needs the type. None for anything else.

    Nothing is read: whether there is such a record, and for whom, is asked elsewhere.
    """
    line = text.strip().lstrip("№# ")
    if line.isascii() and line.isdigit():
        return (kind, int(line)) if kind in RECORDS and len(line) < 19 else None
    try:
        match = resolve(urlsplit(line).path)
    except (Resolver404, ValueError):
        return None
    model = getattr(getattr(match.func, "view_class", None), "model", None)
    found = match.kwargs.get("kind") or getattr(model, "record_type", "")
    key = match.kwargs.get("pk")
    known = found in RECORDS and isinstance(key, int) and key < 2**63
    return (found, key) if known else None
