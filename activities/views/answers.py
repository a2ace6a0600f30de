"""Where a post leads: back to where the person was, as a page or as a refreshed part of it."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from records.views import go_to

PARTS = ("timeline", "day", "rows")


def back_url(request: HttpRequest, default: str) -> str:
    """The posted or given `next`, else the page an htmx request came from, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if not wanted and getattr(request, "htmx", False):
        wanted = request.htmx.current_url_abs_path or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and len(wanted) < 2000
    if not safe or urlsplit(wanted).netloc or not wanted.startswith("/"):
        return default
    return wanted


def back(request: HttpRequest, default: str) -> HttpResponse:
    """Refresh the part that htmx asked for; otherwise go to the page."""
    url = back_url(request, default)
    if getattr(request, "htmx", False) and request.htmx.target in PARTS:
        return HttpResponseRedirect(url, status=303)
    return go_to(request, url)
