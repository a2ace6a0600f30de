"""Reads, in two queries, everything that decides what a person may do."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models.departments import Department
from accounts.models.deputies import Deputy
from accounts.models.roles import FieldRule, Group, RoleAssignment, RoleGrant, StageRule
from records.holders import Giving, Holder
from records.names import short_name
from records.rights import Grant, Level, Scope

Member = Group.members.through


def holders_for(user: Any, now: datetime) -> list[Holder]:
    """The person, then everybody he stands in for at this moment; two queries.

    A deactivated person holds nothing and lends nothing.
    """
    if not user.is_active:
        return []
    away = Deputy.objects.at(now).filter(deputy=user.pk).values("person")
    people = list(_people(Q(pk=user.pk) | Q(pk__in=away, is_active=True)))
    made = _holders(people)
    return [made.pop(user.pk), *(replace(holder, is_deputised=True) for holder in made.values())]


def read_holders(users: list[Any], now: datetime) -> None:
    """Read the rights of many people at once; three queries."""
    keys = [user.pk for user in users if user.is_active]
    terms = Deputy.objects.at(now).filter(deputy__in=keys, person__is_active=True)
    pairs = list(terms.order_by("person").values_list("deputy", "person").distinct())
    made = _holders(list(_people(Q(pk__in=[*keys, *(person for _deputy, person in pairs)]))))
    for user in users:
        own = [made[user.pk]] if user.is_active else []
        lent = [made[person] for deputy, person in pairs if deputy == user.pk]
        user.hold([*own, *(replace(holder, is_deputised=True) for holder in lent)])


def _holders(people: list[dict[str, Any]]) -> dict[int, Holder]:
    """Each person with the roles given to him, by key; one query."""
    givings = _givings(people)
    return {
        row["pk"]: Holder(
            pk=row["pk"],
            name=short_name(row["last_name"], row["first_name"], row["patronymic"]) or row["email"],
            department_id=row["department"],
            department=row["department__name"] or "",
            path=row["department__path"] or "",
            headed=tuple(row["headed"]),
            givings=tuple(givings[row["pk"]]),
        )
        for row in people
    }


def _people(reached: Q) -> QuerySet:
    headed = Department.objects.filter(head=OuterRef("pk"), is_active=True).values("path")
    return (
        get_user_model()
        .objects.filter(reached)
        .order_by("pk")
        .annotate(headed=ArraySubquery(headed))
        .values(
            "pk",
            "email",
            "last_name",
            "first_name",
            "patronymic",
            "department",
            "department__name",
            "department__path",
            "headed",
        )
    )


def _lines(model: Any, *names: str) -> ArraySubquery:
    """The rows of a role as texts `a:b:c`."""
    parts: list[Any] = []
    for name in names:
        parts += [Cast(name, CharField()), Value(":")]
    text = Concat(*parts[:-1], output_field=CharField())
    rows = model.objects.filter(role=OuterRef("role")).order_by().values(line=text)
    return ArraySubquery(rows)


def _givings(people: list[dict[str, Any]]) -> dict[int, list[Giving]]:
    """Every role given to these people, by person; one query."""
    keys = [row["pk"] for row in people]
    departments = [row["department"] for row in people if row["department"]]
    above = [key for row in people for key in _above(row)]
    members = Member.objects.filter(user__in=keys)
    rows = (
        RoleAssignment.objects.filter(
            Q(user__in=keys)
            | Q(department__in=departments)
            | Q(department__in=above, includes_below=True)
            | Q(group__in=members.values("group"))
        )
        .annotate(
            members=ArraySubquery(members.filter(group=OuterRef("group")).values("user")),
            cells=_lines(RoleGrant, "record_type", "action", "scope", "unassigned"),
            field_lines=_lines(FieldRule, "record_type", "field", "level"),
            stage_lines=_lines(StageRule, "stage_id", "level"),
        )
        .select_related("role", "department", "group")
        .order_by("pk")
    )
    given: dict[int, list[Giving]] = defaultdict(list)
    for row in rows:
        giving = _giving(row)
        for person in people:
            if _reaches(row, person):
                given[person["pk"]].append(giving)
    return given


def _above(person: dict[str, Any]) -> list[int]:
    """Keys of the person's department and every one above it."""
    return [int(key) for key in (person["department__path"] or "").split(".") if key]


def _reaches(row: Any, person: dict[str, Any]) -> bool:
    """The role is given to the person, to a group of his, to his department or one above."""
    if row.department_id:
        is_above = row.includes_below and row.department_id in _above(person)
        return is_above or person["department"] == row.department_id
    return person["pk"] == row.user_id or person["pk"] in row.members


def _giving(row: Any) -> Giving:
    through = "department" if row.department_id else "group" if row.group_id else "person"
    grants = {}
    for line in row.cells:
        kind, action, scope, unassigned = line.split(":")
        grants[kind, action] = Grant(Scope(int(scope)), unassigned == "true")
    fields = {}
    for line in row.field_lines:
        kind, code, level = line.split(":")
        fields[kind, code] = Level(int(level))
    stages = (line.split(":") for line in row.stage_lines)
    return Giving(
        role_id=row.role_id,
        role=row.role.name,
        through=through,
        through_name=str(row.department or row.group or ""),
        is_novice=row.role.is_novice,
        closed_by_default=row.role.closed_by_default,
        grants=grants,
        fields=fields,
        stages={int(stage): Level(int(level)) for stage, level in stages},
    )
