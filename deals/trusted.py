"""Who sees a deal once it is restricted, by name and with the reason."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Department, User
from accounts.models.holdings import read_holders
from deals.models import Deal
from records.clauses import RESTRICTED
from records.explaining import Explanation, explain_people


@dataclass(frozen=True, slots=True)
class Trusted:
    """A person and why a restriction does not close the deal to him."""

    person: User
    why: str


def trusted_people(deal: Deal) -> list[Trusted]:
    """Owner and heads above whose roles open the deal; participants are told apart."""
    reasons = _reasons(deal)
    people = list(User.objects.filter(pk__in=reasons, is_active=True).order_by("pk"))
    read_holders(people, timezone.now())
    told = explain_people(people, ["view"], deal) if people else {}
    seen = [person for person in people if _would_see(told[person.pk, "view"])]
    order = list(reasons)
    seen.sort(key=lambda person: order.index(person.pk))
    return [Trusted(person, reasons[person.pk]) for person in seen]


def _reasons(deal: Deal) -> dict[int, str]:
    """Key of a person -> why, the owner first, then the heads from the nearest up."""
    found: dict[int, str] = {}
    if deal.owner is None:
        return found
    found[deal.owner.pk] = _("owner")
    place: Any = deal.owner.department
    if place is not None:
        keys = [int(key) for key in place.path.split(".") if key]
        above = Department.objects.filter(pk__in=keys, is_active=True, head__isnull=False)
        for department in above.order_by("-path"):
            why = _("head of “%(department)s”") % {"department": department}
            found.setdefault(department.head_id, why)
    return found


def _would_see(told: Explanation) -> bool:
    """Some role opens the deal and nothing but the restriction could close it."""
    return any(
        verdict.sees and all(guard.rule == RESTRICTED for guard in verdict.closed_by)
        for verdict in told.verdicts
    )
