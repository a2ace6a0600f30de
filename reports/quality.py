"""How well each owner keeps his open deals and his people: the part of the managers report.

Counted now, whatever the period, pipeline and source; the offenders are those of the health report
and of the list of deals.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from activities.models import Activity
from contacts.models import Phone
from reports.asking import Asked
from reports.funnel.steps import percent
from reports.health.checks import KINDS
from reports.health.counting import conditions

DEAL_CHECKS = {"no_amount": "amount", "no_client": "client"}


@dataclass(slots=True)
class Kept:
    """Open deals and people with a phone of one owner, and how many of them lack something."""

    open: int = 0
    no_amount: int = 0
    no_client: int = 0
    no_step: int = 0
    phones: int = 0
    bad_phones: int = 0

    def good(self, name: str) -> Decimal | None:
        """100 × (all − lacking) / all; None of nothing."""
        whole = self.phones if name == "bad_phones" else self.open
        return percent(whole - getattr(self, name), whole)

    def add(self, other: "Kept") -> None:
        """Add the counts of another one."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def kept_by_owner(asked: Asked) -> dict[int | None, Kept]:
    """One grouped query for deals and one for people; people are left out where phones are."""
    found: dict[int | None, Kept] = defaultdict(Kept)
    asked = asked.of(pipeline=None, source="")
    deal = KINDS["deal"]
    rows = deal.rows(asked)
    checks = {check.name: check for check in deal.checks}
    planned = Activity.objects.alive().planned().filter(deal=OuterRef("pk"))
    counts: dict[str, Any] = {
        name: Count("pk", filter=conditions(checks[check], rows, asked)[1])
        for name, check in DEAL_CHECKS.items()
    }
    counts["no_step"] = Count("pk", filter=Q(~Exists(planned)))
    _put(found, rows.values("owner").annotate(open=Count("pk"), **counts))
    if asked.user.grant("contact", "view") and asked.user.fields("contact").sees("phone"):
        people = KINDS["contact"].rows(asked)
        numbers = Phone.objects.filter(contact__in=people.values("pk")).order_by()
        wrong = ~Q(e164__startswith="+")
        told = {
            "phones": Count("contact", distinct=True),
            "bad_phones": Count("contact", distinct=True, filter=wrong),
        }
        _put(found, numbers.values(owner=F("contact__owner")).annotate(**told))
    return dict(found)


def _put(found: dict[int | None, Kept], groups: Any) -> None:
    for group in groups:
        row = found[group.pop("owner")]
        for name, value in group.items():
            setattr(row, name, value)


def whole_of(found: dict[int | None, Kept]) -> Kept:
    """All owners together."""
    whole = Kept()
    for row in found.values():
        whole.add(row)
    return whole
