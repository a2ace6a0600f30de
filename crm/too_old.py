"""A form whose token is no longer good: nothing is saved, and nothing of what was typed is lost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

TECHNICAL = {"csrfmiddlewaretoken", "form_key", "version", "next", "credential", "code", "secret"}
MOST = 30


@never_cache
def form_is_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with the typed texts to copy and a way back; of a sign-in page no text is shown."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    texts = [] if request.path.startswith("/accounts/") else typed_texts(request)
    return render(request, "403_csrf.html", {"back": back, "texts": texts}, status=403)


def typed_texts(request: HttpRequest) -> list[str]:
    """What people typed, without keys, numbers and passwords."""
    found: dict[str, None] = {}
    for name, values in request.POST.lists():
        if name in TECHNICAL or "password" in name:
            continue
        for value in values:
            text = value.strip()
            if (any(sign.isalpha() for sign in text) and not text.isascii()) or len(text) > 9:
                found[text] = None
    return list(found)[:MOST]
