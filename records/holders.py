"""A person as rights see one: place in the tree, roles and how they came; deputies have several."""

from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from operator import or_
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.db.models.expressions import RawSQL

from records.rights import RULED_FIELDS, Grant, Level, Scope

NOBODY = Q(pk__in=[])


@dataclass(frozen=True)
class Giving:
    """A role and how it reached the person: given to him, to his department or to a group."""

    role_id: int
    role: str
    through: str = "person"
    through_name: str = ""
    is_novice: bool = False
    closed_by_default: bool = False
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    fields: dict[tuple[str, str], Level] = field(default_factory=dict)
    stages: dict[int, Level] = field(default_factory=dict)

    def grant(self, record_type: str, action: str) -> Grant:
        """The cell of the role's matrix."""
        return self.grants.get((record_type, action), Grant())

    def level(self, record_type: str, code: str) -> Level:
        """What the role lets one do with a field of the allow-list."""
        default = Level.NONE if self.closed_by_default else Level.EDIT
        return self.fields.get((record_type, code), default)

    def stages_below(self, level: Level) -> tuple[int, ...]:
        """Stages in which the role allows less than this."""
        return tuple(sorted(key for key, allowed in self.stages.items() if allowed < level))


@dataclass(frozen=True)
class Holder:
    """One person whose rights count: the reader, or somebody the reader stands in for."""

    pk: int
    name: str = ""
    department_id: int | None = None
    department: str = ""
    path: str = ""
    headed: tuple[str, ...] = ()
    is_deputised: bool = False
    givings: tuple[Giving, ...] = ()

    @cached_property
    def is_novice(self) -> bool:
        """Any role that hides key clients hides them, whatever the other roles give."""
        return any(giving.is_novice for giving in self.givings)

    def grant(self, record_type: str, action: str) -> Grant:
        """The united grant of all roles."""
        return reduce(
            Grant.united,
            (giving.grant(record_type, action) for giving in self.givings),
            Grant(),
        )

    def people(self, scope: Scope) -> Q:
        """People, as rows of users, whose records the scope reaches."""
        if scope is Scope.ALL:
            return Q()
        if scope in (Scope.DEPARTMENT, Scope.BELOW) and self.department_id:
            if scope is Scope.DEPARTMENT:
                return Q(department=self.department_id)
            return Q(department__path__startswith=self.path)
        return NOBODY if scope is Scope.NONE else Q(pk=self.pk)

    def owned_within(self, scope: Scope, owner: str = "owner") -> Q:
        """Rows whose owner the scope reaches; a subquery of keys, never a join."""
        if scope is Scope.ALL:
            return Q()
        if scope is Scope.NONE:
            return NOBODY
        if scope is Scope.OWN or not self.department_id:
            return Q(**{owner: self.pk})
        if scope is Scope.DEPARTMENT:
            return Q(**{f"{owner}__in": people_keys("department", self.department_id)})
        return Q(**{f"{owner}__in": people_keys("department__path__startswith", self.path)})

    def below_heads(self, owner: str = "owner") -> Q:
        """Rows whose owner works in a department this person heads, or below."""
        branches = [
            Q(**{f"{owner}__in": people_keys("department__path__startswith", path)})
            for path in self.headed
        ]
        return reduce(or_, branches, NOBODY)


@cache
def _people_sql(lookup: str) -> str:
    rows = get_user_model()._default_manager.filter(**{lookup: "1"}).order_by().values("pk")
    return rows.query.sql_with_params()[0]


def people_keys(lookup: str, value: Any) -> RawSQL:
    """Keys of people by one lookup, as a subquery.

    Nearly every query of the product holds it several times, so it is compiled once; the value
    is a department's key or its path of digits and dots, nothing that LIKE would read otherwise.
    """
    text = f"{value}%" if lookup.endswith("startswith") else value
    return RawSQL(_people_sql(lookup), [text])  # noqa: S611 - the text is made by the ORM above


class FieldRights:
    """What a person may do with the fields of one record type that rules may name."""

    def __init__(self, record_type: str, holders: list[Holder]) -> None:
        self.record_type = record_type
        givings = [
            giving
            for holder in holders
            for giving in holder.givings
            if giving.grant(record_type, "view")
        ]
        self.levels = {
            code: max((giving.level(record_type, code) for giving in givings), default=Level.NONE)
            for code in RULED_FIELDS.get(record_type, {})
        }

    def sees(self, code: str) -> bool:
        """The field is shown; one that no rule may name always is."""
        return self.levels.get(code, Level.EDIT) >= Level.VIEW

    def edits(self, code: str) -> bool:
        """The field is offered in forms."""
        return self.levels.get(code, Level.EDIT) >= Level.EDIT

    @cached_property
    def shown(self) -> frozenset[str]:
        """Codes of the ruled fields that are shown, for templates."""
        return frozenset(code for code in self.levels if self.sees(code))

    @cached_property
    def editable(self) -> frozenset[str]:
        """Codes of the ruled fields that may be edited, for templates."""
        return frozenset(code for code in self.levels if self.edits(code))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Names of columns, related rows and form fields that must not be read."""
        return self._names(Level.VIEW)

    @cached_property
    def locked(self) -> frozenset[str]:
        """Names that must not be written."""
        return self._names(Level.EDIT)

    def _names(self, level: Level) -> frozenset[str]:
        ruled = RULED_FIELDS.get(self.record_type, {})
        closed = [ruled[code].names for code, own in self.levels.items() if own < level]
        return reduce(or_, closed, frozenset())


def any_of(conditions: list[Q]) -> Q:
    """The union: an empty condition means every row, no conditions mean none."""
    if not all(conditions):
        return Q()
    return reduce(or_, conditions, NOBODY) if conditions else NOBODY
