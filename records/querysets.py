"""The one place where it is said which rows a person may touch."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from records.rights import Grant, Person, Scope


def scope_filter(user: Person, grant: Grant, owner: str = "owner") -> Q:
    """Rows whose owner the grant reaches; a subquery of keys, never a join that doubles rows."""
    if grant.scope is Scope.ALL:
        return Q()
    rows = Q(pk__in=[])
    if grant.scope is Scope.OWN:
        rows = Q(**{owner: user.pk})
    elif grant.scope is not Scope.NONE:
        rows = Q(**{f"{owner}__in": user.people_within(grant.scope)})
    if grant.unassigned:
        rows |= Q(**{f"{owner}__isnull": True})
    return rows


def effective_grant(user: Person, record_type: str, action: str) -> Grant:
    """The grant for an action, never wider than the grant to view."""
    view = user.grant(record_type, "view")
    return view if action == "view" else view.narrowed(user.grant(record_type, action))


class RecordQuerySet(models.QuerySet):
    """Rows of a record type; every door starts at `permitted` or `visible_to`."""

    def alive(self) -> Self:
        """Rows that are not in the trash."""
        return self.filter(deleted_at__isnull=True)

    def permitted(self, user: Person, action: str) -> Self:
        """Rows on which the person may do the action; the trash is left out."""
        model: Any = self.model
        grant = effective_grant(user, model.record_type, action)
        return self.alive().filter(scope_filter(user, grant))

    def visible_to(self, user: Person) -> Self:
        """Rows the person may see."""
        return self.permitted(user, "view")
