"""Reads of deals that have a name."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value

from activities.models import Activity
from contacts.models import Company, Contact
from contacts.querysets import key_client_guards
from records.clauses import EDITOR, PARTICIPANT, RESTRICTED, VIEWING, Clause, Guard
from records.fields import AnyOf, Fold
from records.holders import Holder
from records.querysets import RecordQuerySet
from records.rights import Level, Person, Scope

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


def _outside_closed_stages(clause: Clause, level: Level) -> Clause:
    """The clause without the stages in which its role allows less than the level."""
    closed = clause.giving.stages_below(level)
    if not closed:
        return clause
    return replace(clause, q=clause.q & ~Q(stage__in=closed), limits=closed)


class DealQuerySet(RecordQuerySet):
    """Deals."""

    def clauses(self, holder: Holder, action: str) -> list[Clause]:
        """What the roles reach, less the stages they close, and what one takes part in."""
        level = Level.VIEW if action in VIEWING else Level.EDIT
        found = [_outside_closed_stages(row, level) for row in super().clauses(holder, action)]
        return [*found, *self._taking_part(holder, action)]

    def _taking_part(self, holder: Holder, action: str) -> list[Clause]:
        """Participants see the deal; those who may edit it do, if a role lets them edit any."""
        if action not in ("view", "change"):
            return []
        part: Any = self.model._meta.get_field("participants").related_model
        rows = part._default_manager.filter(user=holder.pk)
        rule = PARTICIPANT
        if action == "change":
            rule, rows = EDITOR, rows.filter(can_change=True)
        keys = rows.values("deal")
        is_narrow = holder.grant("deal", "view").scope <= Scope.OWN
        condition = Q(AnyOf("pk", keys)) if is_narrow else Q(pk__in=keys)
        givings = [giving for giving in holder.givings if giving.grant("deal", action)]
        return [Clause(condition, rule, holder, giving) for giving in givings[:1]]

    def guards(self, holder: Holder) -> list[Guard]:
        """Restricted deals for the owner, the heads above and the participants; key clients."""
        known = Q(is_restricted=False) | self._trusted(holder)
        hanging = key_client_guards(self.model, holder, ("contact", "company"))
        return [Guard(known, RESTRICTED, holder), *hanging]

    def _trusted(self, holder: Holder) -> Q:
        part: Any = self.model._meta.get_field("participants").related_model
        own = part._default_manager.filter(user=holder.pk)
        trusted = Q(owner=holder.pk) | Q(pk__in=own.values("deal"))
        return trusted | holder.below_heads() if holder.headed else trusted

    def closed_to(self, holder: Holder) -> Self:
        """Restricted deals that the holder is not trusted with."""
        return self.filter(~self._trusted(holder), is_restricted=True)

    def shareable_by(self, user: Person) -> Self:
        """Deals whose participants the person chooses: own ones, and those he may give away.

        To take part in a deal is not enough, also for those who may edit it.
        """
        own = Q(owner__in=[holder.pk for holder in user.holders()])
        manager: Any = self.model._default_manager
        given = manager.permitted(user, "assign").values("pk")
        return self.permitted(user, "change").filter(own | Q(pk__in=given))

    def key(self) -> Self:
        """Deals with key clients."""
        found = Q(pk__in=[])
        for name in ("contact", "company"):
            related: Any = self.model._meta.get_field(name).related_model
            found |= Q(**{f"{name}__in": related._default_manager.key().values("pk")})
        return self.filter(found)

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
        """Title, name of the company, or number `№ 2148`; wildcards mean themselves.

        Of the company the name alone: a deal may be seen by people to whom the rest is closed.
        """
        needle = Fold(Value(text))
        named = Company.objects.alias(name_text=Fold("name"))
        companies = named.filter(search_text__contains=needle, name_text__contains=needle)
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
        return manager.filter(pk__in=list(keys)).veiled_as(self)


class PurchaseQuerySet(QuerySet):
    """Purchases: a row of a deal is seen by whoever sees the deal, history with the card."""

    def of_deals_seen(self, user: Person) -> Self:
        """Rows of deals the person may see."""
        deals = self._deals()
        holder = deals.open_to(user)
        if holder is None:
            return self.filter(deal__in=deals.visible_to(user).values("pk"))
        return self.filter(self._past_guards(holder), deal__isnull=False)

    def of_deals_unseen(self, user: Person) -> Self:
        """Rows of deals the person may not see."""
        deals, rows = self._deals(), self.filter(deal__isnull=False)
        holder = deals.open_to(user)
        if holder is None:
            return rows.exclude(deal__in=deals.visible_to(user).values("pk"))
        return rows.exclude(self._past_guards(holder))

    def _deals(self) -> Any:
        related: Any = self.model._meta.get_field("deal").related_model
        return related._default_manager

    def _past_guards(self, holder: Holder) -> Q:
        passed = ~Q(deal__in=self._deals().closed_to(holder).values("pk"))
        return (
            passed & ~Q(deal__in=self._deals().key().values("pk")) if holder.is_novice else passed
        )

    def of_cards_seen(self, user: Person) -> Self:
        """Imported rows of customers whose card the person may see."""
        companies = Company.objects.visible_to(user).values("pk")
        contacts = Contact.objects.visible_to(user).values("pk")
        rows = self.filter(deal=None)
        return rows.filter(Q(company__in=companies) | Q(contact__in=contacts))
