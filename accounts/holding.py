"""Who holds which role, and through what: the chain from a person to a right."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Role, RoleAssignment, User
from accounts.querysets import assignments_of


@dataclass(frozen=True, slots=True)
class Holding:
    """One way in which a person holds a role; `through` is the assignment."""

    role_id: int
    user_id: int
    through: RoleAssignment


def holdings(given: QuerySet | None = None) -> list[Holding]:
    """Every way in which active people hold the roles of these assignments: five queries."""
    rows = RoleAssignment.objects.all() if given is None else given
    rows = list(rows.select_related("department", "group", "user"))
    people = dict(User.objects.filter(is_active=True).values_list("pk", "department__path"))
    members = _members({row.group_id for row in rows if row.group_id})
    return [
        Holding(row.role_id, user_id, row)
        for row in rows
        for user_id in _reached(row, people, members)
        if user_id in people
    ]


def _members(groups: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    links = User.crm_groups.through.objects.filter(group__in=groups)
    for group_id, user_id in links.values_list("group", "user"):
        found.setdefault(group_id, []).append(user_id)
    return found


def _reached(
    row: RoleAssignment, people: dict[int, str | None], members: dict[int, list[int]]
) -> Iterator[int]:
    if row.user_id:
        yield row.user_id
    elif row.group_id:
        yield from members.get(row.group_id, ())
    elif row.department:
        place = row.department.path
        for user_id, path in people.items():
            if path == place or (row.includes_below and path and path.startswith(place)):
                yield user_id


def people_of_roles() -> dict[int, int]:
    """How many active people hold each role, however it was given; roles of nobody are absent."""
    pairs = {(holding.role_id, holding.user_id) for holding in holdings()}
    counts: dict[int, int] = {}
    for role_id, _user_id in pairs:
        counts[role_id] = counts.get(role_id, 0) + 1
    return counts


def holders_of_role(role: Role, limit: int = 50) -> tuple[list[tuple[User, list]], int]:
    """People who hold the role with the assignments through which they do, and how many."""
    chains: dict[int, list[RoleAssignment]] = {}
    for holding in holdings(role.assignments.all()):
        chains.setdefault(holding.user_id, []).append(holding.through)
    people = User.objects.filter(pk__in=chains).select_related("department")[:limit]
    return [(person, chains[person.pk]) for person in people], len(chains)


def roles_with_chain(user: User) -> list[tuple[Role, list[RoleAssignment]]]:
    """The roles of a person, each with the assignments through which it came: one query."""
    rows = assignments_of(user).select_related("role", "department", "group").order_by("role", "pk")
    chains: dict[int, tuple[Role, list[RoleAssignment]]] = {}
    for row in rows:
        chains.setdefault(row.role_id, (row.role, []))[1].append(row)
    return list(chains.values())
