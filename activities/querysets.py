"""Reads of activities that have a name; an activity follows the record it belongs to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from contacts.querysets import key_client_guards
from records.clauses import OWN, PARENT, RESTRICTED, Clause, Guard, scope_clauses
from records.holders import Holder, any_of
from records.querysets import RecordQuerySet
from records.rights import Person, Scope

SALES = ("deal", "lead")
CLIENTS = ("contact", "company")
PARENTS = (*SALES, *CLIENTS)
# A call that ended in a talk or a request to call back, or one without a result that lasted.
CONNECTED = Q(kind="call") & (Q(result__in=("talked", "call_back")) | Q(result="", duration__gt=0))


class ActivityQuerySet(RecordQuerySet):
    """Calls, meetings, e-mails, tasks, notes."""

    def clauses(self, holder: Holder, action: str) -> list[Clause]:
        """Seen: one's own, those on a record one may see, parentless ones of people in scope.

        An activity of a deal or lead is seen by those who see the deal or lead: that it also
        stands on the client's timeline opens it to nobody else. Changing or deleting another
        person's activity needs, on top of that, the owner inside the scope of the action.
        """
        if action != "view":
            return super().clauses(holder, action)
        reached = scope_clauses(holder, "activity", "view")
        if not reached:
            return []
        giving = reached[0].giving
        parentless = Q(**{f"{parent}__isnull": True for parent in PARENTS})
        whole = [clause for clause in reached if clause.scope is Scope.ALL]
        if whole and all(self._is_open(parent, holder) for parent in PARENTS):
            return whole
        return [
            Clause(Q(owner=holder.pk), OWN, holder, giving),
            *(replace(clause, q=parentless & clause.q) for clause in reached),
            *(
                Clause(self._on_visible(parent, holder), PARENT, holder, giving, parent=parent)
                for parent in PARENTS
            ),
        ]

    def guards(self, holder: Holder) -> list[Guard]:
        """The work on a restricted deal or a key client is as closed as the record."""
        deals: Any = self.model._meta.get_field("deal").related_model
        closed = deals._default_manager.closed_to(holder).values("pk")
        hanging = key_client_guards(self.model, holder, PARENTS)
        return [Guard(~Q(deal__in=closed), RESTRICTED, holder), *hanging]

    def on_shown(self, record: Any, user: Person) -> Self:
        """The timeline of a record the person was shown, by the same rule as `visible_to`.

        Whoever sees a deal or lead sees its activities, so no row needs asking; on a client's
        timeline each row's deal and lead is probed by key.
        """
        holders = user.holders()
        if len(holders) != 1 or holders[0].is_novice:
            return self.visible_to(user).of(record)
        if not user.grant("activity", "view"):
            return self.none()
        rows = self.alive().of(record)
        if record.record_type in SALES:
            return rows
        seen = Q(owner=user.pk) | Q(deal__isnull=True, lead__isnull=True)
        for parent in SALES:
            model: Any = self.model._meta.get_field(parent).related_model
            found = model._default_manager.visible_to(user).filter(pk=OuterRef(f"{parent}_id"))
            seen |= Q(Exists(found))
        for guard in self.guards(holders[0]):
            seen &= guard.q
        return rows.filter(seen)

    def changeable_of_shown(self, user: Person) -> Self:
        """Those of rows the person was shown that the person may change: only the act is asked."""
        holders = user.holders()
        if len(holders) != 1:
            return self.permitted(user, "change")
        reached = scope_clauses(holders[0], "activity", "change")
        return self.alive().filter(any_of([clause.q for clause in reached]))

    def _is_open(self, parent: str, holder: Holder) -> bool:
        """Some role of the holder opens every record of the parent type."""
        model: Any = self.model._meta.get_field(parent).related_model
        return not all(clause.q for clause in model._default_manager.clauses(holder, "view"))

    def _on_visible(self, parent: str, holder: Holder) -> Q:
        """Rows on a parent of this type that the holder may see; guards are said once, above."""
        no_sale = Q() if parent in SALES else Q(deal__isnull=True, lead__isnull=True)
        if self._is_open(parent, holder):
            return no_sale & Q(**{f"{parent}__isnull": False})
        model: Any = self.model._meta.get_field(parent).related_model
        seen = model._default_manager.permitted_to(holder)
        return no_sale & Q(**{f"{parent}__in": seen.values("pk")})

    def planned(self) -> Self:
        """Still to be done."""
        return self.filter(done_at__isnull=True, due_at__isnull=False)

    def done(self) -> Self:
        """On the history side of the timeline."""
        return self.filter(done_at__isnull=False)

    def connected(self) -> Self:
        """Calls in which somebody answered."""
        return self.filter(CONNECTED)

    def overdue(self, now: datetime) -> Self:
        """Planned and late."""
        return self.planned().filter(due_at__lt=now)

    def of(self, record: Any) -> Self:
        """Those on the timeline of a lead, deal, contact or company."""
        return self.filter(**{f"{record.record_type}_id": record.pk})

    def newest_first(self) -> Self:
        """The order of the timeline, served by the index of each parent."""
        return self.order_by("-happened_at", "-pk")

    def before(self, moment: datetime, pk: int) -> Self:
        """The page of the timeline after this row (older ones)."""
        return self.filter(Q(happened_at__lt=moment) | Q(happened_at=moment, pk__lt=pk))


class MarkQuerySet(QuerySet):
    """Marks of calls, meetings and notes."""

    def offered(self, present: Iterable[Any] = ()) -> Self:
        """Those in use, and those that are set already."""
        return self.filter(Q(is_active=True) | Q(pk__in=[row.pk for row in present]))


def next_step_subqueries(fk: str) -> dict[str, Subquery]:
    """Annotations next_id, next_due_at, next_kind, next_subject: the earliest planned activity.

    `fk` is "deal" or "lead"; use: `Deal.objects.annotate(**next_step_subqueries("deal"))`. Each
    is one lookup in the index activity_next_of_deal or activity_next_of_lead.
    """
    planned = (
        apps.get_model("activities", "Activity")
        .objects.alive()
        .planned()
        .filter(**{fk: OuterRef("pk")})
        .order_by("due_at", "pk")
    )
    columns = {
        "next_id": "pk",
        "next_due_at": "due_at",
        "next_kind": "kind",
        "next_subject": "subject",
    }
    return {name: Subquery(planned.values(column)[:1]) for name, column in columns.items()}
