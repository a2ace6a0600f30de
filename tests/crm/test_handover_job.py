"""A hand-over too large for a request: asked for at once, done by the worker piece by piece."""

import pytest
from django.urls import reverse

from accounts.models import HandOver, Notification, Role, RoleGrant, User
from activities.models import Activity
from contacts.models import Company
from crm import handover_job, tasks
from crm.handover import KINDS, work_counts
from deals.models import Deal
from records.history import changes_of
from tests import factories as make


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(handover_job, "AT_ONCE", 10)
    monkeypatch.setattr(handover_job, "PIECE", 3)


@pytest.fixture
def work(people):
    person = people.manager
    deals = [make.deal(person) for _number in range(7)]
    for _number in range(5):
        make.company(person)
    for deal in deals[:4]:
        make.activity(person, deal=deal)
    make.activity(person)


@pytest.fixture
def asked(people, work, sign_in):
    client = sign_in(people.admin)
    data = {"kinds": list(KINDS), "to_1": people.head.pk, "to_2": people.colleague.pk}
    answer = client.post(reverse("hand_over", args=[people.manager.pk]), data)
    row = HandOver.objects.get()
    assert answer.headers["Location"] == reverse("hand_over_progress", args=[row.pk])
    return row


def test_worker_goes_on_after_a_crash_and_gives_nothing_twice(people, asked, sign_in, monkeypatch):
    client = sign_in(people.admin)
    assert work_counts(people.manager)["deal"] == 7
    page = client.get(reverse("hand_over", args=[people.manager.pk]))
    assert page.headers["Location"] == reverse("hand_over_progress", args=[asked.pk])
    write = handover_job.write_owners

    def breaks(kind, *rest):
        write(kind, *rest)
        if kind == "company":
            raise RuntimeError("the machine went off")

    with monkeypatch.context() as patch:
        patch.setattr(handover_job, "write_owners", breaks)
        tasks.hand_over(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.failures, asked.done) == ("running", 1, 11)
    assert work_counts(people.manager)["company"] == 5
    page = client.get(reverse("hand_over_progress", args=[asked.pk])).content.decode()
    assert "every 2s" in page
    tasks.hand_over(asked.pk)
    tasks.hand_over(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.total) == ("done", 17, 17)
    assert not any(work_counts(people.manager).values())
    for model, counts in ((Deal, {3, 4}), (Company, {2, 3})):
        assert {model.objects.filter(owner=x).count() for x in (people.head, people.colleague)} == (
            counts
        )
    for activity in Activity.objects.filter(deal__isnull=False):
        assert activity.owner == activity.deal.owner
    told = Notification.objects.values_list("user", flat=True)
    assert sorted(told) == sorted([people.head.pk, people.colleague.pk, people.admin.pk])
    change = changes_of(Deal.objects.first())[0]
    assert (change.cause, change.user_id) == ("hand-over", people.admin.pk)
    page = client.get(reverse("hand_over_progress", args=[asked.pk])).content.decode()
    assert "every 2s" not in page


def test_rights_and_receivers_are_asked_anew_and_it_may_go_on_later(people, asked, sign_in):
    role = Role.objects.get(name="Administrator")
    RoleGrant.objects.filter(role=role, action="administer").update(scope=0)
    tasks.hand_over(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert "may no longer" in asked.problem
    RoleGrant.objects.filter(role=role, action="administer").update(scope=4)
    client, page = sign_in(people.admin), reverse("hand_over_progress", args=[asked.pk])
    assert sign_in(people.head).post(page).status_code == 403
    User.objects.filter(pk=people.colleague.pk).update(is_active=False)
    client.post(page)
    tasks.hand_over(asked.pk)
    assert "deactivated" in client.get(page).content.decode()
    assert work_counts(people.manager)["deal"] == 7
    User.objects.filter(pk=people.colleague.pk).update(is_active=True)
    client.post(page)
    tasks.hand_over(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, work_counts(people.manager)["deal"]) == ("done", 0)


def test_person_leaves_at_the_end_unless_nobody_else_administers(people, work, sign_in):
    client = sign_in(people.admin)
    data = {"kinds": ["deal"], "to_1": people.head.pk, "deactivate": "on"}
    client.post(reverse("hand_over", args=[people.manager.pk]), data)
    assert User.objects.get(pk=people.manager.pk).is_active
    tasks.hand_over(HandOver.objects.get().pk)
    assert not User.objects.get(pk=people.manager.pk).is_active
    for _number in range(11):
        make.company(people.admin)
    data = {"kinds": ["company"], "to_1": people.head.pk, "deactivate": "on"}
    answer = client.post(reverse("hand_over", args=[people.admin.pk]), data)
    assert answer.status_code == 422
    assert HandOver.objects.count() == 1


def test_lost_call_is_found_by_the_sweep(people, asked, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks.hand_over, "delay", woken.append)
    tasks.sweep_hand_overs()
    assert woken == []
    HandOver.objects.update(touched_at=make.NOW)
    tasks.sweep_hand_overs()
    assert woken == [asked.pk]


def test_stopped_one_does_not_go_on_beside_a_new_one(people, asked, sign_in):
    HandOver.objects.update(state="failed")
    client = sign_in(people.admin)
    data = {"kinds": ["deal"], "to_1": people.head.pk}
    client.post(reverse("hand_over", args=[people.manager.pk]), data)
    client.post(reverse("hand_over_progress", args=[asked.pk]))
    assert sorted(HandOver.objects.values_list("state", flat=True)) == ["failed", "waiting"]
