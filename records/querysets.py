"""The one place where it is said which rows a person may touch."""

from typing import Any, Self

from django.db import models

from records.clauses import Clause, Guard, permitted_condition, rulings_of, scope_clauses
from records.holders import Holder
from records.rights import Grant, Person
from records.veiling import aliased, mentions, veil, veil_row, without


def effective_grant(user: Person, record_type: str, action: str) -> Grant:
    """The grant for an action, never wider than the grant to view."""
    view = user.grant(record_type, "view")
    return view if action == "view" else view.narrowed(user.grant(record_type, action))


class RecordQuerySet(models.QuerySet):
    """Rows of a record type; every door starts at `permitted` or `visible_to`.

    Rows of a person carry no value of a field hidden from him: records come blanked, sums over
    such a column are empty, sorting by it is dropped. `unveiled` gives the whole row to a write.
    """

    _veiled: frozenset[str] = frozenset()

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._veiled = self._veiled
        return clone

    def veiled_for(self, user: Person) -> Self:
        """The same rows without the fields hidden from the person."""
        model: Any = self.model
        clone = self.all()
        clone._veiled = user.fields(model.record_type).hidden
        return clone

    def veiled_as(self, other: "RecordQuerySet") -> Self:
        """The same rows, veiled as another query of the same person."""
        clone = self.all()
        clone._veiled = other._veiled
        return clone

    def containing(self, needle: Any) -> Self:
        """Rows whose folded text holds the needle; a type whose text holds ruled fields differs."""
        return self.filter(search_text__contains=needle)

    def hides(self, name: str) -> bool:
        """The field is left out of these rows; nothing may be found by it either."""
        return name in self._veiled

    def unveiled(self) -> Self:
        """The same rows with every field, to be written, never shown."""
        clone = self.all()
        clone._veiled = frozenset()
        return clone

    def _fetch_all(self) -> None:
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and self._veiled and self._result_cache:
            self._result_cache = [self._veil(row) for row in self._result_cache]

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        rows = super().iterator(*args, **kwargs)
        return map(self._veil, rows) if self._veiled else rows

    def _veil(self, row: Any) -> Any:
        if not self._veiled:
            return row
        if isinstance(row, self.model):
            veil(row, self._veiled)
            return row
        return veil_row(row, getattr(self, "_fields", None) or (), self._veiled)

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().aggregate(**without(aliased(args, kwargs), self._veiled))

    def annotate(self, *args: Any, **kwargs: Any) -> Self:
        return super().annotate(**without(aliased(args, kwargs), self._veiled))

    def order_by(self, *names: Any) -> Self:
        return super().order_by(*[name for name in names if not mentions(name, self._veiled)])

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
        rows = self.alive().filter(permitted_condition(self, user, action))
        return rows.veiled_for(user)

    def visible_to(self, user: Person) -> Self:
        """Rows the person may see."""
        return self.permitted(user, "view")
