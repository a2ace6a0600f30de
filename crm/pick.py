"""Rows for the boxes that choose one of many: /pick/<kind>/?q= as JSON."""

from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, JsonResponse

from accounts.models import User
from accounts.querysets import people_reached
from catalog.models import Product
from contacts.models import Phone
from contacts.phones import holders_of, looks_like_phone
from crm.search import MODELS, cleaned, meaning, meant_by
from records.fields import Fold
from records.policy import PERSON
from records.rights import ACTIONS, RECORD_TYPES
from records.views import Door

LIMIT = 20


class Pick(Door):
    """At most twenty rows the person may see: [{"id", "text", "hint"}]; one query."""

    policy = PERSON

    def get(self, request: HttpRequest, kind: str) -> JsonResponse:
        line = cleaned(request.GET.get("q", ""))
        people = kind == "user"
        rows = _people(request, line) if people else _rows(request.user, kind, line)
        found = [{"id": row.pk, "text": str(row), "hint": _hint(row)} for row in rows[:LIMIT]]
        return JsonResponse(found, safe=False)


def _rows(user: Any, kind: str, line: str) -> QuerySet:
    if kind == "product":
        products = Product.objects.visible_to(user).filter(is_active=True).order_by("name", "pk")
        return products.filter(meant_by(line)) if line else products
    if kind not in MODELS:
        raise Http404
    rows = MODELS[kind].objects.visible_to(user).order_by("-pk")
    if kind != "deal" and looks_like_phone(line) and not rows.hides("phones"):
        return rows.filter(pk__in=holders_of(Phone, kind, line))
    return meaning(rows, line) if line else rows


def _people(request: HttpRequest, line: str) -> QuerySet:
    """Active people by any part of surname and given name.

    `for` and `right` leave the people whose rows of that type the right of the asker reaches;
    with the right to view dismissed ones too, for their rows are there.
    """
    record_type, right = request.GET.get("for", ""), request.GET.get("right", "")
    named = User.objects.filter(is_active=True)
    if record_type in RECORD_TYPES and right in ACTIONS:
        reached = people_reached(request.user, record_type, right)
        named = reached if right == "view" else reached.filter(is_active=True)
    named = named.annotate(search_text=Fold(Concat("last_name", Value(" "), "first_name")))
    return named.filter(meant_by(line)) if line else named


def _hint(row: Any) -> str:
    return str(getattr(row, "city", "") or getattr(row, "email", "") or "")
