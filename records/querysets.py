"""The one place where it is said which rows a person may touch."""

from typing import Any, Self

from django.db import models

from records.clauses import Clause, Guard, permitted_condition, rulings_of, scope_clauses
from records.holders import Holder
from records.rights import Grant, Person


def effective_grant(user: Person, record_type: str, action: str) -> Grant:
    """The grant for an action, never wider than the grant to view."""
    view = user.grant(record_type, "view")
    return view if action == "view" else view.narrowed(user.grant(record_type, action))


class RecordQuerySet(models.QuerySet):
    """Rows of a record type; every door starts at `permitted` or `visible_to`."""

    is_of_trash = False

    def alive(self) -> Self:
        """Rows that are not in the trash; of `in_trash`, only those that are."""
        return self.filter(deleted_at__isnull=not self.is_of_trash)

    def in_trash(self, user: Person) -> Self:
        """Deleted rows the person may bring back: the right to delete, asked of the trash."""
        rows = self.all()
        rows.is_of_trash = True
        return rows.permitted(user, "delete")

    def clauses(self, holder: Holder, action: str) -> list[Clause]:
        """What opens rows of this type to the holder; a room adds its own rules."""
        model: Any = self.model
        return scope_clauses(holder, model.record_type, action)

    def guards(self, holder: Holder) -> list[Guard]:
        """What closes rows of this type to the holder whatever the roles give."""
        return []

    def open_to(self, user: Person) -> Holder | None:
        """The first holder to whom some role opens every row, guards aside."""
        for holder in user.holders():
            if not all(clause.q for clause in self.clauses(holder, "view")):
                return holder
        return None

    def permitted_to(self, holder: Holder, action: str = "view") -> Self:
        """Rows of one holder; other record types that hang on this one ask for it."""
        return self.alive().filter(rulings_of(self, holder, action).condition())

    def permitted(self, user: Person, action: str) -> Self:
        """Rows on which the person may do the action; the trash is left out."""
        return self.alive().filter(permitted_condition(self, user, action))

    def visible_to(self, user: Person) -> Self:
        """Rows the person may see."""
        return self.permitted(user, "view")
