"""The rights kernel, the history triggers, idempotency and keyset pages on real PostgreSQL."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from deals.models import Deal
from records.access import find_record
from records.history import cause, changes_of
from records.idempotency import submit_once
from records.keyset import Keyset
from tests import factories as make


@pytest.fixture
def deals(people):
    return {
        name: make.deal(getattr(people, name), title=name)
        for name in ("manager", "colleague", "below", "outsider")
    } | {"nobody": make.deal(None, title="nobody")}


@pytest.mark.parametrize(
    ("who", "titles"),
    [
        ("manager", {"manager"}),
        ("colleague", {"colleague"}),
        ("head", {"manager", "colleague", "below", "nobody"}),
        ("other_head", {"outsider", "nobody"}),
        ("admin", {"manager", "colleague", "below", "outsider", "nobody"}),
        ("analyst", {"manager", "colleague", "below", "outsider", "nobody"}),
    ],
)
def test_scope_decides_which_rows_are_seen(people, deals, who, titles):
    seen = Deal.objects.visible_to(getattr(people, who)).values_list("title", flat=True)
    assert set(seen) == titles


def test_deactivated_person_sees_nothing(people, deals):
    people.admin.is_active = False
    assert not Deal.objects.visible_to(people.admin).exists()


def test_unseen_row_is_404_and_seen_but_forbidden_is_403(people, deals):
    with pytest.raises(Http404):
        find_record(Deal, people.manager, deals["colleague"].pk, "change")
    with pytest.raises(PermissionDenied):
        find_record(Deal, people.analyst, deals["manager"].pk, "change")


def test_bulk_update_cannot_escape_history(people, deals):
    with cause("test", user_id=people.admin.pk):
        Deal.objects.filter(pk=deals["manager"].pk).update(amount=5)
    change = changes_of(deals["manager"])[0]
    assert change.user_id == people.admin.pk
    assert [str(value) for value in change.fields["amount"]] == ["0.00", "5.00"]


def test_same_form_key_runs_the_action_once(people):
    key, runs = uuid.uuid4(), []

    def action() -> str:
        runs.append(1)
        return "/somewhere/"

    assert submit_once(people.manager, key, action) == "/somewhere/"
    assert submit_once(people.manager, key, action) == "/somewhere/"
    assert len(runs) == 1


def test_keyset_pages_cover_every_row_once(people):
    made = {make.deal(people.manager, title=str(n)).pk for n in range(7)}
    keyset, after, seen = Keyset(("-created_at", "-id"), 3), "", []
    while True:
        page, after = keyset.page(Deal.objects.all(), after)
        seen += [row.pk for row in page]
        if not after:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(made)
