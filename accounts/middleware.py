"""Around every page: language and time zone, the list of sessions, the obligatory second factor."""

import time
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from accounts.services.workplace import workplace


def known_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone, or that of the server when its name means nothing here."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


class PersonMiddleware:
    """Signed in: the profile decides; otherwise the cookie, then the browser.

    Every answer, refusals included, is for this one reader: no shared cache may keep it, and what
    a signed-in person reads is not kept by the browser either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        zone = settings.TIME_ZONE
        was_in = request.user.is_authenticated
        if was_in:
            language = request.user.language or language
            zone = request.user.time_zone or workplace().time_zone or zone
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(known_zone(zone)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            patch_cache_control(response, private=True, **({"no_store": True} if was_in else {}))
            if was_in and not request.user.is_authenticated:
                response.headers["Clear-Site-Data"] = '"storage"'
            elif not was_in:
                lead_whole_page(request, response)
        return response


def lead_whole_page(request: HttpRequest, response: HttpResponse) -> None:
    """A page whose session has ended asks for a part: all of it goes to sign-in, not the part."""
    login = reverse("account_login")
    refused = response.headers.get("Location", "").startswith(f"{login}?next=")
    if refused and request.headers.get("HX-Request"):
        back = QueryDict(mutable=True)
        back["next"] = place_of(request.headers.get("HX-Current-URL", ""))
        response.status_code = 204
        del response.headers["Location"]
        response.headers["HX-Redirect"] = f"{login}?{back.urlencode(safe='/')}"


def place_of(url: str) -> str:
    """Path and query of the page in the browser; the first page when it is no address."""
    try:
        at = urlsplit(url)
    except ValueError:
        return "/"
    return urlunsplit(("", "", at.path or "/", at.query, ""))


SEEN_AT, SIGNED_IN_AT = "seen_at", "signed_in_at"
SEEN_EVERY = 300


class SeenMiddleware:
    """Notes every five minutes when and from where a session was used; an ended one ends here.

    Sign-in makes the row of the list. When the row is gone, the session was ended while the cache
    still knew it. SESSION_LONGEST after sign-in a session ends however busy it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            seen, now = request.session.get(SEEN_AT), int(time.time())
            if seen is not None and now - seen >= SEEN_EVERY:
                self._note(request, now)
        return self.get_response(request)

    def _note(self, request: HttpRequest, now: int) -> None:
        if now - request.session.get(SIGNED_IN_AT, now) > settings.SESSION_LONGEST:
            logout(request)
            return
        rows = UserSession.objects.filter(session_key=request.session.session_key)
        place = {"ip": get_adapter().get_client_ip(request), "last_seen_at": timezone.now()}
        if rows.update(**place):
            request.session[SEEN_AT] = now
        else:
            logout(request)


class SecondFactorMiddleware:
    """Whoever must have a second factor and has none sets it up, signs out, and nothing else."""

    open_doors = frozenset(
        {
            "mfa_index",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "account_reauthenticate",
            "account_logout",
            "accounts:language",
            "healthz",
            "readyz",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *args: Any) -> HttpResponse | None:
        """Before any view; a fragment is refused, so that a poll does not leave the page."""
        if not request.user.is_authenticated or not request.user.second_factor_is_due:
            return None
        if request.resolver_match.view_name in self.open_doors:
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403)
        return HttpResponseRedirect(reverse("mfa_index"))
