"""Handing a person's work over: what goes, to whom, and that nothing is half done."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Notification, User
from activities.models import Activity, Reminder
from contacts.models import Company, Contact
from crm.handover import KINDS, HandOverRefused, hand_over, work_counts
from deals.models import Deal
from leads.models import Lead
from records.history import changes_of
from tests import factories as make

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def work(people):
    """Five leads, four deals, three companies, two contacts, three planned tasks; some is done."""
    person = people.manager
    for _number in range(5):
        make.lead(person)
    deals = [make.deal(person) for _number in range(4)]
    for _number in range(3):
        make.company(person)
    for _number in range(2):
        make.contact(person)
    make.deal(person, status="won", closed_at=NOW)
    make.lead(person, status="rejected", closed_at=NOW)
    make.deal(person, deleted_at=NOW)
    make.activity(person, deal=deals[0])
    make.activity(person, deal=deals[1])
    make.activity(person)
    make.activity(person, done_at=NOW)
    make.deal(people.colleague)
    return deals


def owned(model, person) -> int:
    return model.objects.filter(owner=person).count()


def give(people, *to, kinds=tuple(KINDS), **more):
    return hand_over(person=people.manager, kinds=kinds, to=to, by=people.admin, now=NOW, **more)


def test_unfinished_work_is_counted_by_kind(people, work):
    assert work_counts(people.manager) == {
        "lead": 5,
        "deal": 4,
        "company": 3,
        "contact": 2,
        "activity": 3,
    }


def test_everything_unfinished_goes_and_what_is_finished_stays(people, work):
    (share,) = give(people, people.head)
    assert share.cells == [5, 4, 3, 2, 3]
    assert not any(work_counts(people.manager).values())
    assert (owned(Deal, people.manager), owned(Lead, people.manager)) == (2, 1)
    assert Activity.objects.get(owner=people.manager).done_at
    assert owned(Deal, people.colleague) == 1


def test_several_share_evenly_and_tasks_go_with_their_deals(people, work):
    shares = give(people, people.head, people.colleague)
    for kind, column in enumerate(zip(*(share.cells for share in shares), strict=True)):
        assert max(column) - min(column) <= 1, list(KINDS)[kind]
    for activity in Activity.objects.filter(deal__in=work, done_at=None):
        assert activity.owner == activity.deal.owner


def test_only_the_chosen_kinds_go_with_the_tasks_on_them(people, work):
    give(people, people.head, kinds=["deal"])
    assert work_counts(people.manager) == {
        "lead": 5,
        "deal": 0,
        "company": 3,
        "contact": 2,
        "activity": 1,
    }


def test_trial_counts_the_same_and_writes_nothing(people, work):
    trial = give(people, people.head, people.colleague, is_trial=True)
    assert work_counts(people.manager)["deal"] == 4
    assert not Notification.objects.exists()
    real = give(people, people.head, people.colleague)
    assert [share.counts for share in trial] == [share.counts for share in real]


def test_history_names_who_handed_over_and_why(people, work):
    give(people, people.head)
    (change, *_others) = changes_of(work[0])
    assert (change.user_id, change.cause) == (people.admin.pk, "hand-over")
    assert change.fields["owner_id"] == (people.manager.pk, people.head.pk)
    work[0].refresh_from_db()
    assert work[0].version == 2


def test_receiver_is_told_once_in_the_own_language(people, work):
    User.objects.filter(pk=people.head.pk).update(language="ru")
    give(people, people.head)
    notice = Notification.objects.get()
    assert notice.user == people.head
    assert "17" in notice.text
    assert "передали" in notice.text


def test_waiting_reminders_follow_and_are_never_doubled(people, work):
    task = Activity.objects.filter(owner=people.manager, deal=work[0]).get()
    due = NOW + timedelta(days=1)
    for person in (people.manager, people.head):
        Reminder.objects.create(activity=task, user=person, due_at=due)
    Reminder.objects.create(activity=task, user=people.manager, due_at=due + timedelta(hours=1))
    give(people, people.head)
    rows = Reminder.objects.filter(activity=task).values_list("user", "state", "due_at")
    assert set(rows) == {
        (people.manager.pk, "cancelled", due),
        (people.head.pk, "waiting", due),
        (people.head.pk, "waiting", due + timedelta(hours=1)),
    }


def test_work_goes_neither_to_the_person_nor_to_a_deactivated_one_nor_to_nobody(people, work):
    services.deactivate_person(person=people.colleague)
    for to in ([], [people.manager], [people.head, people.colleague]):
        with pytest.raises(HandOverRefused):
            give(people, *to)
    assert work_counts(people.manager)["deal"] == 4


def test_number_of_queries_does_not_grow_with_the_rows(people, work):
    with CaptureQueriesContext(connection) as seen:
        give(people, people.head, people.colleague)
    for _number in range(30):
        make.deal(people.manager)
        make.lead(people.manager)
        make.company(people.manager)
        make.contact(people.manager)
        make.activity(people.manager)
    assert len(seen) < 60
    with CaptureQueriesContext(connection) as again:
        give(people, people.head, people.colleague)
    assert len(again) <= len(seen)


# the page


def url_of(person) -> str:
    return f"/settings/people/{person.pk}/hand-over/"


def test_page_counts_shows_a_trial_and_hands_over(people, work, sign_in):
    client = sign_in(people.admin)
    page = client.get(url_of(people.manager)).content.decode()
    assert "Open deals: 4" in page
    data = {"kinds": list(KINDS), "to_1": people.head.pk, "to_2": people.colleague.pk}
    trial = client.post(url_of(people.manager), {**data, "preview": "1"})
    assert [sum(share.cells) for share in trial.context["shares"]] == [9, 8]
    assert work_counts(people.manager)["deal"] == 4
    assert client.post(url_of(people.manager), data).status_code == 302
    assert not any(work_counts(people.manager).values())
    assert User.objects.get(pk=people.manager.pk).is_active


def test_person_is_handed_over_and_deactivated_in_one_step(people, work, sign_in):
    client, session = sign_in(people.admin), sign_in(people.manager)
    data = {"kinds": ["deal"], "to_1": people.head.pk, "deactivate": "on"}
    assert client.post(url_of(people.manager), data).status_code == 302
    assert not User.objects.get(pk=people.manager.pk).is_active
    assert owned(Deal, people.head) == 4
    assert session.get("/accounts/profile/").status_code == 302


def test_last_administrator_hands_nothing_over_on_the_way_out(people, sign_in):
    make.company(people.admin)
    make.contact(people.admin)
    data = {"kinds": ["company", "contact"], "to_1": people.head.pk, "deactivate": "on"}
    page = sign_in(people.admin).post(url_of(people.admin), data)
    assert page.status_code == 422
    assert owned(Company, people.admin) == owned(Contact, people.admin) == 1
    assert User.objects.get(pk=people.admin.pk).is_active


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"to_1": ""}, "to_1"),
        ({"to_1": "x"}, "to_1"),
        ({"to_1": "9" * 40}, "to_1"),
        ({"to_1": "self"}, "to_1"),
        ({"kinds": ["salary"]}, "kinds"),
        ({"kinds": []}, "kinds"),
    ],
)
def test_wrong_hand_over_is_refused_at_the_field(people, work, sign_in, fields, wrong):
    data = {"kinds": ["deal"], "to_1": people.head.pk, **fields}
    data["to_1"] = people.manager.pk if data["to_1"] == "self" else data["to_1"]
    page = sign_in(people.admin).post(url_of(people.manager), data)
    assert page.status_code == 422
    assert wrong in page.context["form"].errors
    assert work_counts(people.manager)["deal"] == 4


def test_page_is_closed_to_a_head(people, sign_in):
    assert sign_in(people.head).get(url_of(people.manager)).status_code == 403
