"""Rights that change between opening a form and sending it: the post obeys what holds now."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import RoleGrant, User
from records.doors import RoutedDoor
from tests.matrix.asking import allowed_methods
from tests.matrix.bodies import BODIES, page_body
from tests.matrix.digest import changed_tables, digest
from tests.matrix.expect import ALLOWED, Target, expected
from tests.matrix.test_matrix import DOORS
from tests.matrix.walk import forget_limits
from tests.matrix.world import World

pytestmark = pytest.mark.django_db
KINDS = ("lead", "deal", "contact", "company", "activity")
TYPED = "Typed for half an hour"


def given_away(world: World, row: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(owner=world.people["outsider"])


def deleted(world: World, row: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(deleted_at=timezone.now())


def moved(world: World, row: Any) -> None:
    User.objects.filter(pk=world.people["head"].pk).update(department=world.departments["service"])


def lowered(world: World, row: Any) -> None:
    RoleGrant.objects.exclude(action="view").delete()


def closed_out(world: World, row: Any) -> None:
    RoleGrant.objects.all().delete()


def dismissed(world: World, row: Any) -> None:
    User.objects.update(is_active=False)


CHANGES: list[tuple[Callable[[World, Any], None], tuple[int, ...]]] = [
    (given_away, (404,)),
    (deleted, (404,)),
    (moved, (404,)),
    (lowered, (403,)),
    (closed_out, (403,)),
    (dismissed, (302,)),
]


def kind_of(door: RoutedDoor) -> str:
    named = getattr(getattr(door.view_class, "model", None), "record_type", "")
    return named or door.policy.name


def posted() -> list[tuple[RoutedDoor, str, str]]:
    """Doors that take a post about one record: (door, who may, whose row)."""
    found = []
    for door in DOORS:
        policy = door.policy
        if policy.kind != "record" or set(door.converters) != {"pk"}:
            continue
        if "POST" not in allowed_methods(door) or kind_of(door) not in KINDS:
            continue
        words = (policy.kind, policy.name, policy.action)
        for who, ownership in (("manager", "own"), ("head", "colleague")):
            if expected(words, who, Target(kind_of(door), ownership)) == ALLOWED:
                found.append((door, who, ownership))
                break
    return found


POSTED = posted()


def test_there_are_such_doors():
    assert len(POSTED) > 15


@pytest.mark.parametrize(("door", "who", "ownership"), POSTED, ids=[d.name for d, *_ in POSTED])
def test_post_obeys_what_holds_now(asker, door, who, ownership):
    world = asker.world
    row = world.records[kind_of(door), ownership]
    url = reverse(door.name, kwargs={"pk": row.pk})
    client = asker.client(who)
    body: dict[str, Any] = {}
    if "GET" in allowed_methods(door):
        body = page_body(client.get(url).context)[0]
    body |= BODIES[door.name](world) if door.name in BODIES else {}
    body |= {name: TYPED for name in ("description", "title", "comment", "reason") if name in body}
    for change, statuses in CHANGES:
        if change is moved and who != "head":
            continue
        answer, wrote = meanwhile(asker, who, url, body, lambda change=change: change(world, row))
        if change is given_away and kind_of(door) == "activity":
            statuses = (403,)  # still seen on one's own deal
        assert answer.status_code in statuses, change.__name__
        assert wrote == (), change.__name__


def meanwhile(
    asker: Any, who: str, url: str, body: dict[str, Any], change: Callable[[], None]
) -> tuple[Any, tuple[str, ...]]:
    """The answer to the post after the change, and the tables it wrote; all undone."""
    with transaction.atomic():
        change()
        forget_limits()
        before = digest()
        answer = asker.client(who).post(url, body)
        wrote = changed_tables(before)
        transaction.set_rollback(True)
    forget_limits()
    return answer, wrote


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("deal", "deals:update"),
        ("lead", "leads:edit"),
        ("contact", "contacts:contact_edit"),
        ("company", "contacts:company_edit"),
    ],
)
def test_who_lost_the_record_reads_why_and_keeps_the_text(asker, kind, name):
    world = asker.world
    row = world.records[kind, "own"]
    url = reverse(name, kwargs={"pk": row.pk})
    body = page_body(asker.client("manager").get(url).context)[0] | {"description": TYPED}
    answer, _wrote = meanwhile(asker, "manager", url, body, lambda: given_away(world, row))
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "it now belongs to Outsider" in text
    assert TYPED in text
    answer, _wrote = meanwhile(asker, "manager", url, body, lambda: deleted(world, row))
    assert "was deleted while you had it open" in answer.content.decode()


def test_who_never_saw_the_record_learns_nothing_from_a_guessed_version(asker):
    row = asker.world.records["deal", "foreign"]
    for who in ("manager", "colleague", "head"):
        url = reverse("deals:update", kwargs={"pk": row.pk})
        known = asker.client(who).post(url, {"version": row.version, "title": TYPED})
        unknown = asker.client(who).post(
            reverse("deals:update", kwargs={"pk": 987_654_321}), {"version": 1, "title": TYPED}
        )
        assert known.status_code == unknown.status_code == 404
        assert "belongs" not in known.content.decode()
        assert TYPED not in known.content.decode()


def test_lost_record_answers_a_dialog_by_a_toast(asker):
    row = asker.world.records["deal", "own"]
    given_away(asker.world, row)
    url = reverse("deals:update", kwargs={"pk": row.pk})
    answer = asker.client("manager").post(url, {"version": 1}, headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "Outsider" in answer["HX-Trigger"]
    assert answer.content == b""
