"""Where a request comes from, for sign-in: its address and whether the browser is a known one.

A browser that signed in to an account keeps a signed cookie with a number of its own for that
account. Failures of strangers never close it (OWASP: device cookies).
"""

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.services.brakes import account_key

SALT = "accounts.devices"
AGE = 180 * 24 * 3600
ACCOUNTS_PER_BROWSER = 5


def network_of(address: str) -> str:
    """The address that failures are counted for: IPv6 by its /64, as one customer owns it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(parsed)


def known_device(request: HttpRequest, login: str) -> str:
    """The number of this browser for the account; empty when it never signed in to it."""
    return _kept(request).get(account_key(login), "")


def remember_device(request: HttpRequest, response: HttpResponse, login: str) -> None:
    """Make the browser a known one for the account that has just signed in."""
    kept, account = _kept(request), account_key(login)
    number = kept.pop(account, "") or secrets.token_urlsafe(16)
    newest = dict([*kept.items(), (account, number)][-ACCOUNTS_PER_BROWSER:])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(newest, salt=SALT),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _kept(request: HttpRequest) -> dict[str, Any]:
    try:
        kept = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=AGE
        )
    except signing.BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}
