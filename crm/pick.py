"""Rows for the boxes that choose one of many: /pick/<kind>/?q= as JSON."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse

from accounts.models import User
from catalog.models import Product
from crm.search import MODELS, cleaned, search
from records.policy import PERSON
from records.views import Door

LIMIT = 20


class Pick(Door):
    """At most twenty rows the person may see: [{"id", "text", "hint"}]."""

    policy = PERSON

    def get(self, request: HttpRequest, kind: str) -> JsonResponse:
        line = cleaned(request.GET.get("q", ""))
        rows = list(self._rows(request.user, kind, line)[:LIMIT])
        found = [{"id": row.pk, "text": str(row), "hint": _hint(row)} for row in rows]
        return JsonResponse(found, safe=False)

    def _rows(self, user: Any, kind: str, line: str) -> QuerySet | list[Any]:
        if kind == "user":
            people = User.objects.filter(is_active=True)
            return people.filter(last_name__istartswith=line) if line else people
        if kind == "product":
            products = Product.objects.visible_to(user).filter(is_active=True)
            return products.filter(name__icontains=line) if line else products
        if kind not in MODELS:
            raise Http404
        if not line:
            return MODELS[kind].objects.visible_to(user).order_by("-pk")
        groups = search(user, line)
        return [row for group in groups for row in group.rows if type(row) is MODELS[kind]]


def _hint(row: Any) -> str:
    return str(getattr(row, "city", "") or getattr(row, "email", "") or "")
