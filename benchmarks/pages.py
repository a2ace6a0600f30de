"""The measured pages and the raw SQL that each of them cannot do without."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.querysets import people_reached
from leads.models import Lead
from records.keyset import Keyset
from records.rights import Scope

PAGE = 50
REPORT = 150


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its address, or None while the product has none, and its floor query."""

    name: str
    path: str | None
    floor: str
    target: float | None = None
    form: bool = False


@dataclass(frozen=True, slots=True)
class Samples:
    """Keys and texts of records that a viewer sees."""

    lead: int
    phone: str
    surname: str
    owners: str


def samples(user: User) -> Samples:
    """A lead in the middle of the viewer's rows and his reach as SQL."""
    scope = user.grant("lead", "view").scope
    owners = "TRUE"
    if scope is not Scope.ALL:
        keys = ", ".join(str(row["pk"]) for row in _within(user))
        owners = f"owner_id IN ({keys})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, p.number, l.last_name FROM leads_lead l JOIN contacts_phone p "
            f"ON p.lead_id = l.id WHERE {owners} AND status = 'working' ORDER BY l.id LIMIT 1"
        )
        lead, phone, surname = cursor.fetchone()
    return Samples(lead, phone, surname, owners)


def _within(user: User) -> list[dict[str, int]]:
    return list(people_reached(user, "lead", "view").values("pk"))


def pages(user: User) -> list[Page]:
    """Everything measured for a viewer."""
    seen = samples(user)
    lead = f"SELECT * FROM leads_lead WHERE {seen.owners} AND deleted_at IS NULL"
    order = "ORDER BY created_at DESC, id DESC"
    digits = "".join(mark for mark in seen.phone if mark.isdigit())[-10:]
    measured = [
        Page("lead list, first page", _path("leads:list"), f"{lead} {order} LIMIT {PAGE}", 50),
        Page(
            "lead list, filtered",
            _path("leads:list", status="working"),
            f"{lead} AND status = 'working' {order} LIMIT {PAGE}",
            50,
        ),
        Page(
            "lead list, deep page",
            _path("leads:list", after=_deep(seen.owners)),
            f"{lead} AND (created_at, id) < (now() - interval '500 days', 0) {order} LIMIT {PAGE}",
            50,
        ),
        Page(
            "lead card",
            _path("leads:detail", seen.lead),
            f"SELECT * FROM activities_activity WHERE lead_id = {seen.lead} "
            f"ORDER BY happened_at DESC, id DESC LIMIT {PAGE}",
            50,
        ),
        Page("deal board", _path("deals:board"), _board(seen.owners), 80),
        Page(
            "deal list, first page",
            _path("deals:list"),
            f"SELECT * FROM deals_deal WHERE {seen.owners} AND deleted_at IS NULL "
            f"{order} LIMIT {PAGE}",
            50,
        ),
        Page(
            "search by phone",
            _path("search", q=seen.phone),
            f"SELECT * FROM contacts_phone WHERE reversed_digits LIKE '{digits[::-1]}%' LIMIT 20",
        ),
        Page(
            "search by surname",
            _path("search", q=seen.surname),
            f"SELECT * FROM leads_lead WHERE {seen.owners} AND "
            f"search_text LIKE '%' || crm_fold('{seen.surname}') || '%' {order} LIMIT 20",
        ),
        Page("funnel report", _path("reports:funnel"), _funnel(seen.owners), REPORT),
        Page("create lead", _path("leads:create"), "SELECT 1", None, form=True),
    ]
    return [page for page in measured if page.target != REPORT or user.has_right("view_reports")]


def _board(owners: str) -> str:
    return (
        "SELECT stage_id, count(*), sum(amount_base) FROM deals_deal "
        f"WHERE status = 'open' AND deleted_at IS NULL AND {owners} GROUP BY stage_id"
    )


def _funnel(owners: str) -> str:
    return (
        "SELECT furthest, status, count(*), sum(amount_base) FROM deals_deal WHERE pipeline_id = "
        "(SELECT id FROM deals_pipeline WHERE is_default) AND created_at >= now() - "
        f"interval '90 days' AND deleted_at IS NULL AND {owners} GROUP BY 1, 2"
    )


def _deep(owners: str) -> str:
    """The token of a place behind half of the viewer's leads."""
    rows = Lead.objects.extra(where=[owners]).order_by("-created_at", "-id")
    return Keyset(("-created_at", "-id"), PAGE).token(rows[rows.count() // 2])


def _path(name: str, *keys: int, **query: str) -> str | None:
    try:
        path = reverse(name, args=keys)
    except NoReverseMatch:
        return None
    return f"{path}?{urlencode(query)}" if query else path
