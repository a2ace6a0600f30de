"""Leads are given out evenly, once, with a reason; four workers at a time."""

import threading
from decimal import Decimal

import pytest
from django.db import close_old_connections
from django.utils import timezone

from accounts.models import Notification
from leads.distribution import Candidate, RuleView, choose, first_fitting
from leads.models import Decision, Lead, PoolMember, Rule, RuleState
from leads.services import distribute_lead, save_lead
from leads.tasks import sweep_unassigned
from records.models import Heartbeat
from tests import factories as make
from tests.people import make_department, make_role, make_user


def rule_for(*users, **fields):
    rule = Rule.objects.create(name=fields.pop("name", "All"), **fields)
    PoolMember.objects.bulk_create([PoolMember(rule=rule, user=user) for user in users])
    return rule


def set_active(user, active):
    user.is_active = active
    user.save(update_fields=["is_active"])


def give(count, **fields):
    leads = [make.lead(None, **fields) for _ in range(count)]
    return [distribute_lead(lead_id=lead.pk, now=timezone.now()) for lead in leads]


def test_band_includes_its_lower_and_excludes_its_upper_bound():
    small = RuleView(1, "small", None, Decimal(100))
    large = RuleView(2, "large", Decimal(100), None)
    assert first_fitting([small, large], Decimal("99.99"), None) == small
    assert first_fitting([small, large], Decimal(100), None) == large
    assert first_fitting([small, large], None, None) == small
    assert first_fitting([large], None, None) is None


def test_fewest_wins_and_everyone_is_explained():
    choice = choose([Candidate(1, 3), Candidate(2, 2), Candidate(3, 0, is_active=False)])
    assert choice.user_id == 2
    assert [line["result"] for line in choice.explanation] == ["has_more", "given", "inactive"]


def test_nobody_active_means_nobody():
    assert choose([Candidate(1, 0, is_active=False)]).user_id is None


def test_even_rotation_differs_by_one_at_most(people):
    rule_for(people.manager, people.colleague, people.below)
    give(10)
    counts = [
        Lead.objects.filter(owner=user).count()
        for user in (people.manager, people.colleague, people.below)
    ]
    assert sorted(counts) == [3, 3, 4]


def test_absence_builds_no_debt(people):
    rule_for(people.manager, people.colleague)
    set_active(people.colleague, False)
    give(6)
    set_active(people.colleague, True)
    give(4)
    assert Lead.objects.filter(owner=people.colleague).count() == 2


def test_who_left_the_pool_and_came_back_is_owed_nothing(people):
    rule = rule_for(people.manager, people.colleague)
    give(2)
    rule.pool.filter(user=people.colleague).delete()
    give(6)
    PoolMember.objects.create(rule=rule, user=people.colleague)
    give(4)
    assert Lead.objects.filter(owner=people.colleague).count() == 3


def test_who_comes_back_with_more_does_not_wait_for_the_others(people):
    rule = rule_for(people.manager)
    give(20)
    set_active(people.manager, False)
    PoolMember.objects.create(rule=rule, user=people.colleague)
    give(1)
    set_active(people.manager, True)
    give(4)
    assert Lead.objects.filter(owner=people.manager).count() == 22


def test_department_pool_takes_its_active_people(people):
    rule_for(department=people.regions)
    assert give(1)[0].user == people.below


def test_first_rule_in_order_wins_and_its_name_is_kept(people):
    rule_for(people.colleague, name="Large", amount_from=1000, position=1)
    rule_for(people.manager, name="Rest", position=2)
    assert give(1, amount=5000)[0].rule_name == "Large"
    decision = give(1, amount=5)[0]
    assert (decision.rule_name, decision.user) == ("Rest", people.manager)


def test_without_a_rule_the_lead_waits_with_one_explanation(people):
    lead = make.lead(None)
    for _ in range(3):
        distribute_lead(lead_id=lead.pk, now=timezone.now())
    lead.refresh_from_db()
    assert lead.owner is None
    assert Decision.objects.filter(lead=lead).count() == 1
    rule_for(people.manager)
    distribute_lead(lead_id=lead.pk, now=timezone.now())
    lead.refresh_from_db()
    assert lead.owner == people.manager


