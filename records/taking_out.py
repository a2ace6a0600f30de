"""Files that leave the house: only from our own pages, and only so many an hour."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from records.models import AuditEntry, Deed
from records.pace import too_many

HOUR = 3600


def takes_out(request: HttpRequest, view: Any) -> bool:
    """The answer will be a file with rows of many records."""
    action = getattr(getattr(view, "policy", None), "action", "")
    return action == "export" or "file" in request.GET


class TakingOutMiddleware:
    """Another site may link to a page, and that is all it may do here.

    Its pictures, frames, scripts and forms get 403 (browsers say so in Sec-Fetch-Site), and so
    does a link to a file. The audit log counts the files of a person: EXPORTS_PER_HOUR, 0 is no
    limit.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_file = takes_out(request, view)
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            is_link = request.headers.get("Sec-Fetch-Mode") == "navigate"
            if not is_link or is_file or request.headers.get("Sec-Fetch-Dest") in FRAMES:
                raise PermissionDenied
        if is_file and request.user.is_authenticated and taken_lately(request):
            return too_many(request, HOUR)
        return None


FRAMES = ("embed", "frame", "iframe", "object")


def taken_lately(request: Any) -> bool:
    """The person took as many files in the last hour as one may."""
    if not settings.EXPORTS_PER_HOUR:
        return False
    person = getattr(request, "real_user", None) or request.user
    since = timezone.now() - timedelta(seconds=HOUR)
    rows = AuditEntry.objects.filter(user=person.pk, deed=Deed.EXPORT, at__gt=since)
    return rows.count() >= settings.EXPORTS_PER_HOUR
