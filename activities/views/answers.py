"""Where a post leads: back to where the person was, as a page or as a refreshed part of it."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from records.views import go_to

PARTS = ("timeline", "day", "rows")
DIALOG = "dialog-body"


def back_url(request: Any, default: str) -> str:
    """The posted or given `next`, else the page an htmx request came from, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if not wanted and getattr(request, "htmx", False):
        wanted = request.htmx.current_url_abs_path or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and len(wanted) < 2000
    if not safe or urlsplit(wanted).netloc or not wanted.startswith("/"):
        return default
    return wanted


def back(request: Any, default: str) -> HttpResponse:
    """Refresh the part that htmx asked for; otherwise go to the page."""
    url = back_url(request, default)
    if getattr(request, "htmx", False) and request.htmx.target in PARTS:
        return HttpResponseRedirect(url, status=303)
    return go_to(request, url)


def close_dialog(request: Any, record: Any, text: str, default: str) -> HttpResponse:
    """After a dialog: a page that listens to `activity:changed` refreshes its part and stays.

    Those are My day, the list of tasks and the card of the record; any other page is loaded anew.
    """
    is_dialog = getattr(request, "htmx", False) and request.htmx.target == DIALOG
    if not is_dialog:
        return back(request, default)
    shown = urlsplit(request.htmx.current_url_abs_path or "").path
    listening = {reverse("home"), reverse("activities:list")}
    if record is not None:
        listening.add(record.get_absolute_url())
    if shown not in listening:
        return back(request, default)
    news = json.dumps({"dialog:close": {"text": text}, "activity:changed": {}})
    return HttpResponse(status=204, headers={"HX-Trigger": news})
