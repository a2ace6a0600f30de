"""The record types by their word, for pages that speak of any record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from accounts.models import Department, Role
from activities.models import Activity
from catalog.models import Product
from contacts.models import Company, Contact
from deals.models import Deal, Pipeline
from leads.models import Lead

RECORDS: dict[str, Any] = {
    "lead": Lead,
    "contact": Contact,
    "company": Company,
    "deal": Deal,
    "activity": Activity,
    "product": Product,
}
ICONS = {
    "lead": "target-arrow",
    "contact": "user",
    "company": "building",
    "deal": "briefcase",
    "activity": "checkbox",
    "product": "package",
}
SETTINGS: dict[str, tuple[Any, str]] = {
    "user": (get_user_model(), "administer"),
    "role": (Role, "administer"),
    "department": (Department, "administer"),
    "pipeline": (Pipeline, "manage_pipelines"),
}
"""Rows nobody owns, and the right that opens them."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row as it may be told to somebody: its text and, if it has a page, the address."""

    text: str
    url: str = ""


def rows_for(user: Any, kind: str) -> models.QuerySet | None:
    """The rows of a type whose names the person may read; None for a type without names."""
    if kind in RECORDS:
        return RECORDS[kind].objects.visible_to(user)
    if kind not in SETTINGS:
        return None
    model, right = SETTINGS[kind]
    is_open = kind == "user" or user.has_right(right)
    return model._default_manager.all() if is_open else model._default_manager.none()


def names_for(
    user: Any, wanted: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], Named]:
    """Names of the rows the person may see; at most one query for each type."""
    keys: dict[str, set[int]] = {}
    for kind, pk in wanted:
        if pk is not None:
            keys.setdefault(kind, set()).add(pk)
    found: dict[tuple[str, int | None], Named] = {}
    for kind, pks in keys.items():
        rows = rows_for(user, kind)
        for row in rows.filter(pk__in=pks) if rows is not None else ():
            url = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
            found[kind, row.pk] = Named(str(row), url)
    return found