def test_owned_lead_is_left_alone(people):
    rule_for(people.manager)
    lead = make.lead(people.colleague)
    assert distribute_lead(lead_id=lead.pk, now=timezone.now()) is None


def test_sweep_repairs_what_a_lost_message_left(people):
    rule_for(people.manager)
    lead = make.lead(None)
    assert sweep_unassigned() == 1
    lead.refresh_from_db()
    assert lead.owner == people.manager
    assert sweep_unassigned() == 0


def test_leads_that_cannot_be_given_do_not_hold_up_the_others(people, monkeypatch):
    monkeypatch.setattr("leads.tasks.BATCH", 5)
    set_active(people.colleague, False)
    rule_for(people.colleague, amount_from=10, amount_to=100, position=1)
    rule_for(people.manager, amount_from=50, position=2)
    for amount in (None, 5, 20, 60, 99, 20, 60):
        make.lead(None, amount=amount)
    large = make.lead(None, amount=5000, created_at=timezone.now())
    assert [sweep_unassigned() for _ in range(3)] == [5, 3, 0]
    large.refresh_from_db()
    assert large.owner == people.manager
    assert Lead.objects.unassigned().count() == 7
    assert Decision.objects.count() == 8
    set_active(people.colleague, True)
    assert sweep_unassigned() == 5
    assert Lead.objects.filter(owner=people.colleague).count() == 5


def test_one_broken_lead_does_not_stop_the_sweep(people, monkeypatch):
    rule_for(people.manager)
    broken, whole = make.lead(None), make.lead(None)

    def decide(*, lead_id, now):
        if lead_id == broken.pk:
            raise ValueError(lead_id)
        return distribute_lead(lead_id=lead_id, now=now)

    monkeypatch.setattr("leads.tasks.distribute_lead", decide)
    sweep_unassigned()
    whole.refresh_from_db()
    assert whole.owner == people.manager
    assert Heartbeat.objects.filter(name="distribution").exists()


def test_the_query_and_the_decision_agree_on_every_band(people):
    source = make.source()
    rule = rule_for(
        people.manager, amount_from=Decimal("10"), amount_to=Decimal("20"), source=source
    )
    view = RuleView(rule.pk, "", rule.amount_from, rule.amount_to, source.pk)
    for amount in (None, "0", "9.99", "10", "19.99", "20"):
        for of in (source, None):
            lead = make.lead(None, amount=amount, source=of)
            Decision.objects.create(lead=lead, at=timezone.now())
            lead.refresh_from_db()
            found = Lead.objects.worth_deciding([(rule, True)]).filter(pk=lead.pk).exists()
            assert found == view.fits(lead.amount, lead.source_id)


def test_a_colleague_is_told_of_a_lead_made_for_him(people, django_capture_on_commit_callbacks):
    for owner in (people.manager, people.head):
        with django_capture_on_commit_callbacks(execute=True):
            save_lead(
                lead=Lead(last_name="Л", owner=owner),
                by=people.head,
                now=timezone.now(),
                phones=[],
                emails=[],
            )
    assert [note.user for note in Notification.objects.all()] == [people.manager]


@pytest.mark.django_db(transaction=True)
def test_four_workers_give_a_thousand_leads_once_and_evenly():
    department = make_department("Sales")
    role = make_role("Manager", 1)
    users = [make_user(f"m{n}", department, role) for n in range(7)]
    rule = rule_for(*users)
    Lead.objects.bulk_create(
        [Lead(last_name=str(n), created_at=timezone.now()) for n in range(1000)]
    )
    keys = list(Lead.objects.values_list("pk", flat=True))

    def worker() -> None:
        for key in keys:
            distribute_lead(lead_id=key, now=timezone.now())
        close_old_connections()
        from django.db import connection

        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [Lead.objects.filter(owner=user).count() for user in users]
    assert sum(given) == 1000
    assert max(given) - min(given) <= 1
    assert Decision.objects.count() == 1000
    assert sorted(RuleState.objects.filter(rule=rule).values_list("given", flat=True)) == sorted(
        given
    )
