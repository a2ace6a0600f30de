"""Reads of activities that have a name; an activity follows the record it belongs to."""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, Subquery

from records.querysets import RecordQuerySet, effective_grant, scope_filter
from records.rights import Person, Scope

SALES = ("deal", "lead")
CLIENTS = ("contact", "company")
PARENTS = (*SALES, *CLIENTS)


class ActivityQuerySet(RecordQuerySet):
    """Calls, meetings, e-mails, tasks, notes."""

    def permitted(self, user: Person, action: str) -> Self:
        """One's own, those on a record one may see, and parentless ones of people in scope.

        An activity of a deal or lead is seen by those who see the deal or lead: that it also
        stands on the client's timeline opens it to nobody else. Changing or deleting another
        person's activity needs, on top of that, the owner inside the scope of the action.
        """
        view = effective_grant(user, "activity", "view")
        if not view:
            return self.none()
        visible = self.alive().filter(self._seen_by(user))
        if action == "view":
            return visible
        grant = effective_grant(user, "activity", action)
        return visible.filter(scope_filter(user, grant))

    def on_shown(self, record: Any, user: Person) -> Self:
        """The timeline of a record the person was shown, by the same rule as `visible_to`.

        Whoever sees a deal or lead sees its activities, so no row needs asking; on a client's
        timeline each row's deal and lead is probed by key.
        """
        if not effective_grant(user, "activity", "view"):
            return self.none()
        rows = self.alive().of(record)
        if record.record_type in SALES:
            return rows
        seen = Q(owner=user.pk) | Q(deal__isnull=True, lead__isnull=True)
        for parent in SALES:
            model: Any = self.model._meta.get_field(parent).related_model
            found = model._default_manager.visible_to(user).filter(pk=OuterRef(f"{parent}_id"))
            seen |= Q(Exists(found))
        return rows.filter(seen)

    def _seen_by(self, user: Person) -> Q:
        view = effective_grant(user, "activity", "view")
        everything = all(
            effective_grant(user, parent, "view").scope is Scope.ALL for parent in PARENTS
        )
        if everything and view.scope is Scope.ALL:
            return Q()
        no_sale = Q(deal__isnull=True, lead__isnull=True)
        parentless = no_sale & Q(contact__isnull=True, company__isnull=True)
        rows = Q(owner=user.pk) | parentless & scope_filter(user, view)
        for parent in SALES:
            rows |= self._on_visible(parent, user)
        for parent in CLIENTS:
            rows |= no_sale & self._on_visible(parent, user)
        return rows

    def _on_visible(self, parent: str, user: Person) -> Q:
        """Rows on a parent of this type that the person may see."""
        if effective_grant(user, parent, "view").scope is Scope.ALL:
            return Q(**{f"{parent}__isnull": False})
        model: Any = self.model._meta.get_field(parent).related_model
        return Q(**{f"{parent}__in": model._default_manager.visible_to(user).values("pk")})

    def planned(self) -> Self:
        """Still to be done."""
        return self.filter(done_at__isnull=True, due_at__isnull=False)

    def done(self) -> Self:
        """On the history side of the timeline."""
        return self.filter(done_at__isnull=False)

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
