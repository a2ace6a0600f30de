"""Field history of every record by database triggers, with who and why.

`tracked` installs the triggers, `HistoryMiddleware` and `cause` name the actor once per
request, task or command, `changes_of` reads the differences back for a card.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import Lag
from django.http import HttpRequest, HttpResponse

SILENT = (
    "updated_at",
    "version",
    "search_text",
    "sort_key",
    "chance",
    "created_at",
    "created_by",
    "password",
    "last_login",
)


PARTS_SHOWN = 50


def tracked(model: type[models.Model]) -> type[models.Model]:
    """Class decorator: every insert and every changed column becomes a history row."""
    fields = [*model._meta.local_fields]
    for parent in model.__mro__[1:]:
        fields += getattr(getattr(parent, "_meta", None), "local_fields", [])
    exclude = sorted({f.name for f in fields if f.name in SILENT or f.generated})
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=exclude
    )(model)


@contextmanager
def cause(name: str, *, user_id: int | None = None, **details: Any) -> Iterator[None]:
    """Everything written inside is attributed to this person and cause."""
    with pghistory.context(cause=name, user=user_id, **details):
        yield


class HistoryMiddleware:
    """Names the actor and the page for whatever an unsafe request writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = getattr(request, "user", None)
        with cause("page", user_id=getattr(user, "pk", None), path=request.path[:200]):
            return self.get_response(request)


@dataclass(frozen=True, slots=True)
class Change:
    """One moment of a record's history: what changed, by whom, why."""

    at: datetime
    label: str
    user_id: int | None
    cause: str
    fields: dict[str, tuple[Any, Any]]
    event_id: int = 0


def changes_of(
    record: models.Model, limit: int = 50, *, column: str = "", before: int | None = None
) -> list[Change]:
    """The newest changes of a record, field by field, newest first.

    With `column` only those that changed it; with `before` those older than this event.
    """
    event_model = record._meta.model.pgh_event_model
    names = [f.attname for f in event_model._meta.local_fields if not f.name.startswith("pgh_")]
    order = F("pgh_id").asc()
    events = event_model.objects.filter(pgh_obj_id=record.pk)
    if before is not None:
        events = events.filter(pgh_id__lt=before)
    events = events.annotate(previous_id=Window(Lag("pgh_id"), order_by=order))
    if column in names:
        was_empty, is_empty = Q(was__isnull=True), Q(**{f"{column}__isnull": True})
        differs = Q(was__lt=F(column)) | Q(was__gt=F(column))
        differs |= was_empty & ~is_empty | ~was_empty & is_empty
        events = events.annotate(was=Window(Lag(column), order_by=order)).filter(
            differs, previous_id__isnull=False
        )
    found = list(events.select_related("pgh_context").order_by("-pgh_id")[:limit])
    older = event_model.objects.in_bulk({event.previous_id for event in found} - {None})
    return [_change(event, older.get(event.previous_id), names) for event in found]


def value_before(record: models.Model, event_id: int, column: str) -> Any:
    """What the column held before this event of the record; LookupError when there is none."""
    events = record._meta.model.pgh_event_model.objects.filter(pgh_obj_id=record.pk)
    is_own = events.filter(pgh_id=event_id).exists()
    older = events.filter(pgh_id__lt=event_id).order_by("-pgh_id").values_list(column, flat=True)
    found = list(older[:1]) if is_own else []
    if not found:
        raise LookupError
    return found[0]


def _change(event: Any, before: Any, names: list[str]) -> Change:
    """Compare an event with the one before it."""
    meta = event.pgh_context.metadata if event.pgh_context else {}
    fields = {}
    if before is not None:
        for name in names:
            old, new = getattr(before, name), getattr(event, name)
            if old != new:
                fields[name] = (old, new)
    return Change(
        event.pgh_created_at,
        event.pgh_label,
        meta.get("user"),
        meta.get("cause", ""),
        fields,
        event.pgh_id,
    )


def changes_of_parts(part: type[models.Model], fk: str, record: models.Model) -> list[Any]:
    """The newest events of the rows that hang on a record by `fk`, each with `older`, or None."""
    event_model: Any = part.pgh_event_model  # type: ignore[attr-defined]
    previous = Window(Lag("pgh_id"), partition_by=[F("pgh_obj_id")], order_by=F("pgh_id").asc())
    found = list(
        event_model.objects.filter(**{fk: record.pk})
        .annotate(previous_id=previous)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:PARTS_SHOWN]
    )
    older = event_model.objects.in_bulk({event.previous_id for event in found} - {None})
    for event in found:
        event.older = older.get(event.previous_id)
    return found


def forget(model: type[models.Model], keys: Iterable[Any]) -> None:
    """Remove the history of rows that are gone for good, and of what hung on them."""
    gone: Any = list(keys)
    model.pgh_event_model.objects.filter(pgh_obj_id__in=gone).delete()  # type: ignore[attr-defined]
    for relation in model._meta.related_objects:
        events = getattr(relation.related_model, "pgh_event_model", None)
        if events is not None and relation.on_delete is models.CASCADE:
            events.objects.filter(**{f"{relation.field.attname}__in": gone}).delete()
