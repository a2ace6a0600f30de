"""Deeds on many rows: only permitted ones change, others are counted, one step takes it back."""

import pytest
from django.utils import timezone

from accounts.models import RoleGrant
from contacts.models import Company
from crm.lists import bulk
from deals.models import Deal, StageMove
from leads.models import Lead
from records.models import BulkOperation
from records.rights import Scope
from tests import factories as make


def do(kind, act, rows, by, value=None):
    return bulk.apply(
        kind=kind, act=act, keys=[row.pk for row in rows], value=value, by=by, now=timezone.now()
    )


def back(found, by):
    return bulk.undo(operation_id=found.operation.pk, by=by, now=timezone.now())


@pytest.mark.parametrize("kind", ["lead", "deal", "company", "contact"])
def test_only_permitted_rows_are_given_away(people, kind):
    maker = getattr(make, kind)
    own, foreign = maker(people.colleague), maker(people.outsider)
    found = do(kind, "assign", [own, foreign], people.head, people.manager)
    assert (found.changed, found.left_out) == (1, 1)
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.owner, foreign.owner) == (people.manager, people.outsider)
    assert back(found, people.head).changed == 1
    own.refresh_from_db()
    assert own.owner == people.colleague
    assert back(found, people.head).changed == 0


def test_right_to_many_rows_narrows_the_right_to_one(people):
    RoleGrant.objects.filter(role__name="Head", action="bulk").update(scope=Scope.OWN)
    theirs = make.company(people.colleague)
    assert do("company", "delete", [theirs], people.head).left_out == 1
    assert Company.objects.get(pk=theirs.pk).deleted_at is None


@pytest.mark.parametrize("kind", ["lead", "deal", "company", "product"])
def test_rows_go_to_the_trash_and_come_back(people, kind):
    owner = {"owner": people.manager}
    rows = [getattr(make, kind)(**owner) for _ in range(3)]
    found = do(kind, "delete", rows, people.manager)
    model = type(rows[0])
    assert found.changed == 3
    assert not model.objects.visible_to(people.manager).exists()
    assert back(found, people.manager).changed == 3
    assert model.objects.visible_to(people.manager).count() == 3


def test_stage_moves_are_history_and_a_rule_leaves_a_row_out(people):
    deals = [make.deal(people.manager) for _ in range(2)]
    closed = make.deal(people.manager, status="won", closed_at=timezone.now())
    stage = deals[0].pipeline.stages.last()
    found = do("deal", "stage", [*deals, closed], people.manager, stage)
    assert (found.changed, found.left_out) == (2, 1)
    assert set(Deal.objects.filter(stage=stage)) == set(deals)
    assert StageMove.objects.filter(to_stage=stage).count() == 2
    assert back(found, people.manager).changed == 2
    assert not Deal.objects.filter(stage=stage).exists()


def test_row_changed_since_is_left_alone_by_undo(people):
    first, second = make.company(people.manager), make.company(people.manager)
    found = do("company", "assign", [first, second], people.head, people.colleague)
    Company.objects.filter(pk=first.pk).update(version=99, owner=people.head)
    undone = back(found, people.head)
    assert (undone.changed, undone.left_out) == (1, 1)
    first.refresh_from_db()
    assert first.owner == people.head


def test_page_asks_does_and_offers_the_way_back(people, sign_in):
    mine, foreign = make.lead(people.manager), make.lead(people.outsider)
    client = sign_in(people.manager)
    assert "data-bulk-row" in client.get("/leads/").text
    query = f"act=delete&row={mine.pk}&row={foreign.pk}&next=/leads/"
    page = client.get(f"/lists/lead/bulk/?{query}")
    assert "2 rows chosen" in page.text
    body = {"act": "delete", "rows": f"{mine.pk},{foreign.pk}", "next": "/leads/"}
    answer = client.post("/lists/lead/bulk/", body, follow=True)
    assert answer.redirect_chain[0][0] == "/leads/"
    assert "1 row changed. 1 row left as it was" in answer.text
    operation = BulkOperation.objects.get()
    assert f"/lists/bulk/{operation.pk}/undo/" in answer.text
    assert Lead.objects.alive().get() == foreign
    assert sign_in(people.colleague).post(f"/lists/bulk/{operation.pk}/undo/").status_code == 404
    assert client.post(f"/lists/bulk/{operation.pk}/undo/").status_code == 302
    assert Lead.objects.alive().count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"act": "purge", "rows": "1"},
        {"act": "delete", "rows": "x,,99999999999999999999"},
        {"act": "assign", "rows": "1", "value": "999999"},
        {"act": "stage", "rows": "1", "value": "1"},
    ],
)
def test_nonsense_is_refused_and_writes_nothing(people, sign_in, body):
    make.lead(people.manager)
    assert sign_in(people.manager).post("/lists/lead/bulk/", body).status_code == 422
    assert Lead.objects.get().version == 1


def test_without_the_right_there_are_no_boxes(people, sign_in):
    make.lead(people.manager)
    client = sign_in(people.analyst)
    assert "data-bulk-row" not in client.get("/leads/").text
    assert client.post("/lists/lead/bulk/", {}).status_code == 403
