"""Reads of saved views that have a name."""

from typing import Any, Self

from django.db.models import Q, QuerySet


class SavedViewQuerySet(QuerySet):
    """Saved views of lists."""

    def visible_to(self, user: Any) -> Self:
        """One's own, those shared with everybody, those a colleague shares with the department."""
        rows = Q(owner=user.pk) | Q(sharing="everybody")
        if user.department_id:
            rows |= Q(sharing="department", owner__department=user.department_id)
        return self.filter(rows)

    def changeable_by(self, user: Any) -> Self:
        """One's own; an administrator also keeps the shared ones in order."""
        own = Q(owner=user.pk)
        if user.grant("system", "administer"):
            return self.visible_to(user).filter(own | ~Q(sharing="own"))
        return self.filter(own)
