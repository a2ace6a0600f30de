"""What opens and closes rows: deputies, participants, restricted deals, key clients, stages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Group, Role, RoleAssignment, RoleGrant
from accounts.services import StageInput
from activities.models import Activity
from contacts.models import Company, Contact, Employment
from deals.models import Deal, DealParticipant
from records.rights import Level, Scope
from tests import factories as make
from tests.people import make_role


def fresh(person):
    """The person as the next request reads one."""
    return type(person).objects.get(pk=person.pk)


def sees(person, record, action="view"):
    rows = type(record).objects.permitted(fresh(person), action)
    return rows.filter(pk=record.pk).exists()


@pytest.fixture
def deal(people):
    return make.deal(people.manager)


def stand_in(person, deputy, *, ends=timedelta(hours=1)):
    now = timezone.now()
    return services.appoint_deputy(
        person=person,
        deputy=deputy,
        starts_at=now - timedelta(hours=2),
        ends_at=now + ends,
        by=None,
    )


def test_deputy_does_what_the_absent_person_may_and_no_more(people, deal):
    term = stand_in(people.manager, people.outsider)
    foreign = make.deal(people.colleague)
    assert sees(people.outsider, deal, "change")
    assert not sees(people.outsider, foreign)
    services.recall_deputy(deputy=term, now=timezone.now())
    assert not sees(people.outsider, deal)


def test_deputy_of_a_head_reaches_his_department_but_lends_nothing_on(people, deal):
    stand_in(people.head, people.outsider)
    stand_in(people.outsider, people.other_head)
    assert sees(people.outsider, deal)
    assert not sees(people.other_head, deal)
    assert fresh(people.outsider).has_right("view_reports")


def test_deactivated_person_lends_nothing(people, deal):
    stand_in(people.manager, people.outsider)
    type(people.manager).objects.filter(pk=people.manager.pk).update(is_active=False)
    assert not sees(people.outsider, deal)


def test_role_of_a_department_and_of_a_group_counts(people, deal):
    everything = make_role("Everything", Scope.ALL)
    RoleAssignment.objects.create(role=everything, department=people.service)
    assert sees(people.outsider, deal)
    assert not sees(people.colleague, deal)
    group = Group.objects.create(name="Auditors")
    group.members.add(people.colleague)
    RoleAssignment.objects.create(role=everything, group=group)
    assert sees(people.colleague, deal)


@pytest.fixture
def restricted(people, deal):
    people.sales.head = people.head
    people.sales.save(update_fields=["head"])
    Deal.objects.filter(pk=deal.pk).update(is_restricted=True)
    deal.refresh_from_db()
    return deal


@pytest.mark.parametrize(
    ("who", "seen"),
    [("manager", True), ("head", True), ("colleague", False), ("admin", False), ("analyst", False)],
)
def test_restricted_deal_and_its_work_are_for_owner_and_heads(people, restricted, who, seen):
    task = make.activity(people.manager, deal=restricted)
    person = getattr(people, who)
    assert sees(person, restricted) is seen
    assert sees(person, task) is seen


def test_participant_sees_a_restricted_deal_and_edits_it_when_allowed(people, restricted):
    part = DealParticipant.objects.create(deal=restricted, user=people.outsider)
    assert sees(people.outsider, restricted)
    assert not sees(people.outsider, restricted, "change")
    part.can_change = True
    part.save(update_fields=["can_change"])
    assert sees(people.outsider, restricted, "change")
    assert not sees(people.outsider, restricted, "delete")


def test_own_call_on_a_deal_that_became_restricted_is_closed(people, restricted):
    call = make.activity(people.colleague, deal=restricted)
    assert not sees(people.colleague, call)


@pytest.fixture
def novice(people):
    """The analyst sees everything, but key clients."""
    Role.objects.filter(name="Analyst").update(is_novice=True)
    return people.analyst


def test_key_company_hides_its_people_deals_leads_and_work(people, novice):
    key, plain = make.company(people.manager, is_key=True), make.company(people.manager)
    for company, seen in ((key, False), (plain, True)):
        person = make.contact(people.manager)
        Employment.objects.create(contact=person, company=company)
        deal = make.deal(people.manager, company=company)
        lead = make.lead(people.manager, company=company)
        rows = [company, person, deal, lead]
        rows += [make.activity(people.manager, **{row.record_type: row}) for row in rows]
        assert [sees(novice, row) for row in rows] == [seen] * len(rows)
        assert all(sees(people.admin, row) for row in rows)


def test_key_contact_is_hidden_even_from_its_novice_owner(people, novice):
    assert not sees(novice, make.contact(novice, is_key=True))


def test_novice_role_hides_whatever_another_role_gives(people, novice):
    RoleAssignment.objects.create(role=make_role("Everything", Scope.ALL), user=novice)
    assert not Contact.objects.visible_to(fresh(novice)).filter(is_key=True).exists()
    make.company(people.manager, is_key=True)
    assert not Company.objects.visible_to(fresh(novice)).exists()


def test_closed_stage_hides_its_deals_and_a_locked_one_keeps_them_as_they_are(people):
    first, second, third = make.pipeline(stages=3).stages.all()
    role = Role.objects.get(name="Manager")
    services.set_stage_rules(
        role=role,
        rules=[StageInput(first.pk, Level.NONE), StageInput(second.pk, Level.VIEW)],
    )
    deals = [make.deal(people.manager, stage=stage) for stage in (first, second, third)]
    assert [sees(people.manager, deal) for deal in deals] == [False, True, True]
    assert [sees(people.manager, deal, "change") for deal in deals] == [False, False, True]
    assert all(sees(people.head, deal, "change") for deal in deals)


def test_another_role_opens_a_closed_stage_as_far_as_it_reaches(people):
    first = make.pipeline(stages=2).stages.first()
    role = Role.objects.get(name="Manager")
    services.set_stage_rules(role=role, rules=[StageInput(first.pk, Level.NONE)])
    wide = Role.objects.create(name="Sees the department")
    RoleGrant.objects.create(role=wide, record_type="deal", action="view", scope=Scope.DEPARTMENT)
    RoleAssignment.objects.create(role=wide, user=people.manager)
    assert sees(people.manager, make.deal(people.colleague, stage=first))


def test_rights_are_read_in_two_queries(people, django_assert_num_queries):
    stand_in(people.head, people.manager)
    person = fresh(people.manager)
    with django_assert_num_queries(2):
        person.grant("deal", "view")
        person.has_right("administer")
        person.fields("deal").sees("amount")
        str(Deal.objects.visible_to(person).query)
        str(Activity.objects.permitted(person, "change").query)
