"""The stored current customer-value run, narrowed to the customers a person may see.

Nothing is fitted here: pages and the report command read what background work stored.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.formatting import number
from records.rights import Person
from reports.models import CustomerValue, CustomerValueRun
from reports.purchases import wholly_seen, with_cards, with_deals

TOP = 50
SETTINGS = ("horizon_weeks", "annual_rate", "margin", "currency")
FIGURES = (
    "company_id",
    "contact_id",
    "purchases",
    "revenue",
    "alive_probability",
    "expected_purchases",
    "expected_value",
    "lifetime_value",
)


def current_run() -> CustomerValueRun | None:
    """The run that pages show."""
    return CustomerValueRun.objects.filter(is_current=True).first()


def visible_values(run: CustomerValueRun, user: Person) -> QuerySet[CustomerValue]:
    """Values of the customers whose card and every purchase the person may see.

    A value is made of all purchases of a customer: shown to somebody who sees only some of them,
    its sum would tell the others.
    """
    return wholly_seen(CustomerValue.objects.filter(run=run), user)


def totals(values: QuerySet[CustomerValue]) -> dict[str, Any]:
    """Sums over the customers."""
    return values.aggregate(
        customers=Count("pk"),
        revenue=Sum("revenue"),
        expected_purchases=Sum("expected_purchases"),
        lifetime_value=Sum("lifetime_value"),
    )


def top(values: QuerySet[CustomerValue], user: Person) -> list[dict[str, Any]]:
    """The most valuable customers, each with its card."""
    ordered = values.order_by(
        F("lifetime_value").desc(nulls_last=True), "-revenue", "company_id", "contact_id"
    )
    return with_deals(user, with_cards(user, ordered.values(*FIGURES)[:TOP]))


def warning_words(warning: Mapping[str, Any]) -> str:
    """A stored warning in the reader's language; the code itself when it is unknown."""
    code = str(warning.get("code", ""))
    if code == "not_enough_history":
        return _(
            "Not enough history: %(customers)s customers, %(repeaters)s of them bought more than "
            "once. A forecast is not made; past purchases are shown."
        ) % {
            "customers": number(warning.get("customers")),
            "repeaters": number(warning.get("repeaters")),
        }
    if code == "correlation":
        return _(
            "Who buys more often also pays differently (correlation %(value)s): the value of "
            "frequent buyers may be off."
        ) % {"value": number(warning.get("value"), 2)}
    if code == "returned":
        return ngettext(
            "%(customers)s customer returned as much as he bought again: the mean of all is used.",
            "%(customers)s customers returned as much as they bought again: the mean of all is "
            "used.",
            int(warning.get("customers", 0)),
        ) % {"customers": number(warning.get("customers"))}
    known = {
        "leaving_not_seen": _(
            "Not enough history to see customers leave: the chance that a customer still buys is "
            "not shown, and the value assumes that nearly nobody leaves."
        ),
        "spending_not_fitted": _(
            "Sums of purchases vary too much for a mean: the value in money is not shown."
        ),
    }
    return known.get(code, code)


def clv_report(user: Person) -> dict[str, Any]:
    """The report ready for JSON: settings, warnings, totals and the top; sums are strings."""
    run = current_run()
    if run is None:
        return {"report": "clv", "as_of": None, "warnings": [], "totals": {}, "rows": []}
    values = visible_values(run, user)
    return {
        "report": "clv",
        "as_of": run.as_of.isoformat(),
        **{name: run.parameters.get(name) for name in SETTINGS},
        "warnings": run.warnings,
        "totals": _plain(totals(values)),
        "rows": [
            {"name": str(row.pop("customer") or ""), **_plain(row)} for row in top(values, user)
        ],
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Decimals become strings, so that kopecks stay exact."""
    money = ("revenue", "expected_value", "lifetime_value")
    return {
        key: str(value) if key in money and value is not None else value
        for key, value in row.items()
    }
