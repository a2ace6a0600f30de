"""Reads of deals that have a name."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value

from activities.models import Activity
from contacts.models import Company, Contact
from records.fields import Fold
from records.querysets import RecordQuerySet, effective_grant, scope_filter
from records.rights import Person

NOTHING = Q(pk__in=[])


def planned_of_deal() -> QuerySet:
    """Open activities of the outer deal; each deal asks the partial index on (deal, due)."""
    return Activity.objects.alive().planned().filter(deal=OuterRef("pk"))


def stuck_filter(stages: Iterable[Any], now: datetime) -> Q:
    """Deals that stay in their stage longer than its limit; a stage without a limit never."""
    limits = [
        Q(stage=stage.pk, stage_entered_at__lt=now - timedelta(days=stage.rot_days))
        for stage in stages
        if stage.rot_days
    ]
    return reduce(or_, limits, NOTHING)


class DealQuerySet(RecordQuerySet):
    """Deals."""

    def open(self) -> Self:
        """Neither won nor lost."""
        return self.filter(status="open")

    def won(self) -> Self:
        """Won deals."""
        return self.filter(status="won")

    def lost(self) -> Self:
        """Lost deals."""
        return self.filter(status="lost")

    def without_task(self) -> Self:
        """Open deals with no planned activity."""
        return self.open().filter(~Exists(planned_of_deal()))

    def overdue(self, now: datetime) -> Self:
        """Open deals with a planned activity that is late."""
        return self.open().filter(Exists(planned_of_deal().filter(due_at__lt=now)))

    def with_next_step(self) -> Self:
        """Annotate `next_due_at` and `next_kind` of the earliest planned activity."""
        first = planned_of_deal().order_by("due_at", "pk")
        return self.annotate(
            next_due_at=Subquery(first.values("due_at")[:1]),
            next_kind=Subquery(first.values("kind")[:1]),
        )

    def for_cards(self) -> Self:
        """All that a card or a row of the list shows, in one query."""
        return self.with_next_step().select_related("stage", "company", "contact", "owner")

    def found_by(self, text: str) -> Self:
        """Title, name of the company, or number `№ 2148`; wildcards mean themselves."""
        needle = Fold(Value(text))
        companies = Company.objects.filter(search_text__contains=needle)
        titled = self.model._default_manager.filter(search_text__contains=needle)
        of_company = self.model._default_manager.filter(company__in=companies.values("pk"))
        found = Q(pk__in=titled.values("pk").union(of_company.values("pk")))
        number = text.lstrip("№# ")
        if number.isascii() and number.isdigit() and len(number) < 19:
            found |= Q(pk=int(number))
        return self.filter(found)

    def summed(self) -> list[dict[str, Any]]:
        """Count and sum in the base currency by stage and status, in one pass."""
        return list(
            self.order_by()
            .values("stage", "status")
            .annotate(count=Count("*"), total=Sum("amount_base"))
        )

    def summed_by_stage(self, stages: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
        """Count, sum in the base currency and number of stuck deals by stage."""
        return list(
            self.order_by()
            .values("stage")
            .annotate(
                count=Count("*"),
                total=Sum("amount_base"),
                stuck=Count("pk", filter=stuck_filter(stages, now)),
            )
        )

    def first_of_each(self, stages: Iterable[Any], size: int) -> Self:
        """The newest `size` deals of each stage, found by one query of limited arms."""
        arms = [
            self.filter(stage=stage)
            .order_by("-stage_entered_at", "-id")
            .values_list("pk", flat=True)[:size]
            for stage in stages
        ]
        if not arms:
            return self.none()
        keys = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]
        manager: Any = self.model._default_manager
        return manager.filter(pk__in=list(keys))


class PurchaseQuerySet(QuerySet):
    """Purchases: a row of a deal is seen by whoever sees the deal, history with the card."""

    def of_deals_seen(self, user: Person) -> Self:
        """Rows of deals the person may see."""
        grant = effective_grant(user, "deal", "view")
        rows = self.filter(deal__isnull=False)
        return rows.filter(scope_filter(user, grant, "deal__owner"))

    def of_cards_seen(self, user: Person) -> Self:
        """Imported rows of customers whose card the person may see."""
        companies = Company.objects.visible_to(user).values("pk")
        contacts = Contact.objects.visible_to(user).values("pk")
        rows = self.filter(deal=None)
        return rows.filter(Q(company__in=companies) | Q(contact__in=contacts))
