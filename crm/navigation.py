"""The menu and what every page's frame needs."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.services import workplace
from crm.help.texts import topic_of
from records.holders import FieldRights
from records.rights import RECORD_TYPES
from reports.closed import why_closed


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the left rail."""

    title: str
    url: str
    icon: str
    is_current: bool
    key: str
    """The letter after `g` that opens it."""


def _items(request: HttpRequest) -> list[MenuItem]:
    user = request.user
    reads_reports = user.has_right("view_reports") and not why_closed(user)
    sections = [
        (True, _("My day"), "home", "sun", "d"),
        (user.grant("deal", "view"), _("Deals"), "deals:board", "briefcase", "s"),
        (user.grant("lead", "view"), _("Leads"), "leads:list", "target-arrow", "l"),
        (user.grant("contact", "view"), _("Clients"), "contacts:contact_list", "users", "c"),
        (user.grant("activity", "view"), _("Tasks"), "activities:list", "checkbox", "t"),
        (reads_reports, _("Reports"), "reports:index", "chart-bar", "r"),
    ]
    items = [_item(request, *rest) for allowed, *rest in sections if allowed]
    return [item for item in items if item]


def _item(request: HttpRequest, title: str, name: str, icon: str, key: str) -> MenuItem | None:
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    section = url if url == "/" else f"/{url.split('/')[1]}/"
    current = request.path == "/" if section == "/" else request.path.startswith(section)
    return MenuItem(title, url, icon, current, key)


@dataclass(frozen=True, slots=True)
class QuickAdd:
    """One line of the plus."""

    title: str
    url: str
    icon: str


def _quick_add(request: HttpRequest) -> list[QuickAdd]:
    user = request.user
    lines = [
        ("lead", _("Lead"), "leads:create", "target-arrow"),
        ("contact", _("Contact"), "contacts:contact_create", "user-plus"),
        ("company", _("Company"), "contacts:company_create", "building"),
        ("deal", _("Deal"), "deals:create", "briefcase"),
        ("activity", _("Task"), "activities:create", "checkbox"),
    ]
    found = []
    for record_type, title, name, icon in lines:
        try:
            if user.grant(record_type, "create"):
                found.append(QuickAdd(title, reverse(name), icon))
        except NoReverseMatch:
            continue
    return found


class FieldsOf:
    """For templates: `{% if "amount" in fields_of.deal.shown %}`."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def __getitem__(self, record_type: str) -> FieldRights:
        return self.user.fields(record_type)


def _help_url(request: HttpRequest) -> str:
    """Help for the page one is on; all of it where a page has none of its own."""
    match = request.resolver_match
    topic = topic_of(match.view_name) if match else None
    return reverse("help:topic", args=[topic.code]) if topic else reverse("help:index")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the menu, the product's name, the theme."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {
            "product_name": settings.PRODUCT_NAME,
            "sso_name": settings.OIDC_NAME if settings.OIDC_URL else "",
        }
    return {
        "product_name": settings.PRODUCT_NAME,
        "company_name": SimpleLazyObject(lambda: workplace().name or settings.PRODUCT_NAME),
        "help_url": SimpleLazyObject(lambda: _help_url(request)),
        "fields_of": FieldsOf(user),
        "menu": SimpleLazyObject(lambda: _items(request)),
        "quick_add": SimpleLazyObject(lambda: _quick_add(request)),
        "can_restore": any(user.grant(kind, "delete") for kind in RECORD_TYPES),
        "can_configure": any(
            user.has_right(name)
            for name in ("administer", "manage_pipelines", "manage_rules", "view_audit")
        ),
    }
