"""Reads, in two queries, everything that decides what a person may do."""

from collections import defaultdict
from datetime import datetime
from typing import Any

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
    people = list(_people(user, now))
    givings = _givings(people)
    return [
        Holder(
            pk=row["pk"],
            name=short_name(row["last_name"], row["first_name"], row["patronymic"]) or row["email"],
            department_id=row["department"],
            department=row["department__name"] or "",
            path=row["department__path"] or "",
            headed=tuple(row["headed"]),
            is_deputised=row["pk"] != user.pk,
            givings=tuple(givings[row["pk"]]),
        )
        for row in sorted(people, key=lambda row: (row["pk"] != user.pk, row["pk"]))
    ]


def _people(user: Any, now: datetime) -> QuerySet:
    away = Deputy.objects.at(now).filter(deputy=user.pk).values("person")
    headed = Department.objects.filter(head=OuterRef("pk"), is_active=True).values("path")
    return (
        type(user)
        .objects.filter(Q(pk=user.pk) | Q(pk__in=away, is_active=True))
        .order_by()
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
