"""Addresses of all pages a person can open by GET, from the resolver: a new one joins itself."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import Department, Group, Role, User
from activities.models import Activity, Mark
from catalog.models import Product
from contacts.models import Company, Contact
from deals.models import Competitor, Deal, DealStatus, LossReason, Pipeline, Stage
from leads.models import Lead, LeadStatus, Rule, Source
from records.doors import RoutedDoor, routed_doors
from reports.models import Dashboard

KINDS = {"deal": Deal, "lead": Lead, "contact": Contact, "company": Company}


def _open_deal() -> Deal | None:
    return Deal.objects.filter(status=DealStatus.OPEN, lines__isnull=False).order_by("-pk").first()


def _open_lead() -> Lead | None:
    return Lead.objects.filter(status=LeadStatus.WORKING).order_by("-pk").first()


ROWS: dict[str, Callable[[], Any]] = {
    "activities/marks/": Mark.objects.first,
    "activities/<": lambda: Activity.objects.filter(done_at=None, deal__isnull=False).first(),
    "companies/": Company.objects.order_by("pk").first,
    "contacts/": Contact.objects.order_by("pk").first,
    "dashboards/<": lambda: Dashboard.objects.filter(owner__email__startswith="admin").first(),
    "deals/": _open_deal,
    "leads/": _open_lead,
    "products/": Product.objects.first,
    "settings/departments/": Department.objects.first,
    "settings/groups/": Group.objects.first,
    "settings/competitors/": Competitor.objects.first,
    "settings/loss-reasons/": LossReason.objects.first,
    "settings/people/": lambda: User.objects.filter(email__startswith="novikov").first(),
    "settings/pipelines/": Pipeline.objects.first,
    "settings/roles/": lambda: Role.objects.filter(preset="manager").first(),
    "settings/rules/": Rule.objects.first,
    "settings/sources/": Source.objects.first,
    "settings/stages/": Stage.objects.first,
}
PASSED_BY = ("account_logout", "history:", "access", "trash:purge", "styleguide")
"""Signs out, or is asked with a kind below."""
MORE = ("/history/deal/{deal}/", "/access/deal/{deal}/", "/help/board/", "/lists/deal/filter/",
        "/lists/deal/columns/", "/lists/deal/views/new/", "/search/?q=вент")  # fmt: skip


def pages(client: Client) -> list[str]:
    """Every address that answers this person with a whole page, in the order of the resolver."""
    found = []
    deal = _open_deal()
    urls = [url for door in routed_doors() if (url := _address(door))]
    for url in [*urls, *(text.format(deal=deal.pk if deal else 0) for text in MORE)]:
        answer = client.get(url)
        body = answer.content[:200] if not answer.streaming else b""
        if answer.status_code == 200 and b"<html" in body:
            found.append(url)
    return list(dict.fromkeys(found))


def _address(door: RoutedDoor) -> str:
    view = door.view_class
    takes_get = view is None or (hasattr(view, "get") and "get" in view.http_method_names)
    if not takes_get or door.name.startswith(PASSED_BY) or "(?P" in door.route:
        return ""
    if not door.converters:
        return "/" + door.route.strip("^$")
    key = next((ROWS[start] for start in ROWS if door.route.startswith(start)), None)
    row = key() if key and set(door.converters) == {"pk"} else None
    return "/" + door.route.replace("<int:pk>", str(row.pk)) if row else ""
