"""The person's language and time zone for the length of a request."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control


def known_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone, or that of the server when its name means nothing here."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


class PersonMiddleware:
    """Signed in: the profile decides; otherwise the cookie, then the browser.

    Every answer, refusals included, is for this one reader: no shared cache may keep it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        zone = settings.TIME_ZONE
        if request.user.is_authenticated:
            language = request.user.language or language
            zone = request.user.time_zone or zone
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(known_zone(zone)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            patch_cache_control(response, private=True)
        return response
