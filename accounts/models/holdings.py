"""Reads, in two queries, everything that decides what a person may do.

Every request asks it, so the queries are written out: building them anew each time took longer
than running them.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models.deputies import Deputy
from records.holders import Giving, Holder
from records.names import short_name
from records.rights import Grant, Level, Scope

PEOPLE = """
SELECT u.id AS pk, u.email, u.last_name, u.first_name, u.patronymic, u.department_id,
       d.name AS department, d.path,
       ARRAY(SELECT h.path FROM accounts_department h
             WHERE h.head_id = u.id AND h.is_active) AS headed
FROM accounts_user u LEFT JOIN accounts_department d ON d.id = u.department_id
"""
OF_ONE = """
WHERE u.id = %(user)s OR u.is_active AND u.id IN (
    SELECT a.person_id FROM accounts_deputy a
    WHERE a.deputy_id = %(user)s AND a.starts_at <= %(now)s AND a.ends_at > %(now)s)
ORDER BY u.id
"""
OF_MANY = "WHERE u.id = ANY(%(users)s) ORDER BY u.id"
GIVINGS = """
SELECT a.user_id, a.department_id, a.group_id, a.includes_below, a.role_id,
       r.name AS role, r.is_novice, r.closed_by_default, coalesce(d.name, g.name) AS through_name,
       ARRAY(SELECT m.user_id FROM accounts_group_members m
             WHERE m.group_id = a.group_id AND m.user_id = ANY(%(users)s)) AS members,
       ARRAY(SELECT concat_ws(':', c.record_type, c.action, c.scope, c.unassigned::text)
             FROM accounts_rolegrant c WHERE c.role_id = a.role_id) AS cells,
       ARRAY(SELECT concat_ws(':', f.record_type, f.field, f.level)
             FROM accounts_fieldrule f WHERE f.role_id = a.role_id) AS field_lines,
       ARRAY(SELECT concat_ws(':', s.stage_id, s.level)
             FROM accounts_stagerule s WHERE s.role_id = a.role_id) AS stage_lines
FROM accounts_roleassignment a
JOIN accounts_role r ON r.id = a.role_id
LEFT JOIN accounts_department d ON d.id = a.department_id
LEFT JOIN accounts_group g ON g.id = a.group_id
WHERE a.user_id = ANY(%(users)s)
   OR a.department_id = ANY(%(departments)s)
   OR a.includes_below AND a.department_id = ANY(%(above)s)
   OR a.group_id IN (SELECT m.group_id FROM accounts_group_members m
                     WHERE m.user_id = ANY(%(users)s))
ORDER BY a.id
"""


def holders_for(user: Any, now: datetime) -> list[Holder]:
    """The person, then everybody he stands in for at this moment; two queries.

    A deactivated person holds nothing and lends nothing.
    """
    if not user.is_active:
        return []
    made = _holders(_rows(PEOPLE + OF_ONE, {"user": user.pk, "now": now}))
    return [made.pop(user.pk), *(replace(holder, is_deputised=True) for holder in made.values())]


def read_holders(users: list[Any], now: datetime) -> None:
    """Read the rights of many people at once; three queries."""
    keys = [user.pk for user in users if user.is_active]
    terms = Deputy.objects.at(now).filter(deputy__in=keys, person__is_active=True)
    pairs = list(terms.order_by("person").values_list("deputy", "person").distinct())
    wanted = [*keys, *(person for _deputy, person in pairs)]
    made = _holders(_rows(PEOPLE + OF_MANY, {"users": wanted}))
    for user in users:
        own = [made[user.pk]] if user.is_active else []
        lent = [made[person] for deputy, person in pairs if deputy == user.pk]
        user.hold([*own, *(replace(holder, is_deputised=True) for holder in lent)])


def _rows(sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _holders(people: list[dict[str, Any]]) -> dict[int, Holder]:
    """Each person with the roles given to him, by key; one query."""
    givings = _givings(people)
    return {
        row["pk"]: Holder(
            pk=row["pk"],
            name=short_name(row["last_name"], row["first_name"], row["patronymic"]) or row["email"],
            department_id=row["department_id"],
            department=row["department"] or "",
            path=row["path"] or "",
            headed=tuple(row["headed"]),
            givings=tuple(givings[row["pk"]]),
        )
        for row in people
    }


def _givings(people: list[dict[str, Any]]) -> dict[int, list[Giving]]:
    """Every role given to these people, by person; one query."""
    rows = _rows(
        GIVINGS,
        {
            "users": [row["pk"] for row in people],
            "departments": [row["department_id"] for row in people if row["department_id"]],
            "above": [key for row in people for key in _above(row)],
        },
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
    return [int(key) for key in (person["path"] or "").split(".") if key]


def _reaches(row: Any, person: dict[str, Any]) -> bool:
    """The role is given to the person, to a group of his, to his department or one above."""
    place = row["department_id"]
    if place:
        is_above = row["includes_below"] and place in _above(person)
        return is_above or person["department_id"] == place
    return person["pk"] == row["user_id"] or person["pk"] in row["members"]


def _giving(row: dict[str, Any]) -> Giving:
    through = "department" if row["department_id"] else "group" if row["group_id"] else "person"
    grants = {}
    for line in row["cells"]:
        kind, action, scope, unassigned = line.split(":")
        grants[kind, action] = Grant(Scope(int(scope)), unassigned == "true")
    fields = {}
    for line in row["field_lines"]:
        kind, code, level = line.split(":")
        fields[kind, code] = Level(int(level))
    stages = (line.split(":") for line in row["stage_lines"])
    return Giving(
        role_id=row["role_id"],
        role=row["role"],
        through=through,
        through_name=row["through_name"] or "",
        is_novice=row["is_novice"],
        closed_by_default=row["closed_by_default"],
        grants=grants,
        fields=fields,
        stages={int(stage): Level(int(level)) for stage, level in stages},
    )
