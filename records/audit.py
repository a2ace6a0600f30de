"""The audit log: who saw, took out, changed or was refused what, from where; a row per request.

The middleware writes for every door by its policy, so no view has to remember. A view may name
its deed by `deed`, the number of rows it showed by `shown_count`.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from records.devices import address_of, device_of
from records.models import AuditEntry, Deed

logger = logging.getLogger("crm.audit")
SAFE = ("GET", "HEAD", "OPTIONS")
PAGING = {"sort", "after", "page", "csrfmiddlewaretoken"}
ACTIONS = {"create": Deed.CREATE, "delete": Deed.DELETE, "export": Deed.EXPORT}


def write(request: HttpRequest, deed: str, *, user: Any = None, **columns: Any) -> AuditEntry:
    """One entry of the log; the person and the place are those of the request."""
    person = user or getattr(request, "real_user", None) or getattr(request, "user", None)
    acting_as = getattr(request, "acting_as", None)
    entry = AuditEntry.objects.create(
        at=timezone.now(),
        user_id=getattr(person, "pk", None),
        acting_as_id=getattr(acting_as, "pk", None),
        deed=deed,
        address=address_of(request),
        device=device_of(request.META.get("HTTP_USER_AGENT", "")),
        **columns,
    )
    if settings.AUDIT_TO_LOG:
        names = [column.attname for column in entry._meta.concrete_fields]
        told = {name: getattr(entry, name) for name in names}
        logger.info(json.dumps(told, default=str))
    return entry


class AuditMiddleware:
    """After the view, before the answer leaves: what cannot be recorded is not shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        door = getattr(request, "door", None)
        if door is not None and request.user.is_authenticated:
            deed = deed_of(door, response)
            if deed:
                write(request, deed, **_told(door, deed, response))
        return response


def deed_of(door: Any, response: HttpResponse) -> str:
    """What the request was; empty for what is not recorded."""
    policy, status = door.policy, response.status_code
    if policy.kind == "public":
        return ""
    if status in (403, 404):
        return Deed.REFUSED
    if status >= 400:
        return ""
    if door.deed is not None:
        return door.deed
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return Deed.EXPORT
    return _seen(door) if door.request.method in SAFE else _done(door)


def _seen(door: Any) -> str:
    policy = door.policy
    if policy.kind == "right":
        return Deed.REPORT if policy.name == "view_reports" else ""
    if policy.kind != "record":
        return ""
    if door.kwargs.get("pk") is not None:
        return Deed.VIEW
    return Deed.LIST if policy.action == "view" else ""


def _done(door: Any) -> str:
    policy = door.policy
    if policy.kind == "right":
        return Deed.RIGHTS if policy.name == "administer" else Deed.SETTINGS
    if policy.kind != "record":
        return ""
    deed = ACTIONS.get(policy.action, Deed.CHANGE)
    is_replay = deed == Deed.CREATE and getattr(door, "object", None) is None
    return "" if is_replay else deed


def _told(door: Any, deed: str, response: HttpResponse) -> dict[str, Any]:
    """The columns of an entry that the door knows."""
    request, match = door.request, door.request.resolver_match
    record_type, record_id = target_of(door)
    details: dict[str, Any] = {}
    if deed == Deed.REFUSED:
        details = {"status": response.status_code, "method": request.method}
    elif deed in (Deed.LIST, Deed.SEARCH, Deed.REPORT, Deed.EXPORT):
        names = {name for name, value in request.GET.items() if value} - PAGING
        details = {"filters": sorted(name[:40] for name in names)[:20]} if names else {}
    return {
        "door": (match.view_name or match.route)[:80],
        "record_type": record_type[:30],
        "record_id": record_id,
        "count": getattr(door, "shown_count", None),
        "details": details,
    }


def target_of(door: Any) -> tuple[str, int | None]:
    """Type and key of the record the address names, or of the one just made."""
    model = getattr(door, "model", None)
    record_type = getattr(model, "record_type", "")
    if not isinstance(record_type, str) or not record_type:
        record_type = model._meta.model_name if model is not None else ""
    kind = door.kwargs.get("kind") or record_type
    made = getattr(door, "object", None)
    key = door.kwargs.get("pk", getattr(made, "pk", None))
    known = isinstance(key, int) and 0 <= key < 2**63
    kind = kind or (door.policy.name if door.policy.kind == "record" else "")
    return str(kind), key if known else None


def purge_old(now: datetime, batch: int = 5000) -> int:
    """Remove entries older than AUDIT_DAYS through the database's own routine, batch by batch."""
    before, gone = now - timedelta(days=settings.AUDIT_DAYS), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT crm_purge_audit(%s, %s)", [before, batch])
            removed = int(cursor.fetchone()[0])
        gone += removed
        if removed < batch:
            return gone
