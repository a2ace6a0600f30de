"""Reads of activities that have a name; an activity follows the record it belongs to."""

from datetime import datetime
from typing import Self

from django.db.models import Q

from records.querysets import RecordQuerySet, effective_grant, scope_filter
from records.rights import Person, Scope

PARENTS = ("lead", "deal", "contact", "company")


class ActivityQuerySet(RecordQuerySet):
    """Calls, meetings, e-mails, tasks, notes."""

    def permitted(self, user: Person, action: str) -> Self:
        """One's own, those on a record one may see, and parentless ones of people in scope.

        Seeing needs a visible record; changing or deleting another person's activity needs, on
        top of that, the owner inside the scope of the action.
        """
        view = effective_grant(user, "activity", "view")
        if not view:
            return self.none()
        visible = self.alive().filter(self._seen_by(user))
        if action == "view":
            return visible
        grant = effective_grant(user, "activity", action)
        return visible.filter(scope_filter(user, grant))

    def _seen_by(self, user: Person) -> Q:
        view = effective_grant(user, "activity", "view")
        if view.scope is Scope.ALL and all(
            effective_grant(user, parent, "view").scope is Scope.ALL for parent in PARENTS
        ):
            return Q()
        parentless = Q(**{f"{parent}__isnull": True for parent in PARENTS})
        rows = Q(owner=user.pk) | parentless & scope_filter(user, view)
        for parent in PARENTS:
            model = self.model._meta.get_field(parent).related_model
            seen = model._default_manager.visible_to(user)
            rows |= Q(**{f"{parent}__in": seen.values("pk")})
        return rows

    def planned(self) -> Self:
        """Still to be done."""
        return self.filter(done_at__isnull=True, due_at__isnull=False)

    def done(self) -> Self:
        """On the history side of the timeline."""
        return self.filter(done_at__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Planned and late."""
        return self.planned().filter(due_at__lt=now)
