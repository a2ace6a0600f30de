"""Every routed view and its policy: read by the start-up check and by the permission matrix."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from records.policy import PERSON, PUBLIC, Policy

THIRD_PARTY: dict[str, Policy] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_change_password": PERSON,
    "account_set_password": PERSON,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
}
"""Policies of views we did not write, by URL name; a name that is not routed is an error."""


@dataclass(frozen=True, slots=True)
class RoutedDoor:
    """One pattern of the resolver: full name, route text, converters, view, policy."""

    name: str
    route: str
    converters: dict[str, Any]
    view: Callable[..., Any]
    policy: Policy | None
    defaults: dict[str, Any]

    @property
    def view_class(self) -> Any:
        """The class behind the view, or None for a function."""
        return getattr(self.view, "view_class", None)


def routed_doors(urlconf: str | None = None) -> list[RoutedDoor]:
    """Walk the resolver through every include."""
    return list(_walk(get_resolver(urlconf), "", "", {}))


def _walk(
    resolver: URLResolver, namespace: str, route: str, converters: dict[str, Any]
) -> Iterator[RoutedDoor]:
    for pattern in resolver.url_patterns:
        path = route + str(pattern.pattern)
        known = {**converters, **_converters(pattern)}
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, inside, path, known)
        else:
            yield _door(pattern, namespace, path, known)


def _converters(pattern: URLPattern | URLResolver) -> dict[str, Any]:
    found = dict(pattern.pattern.converters)
    for name in getattr(pattern.pattern.regex, "groupindex", {}):
        found.setdefault(name, None)
    return found


def _door(
    pattern: URLPattern, namespace: str, route: str, converters: dict[str, Any]
) -> RoutedDoor:
    name = f"{namespace}{pattern.name}" if pattern.name else ""
    view = pattern.callback
    declared = getattr(view, "policy", None) or getattr(
        getattr(view, "view_class", None), "policy", None
    )
    policy = declared or THIRD_PARTY.get(name)
    return RoutedDoor(name, route, converters, view, policy, pattern.default_args or {})
