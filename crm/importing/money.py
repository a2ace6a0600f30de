"""The base currency and dated rates, read once per run."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from catalog.models import Currency, Rate
from crm.importing.problems import ImportRefused, RowRefused

KOPECK = Decimal("0.01")


def base_currency_code() -> str:
    """The code of the base currency. Raises ImportRefused when none is set."""
    code = Currency.objects.filter(is_base=True).values_list("code", flat=True).first()
    if code is None:
        raise ImportRefused(_("No base currency is set."))
    return code


class Rates:
    """Converts sums into the base currency at the rate of a day."""

    def __init__(self) -> None:
        self.days: dict[str, list[tuple[date, Decimal]]] = {}
        self.base = ""

    def to_base(self, amount: Decimal, code: str, on: date) -> Decimal:
        """The newest rate not after the day, else the first one. Raises RowRefused without any."""
        if not self.base:
            self.base = base_currency_code()
        if code == self.base or not amount:
            return amount
        if code not in self.days:
            rows = Rate.objects.filter(currency=code).order_by("valid_from")
            self.days[code] = list(rows.values_list("valid_from", "rate"))
        known = self.days[code]
        if not known:
            raise RowRefused(_("There is no rate of %(code)s.") % {"code": code})
        rate = next((rate for day, rate in reversed(known) if day <= on), known[0][1])
        return (amount * rate).quantize(KOPECK, ROUND_HALF_UP)
