"""Reads of leads that have a name."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from django.db.models import Q
from django.db.models.functions import Coalesce

from contacts.querysets import key_client_guards
from records.clauses import Guard
from records.holders import Holder
from records.querysets import RecordQuerySet


class LeadQuerySet(RecordQuerySet):
    """Leads."""

    def guards(self, holder: Holder) -> list[Guard]:
        """A lead that became a key client goes with the client."""
        return key_client_guards(self.model, holder, ("contact", "company"))

    def key(self) -> Self:
        """Leads that became key clients."""
        found = Q(pk__in=[])
        for name in ("contact", "company"):
            related: Any = self.model._meta.get_field(name).related_model
            found |= Q(**{f"{name}__in": related._default_manager.key().values("pk")})
        return self.filter(found)

    def open(self) -> Self:
        """Still to be worked on."""
        return self.filter(status__in=["new", "working"])

    def unassigned(self) -> Self:
        """Open leads that nobody has."""
        return self.alive().open().filter(owner__isnull=True)

    def worth_deciding(self, rules: Iterable[tuple[Any, bool]]) -> Self:
        """Unassigned leads whose decision would be news.

        `rules` are the active ones in their order, each with whether anybody of its pool is
        active. Left out are leads that are known to wait: no rule fits, or nobody of the first
        fitting one is there; so they never stand in the way of others.
        """
        reached, earlier = Q(decisions__isnull=True), Q(pk__in=[])
        rows = self.unassigned().annotate(worth=Coalesce("amount", Decimal(0)))
        for rule, has_people in rules:
            fits = _band(rule)
            if has_people:
                reached |= fits & ~earlier
            earlier |= fits
        return rows.filter(reached)


def _band(rule: Any) -> Q:
    """Leads that belong to a rule: the same test as RuleView.fits, in the query."""
    fits = ~Q(pk__in=[])
    if rule.amount_from is not None:
        fits &= Q(worth__gte=rule.amount_from)
    if rule.amount_to is not None:
        fits &= Q(worth__lt=rule.amount_to)
    return fits & Q(source=rule.source_id) if rule.source_id else fits
