"""The base currency and sums converted into it at the rate of a day."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Currency, Rate

SYMBOLS = {"RUB": "₽", "UAH": "₴", "KZT": "₸", "BYN": "Br", "USD": "$", "EUR": "€"}
"""Currencies a company may count in."""
LIMIT = Decimal(10) ** 15
KOPECK = Decimal("0.01")


class MoneyError(Exception):
    """A sum cannot be converted; the message is for the person."""


def base_currency() -> Currency:
    """The one currency every total is in. Raises MoneyError when none is set."""
    found = Currency.objects.filter(is_base=True).first()
    if found is None:
        raise MoneyError(_("No base currency is set."))
    return found


def base_code() -> str:
    """The code of the base currency for showing totals; empty when none is set."""
    return Currency.objects.filter(is_base=True).values_list("pk", flat=True).first() or ""


@transaction.atomic
def choose_base(code: str) -> None:
    """Count in this currency from now on; rates to the former base lose their meaning and go.

    Only before the first deal: sums in the base currency are kept with the deals.
    """
    if base_code() == code:
        return
    Currency.objects.filter(is_base=True).update(is_base=False)
    Currency.objects.update_or_create(
        code=code, defaults={"is_base": True}, create_defaults=_new_base(code)
    )
    Rate.objects.all().delete()


def _new_base(code: str) -> dict[str, object]:
    return {"code": code, "symbol": SYMBOLS.get(code, code), "is_base": True}


def rate_on(currency: Currency, on: date) -> Decimal:
    """Units of the base currency for one unit on the day.

    The newest rate not after the day; before the first known rate, the first one. Raises
    MoneyError when the currency has no rate at all.
    """
    if currency.is_base:
        return Decimal(1)
    rates = Rate.objects.filter(currency=currency)
    found = (
        rates.filter(valid_from__lte=on).order_by("-valid_from").first()
        or rates.order_by("valid_from").first()
    )
    if found is None:
        raise MoneyError(_("There is no rate of %(code)s yet.") % {"code": currency.pk})
    return found.rate


def to_base(amount: Decimal, currency: Currency, on: date) -> Decimal:
    """The sum in the base currency at the rate of the day, rounded half up to the kopeck.

    Raises MoneyError when there is no rate or the result is too large to keep.
    """
    if amount == 0:
        return Decimal(0)
    converted = (amount * rate_on(currency, on)).quantize(KOPECK, ROUND_HALF_UP)
    if abs(converted) >= LIMIT:
        raise MoneyError(_("The sum is too large."))
    return converted


def set_rate(currency: Currency, on: date, rate: Decimal) -> Rate:
    """Set what one unit costs from the day on; deals keep the rate of their own day."""
    return Rate.objects.update_or_create(currency=currency, valid_from=on, defaults={"rate": rate})[
        0
    ]
