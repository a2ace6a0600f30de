"""How fast one person may ask: far beyond what hands can do, far below what a script would take."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MINUTE = 60


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429 with when to come back."""
    response = render(request, "records/too_many.html", status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


class PaceMiddleware:
    """REQUESTS_PER_MINUTE for each signed-in person, over all browsers; 0 is no limit.

    Counted in Redis: while it is away nothing is counted and nobody is refused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUESTS_PER_MINUTE and request.user.is_authenticated:
            minute, passed = divmod(int(time.time()), MINUTE)
            if counted(f"pace:{request.user.pk}:{minute}") > settings.REQUESTS_PER_MINUTE:
                return too_many(request, MINUTE - passed)
        return self.get_response(request)


def counted(key: str) -> int:
    """The number of this request in its minute."""
    if cache.add(key, 1, 2 * MINUTE):
        return 1
    return cache.incr(key)
