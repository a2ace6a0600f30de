"""Rows that a combobox offers: the newest, or those a text is found in."""

from typing import Any

from django.db.models import Value
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from catalog.models import Product
from contacts.models import Company, Contact
from deals.models import Deal
from leads.models import Lead
from records.fields import Fold
from records.policy import PERSON
from records.views import Door

OFFERED = 20
LONGEST = 100
MODELS: dict[str, Any] = {
    model.record_type: model for model in (Company, Contact, Deal, Lead, Product)
}


class Pick(Door):
    """`/pick/<record type>/?q=`: rows the person may see, as JSON for static/js/combobox.js."""

    policy = PERSON

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        model = MODELS.get(kind)
        if model is None:
            raise Http404
        rows = model.objects.visible_to(request.user)
        text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
        if text:
            rows = rows.filter(search_text__contains=Fold(Value(text)))
        found = [
            {"id": row.pk, "text": str(row), "hint": ""} for row in rows.order_by("-pk")[:OFFERED]
        ]
        return JsonResponse(found, safe=False)
