"""What a typed day, moment or sum means, in words; the forms show it beside their field."""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format

from activities.forms import Moment
from records import formatting
from records.forms import DayField, MoneyField
from records.policy import PERSON
from records.views import Door

FIELDS = {
    "moment": Moment(required=False),
    "day": DayField(required=False),
    "sum": MoneyField(required=False),
}


class Understood(Door):
    """{"words"}: empty for what is not understood; reads no rows."""

    policy = PERSON

    def get(self, request: HttpRequest) -> JsonResponse:
        field = FIELDS.get(request.GET.get("kind", ""))
        try:
            value = field.clean(request.GET.get("text", "")[:100]) if field else None
        except ValidationError:
            value = None
        return JsonResponse({"words": in_words(value)})


def in_words(value: datetime | date | Decimal | None) -> str:
    """`Tue, 24 November 2026, 15:30`, or the sum in full."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "D, j E Y, H:i")
    if isinstance(value, date):
        return date_format(value, "D, j E Y")
    return formatting.number(value)
