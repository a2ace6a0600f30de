"""From where a request came: its address and the browser in two words."""

import ipaddress
import re

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Yandex", r"YaBrowser/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).*Safari/"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)
NETWORKS = {4: 24, 6: 48}


def device_of(user_agent: str) -> str:
    """`Chrome 141, Windows`; the first word of what is neither a browser nor a system we know."""
    text = user_agent[:400]
    browser = next(
        (
            f"{name} {found[1]}"
            for name, pattern in BROWSERS
            if (found := re.search(pattern, text)) is not None
        ),
        "",
    )
    system = next((name for name, mark in SYSTEMS if mark in text), "")
    words = [word for word in (browser, system) if word]
    named = ", ".join(words) or text.split(" ")[0]
    return "".join(sign for sign in named if sign.isprintable())[:60]


def address_of(request: HttpRequest) -> str | None:
    """The client's address as AUDIT_ADDRESSES allows to keep it: full, network or none.

    Proxies are trusted as for the limits of sign-in.
    """
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return None
    if settings.AUDIT_ADDRESSES == "none":
        return None
    if settings.AUDIT_ADDRESSES == "network":
        network = ipaddress.ip_network((address, NETWORKS[address.version]), strict=False)
        return str(network.network_address)
    return str(address)
