"""View as another person: read-only, only for administrators with the right, in the log."""

import pytest
from django.urls import reverse

from accounts.models import RoleGrant
from activities.models import Activity
from records.models import AuditEntry, Deed
from tests import factories as make

END = reverse("accounts:view_as_end")


def start(client, person):
    return client.post(reverse("accounts:view_as", args=[person.pk]))


@pytest.fixture
def viewing(people, sign_in):
    """The administrator looks as the manager."""
    client = sign_in(people.admin)
    assert start(client, people.manager).status_code == 302
    return client


def test_pages_are_those_of_the_other_person_with_a_banner(people, viewing):
    mine, foreign = make.deal(people.manager), make.deal(people.outsider)
    assert viewing.get(mine.get_absolute_url()).status_code == 200
    assert viewing.get(foreign.get_absolute_url()).status_code == 404
    assert b"You see the system as" in viewing.get(reverse("home")).content
    assert viewing.get(reverse("accounts:people")).status_code == 403


def test_every_unsafe_method_is_refused_and_nothing_is_written(people, viewing):
    deal = make.deal(people.manager)
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(viewing, method)(reverse("deals:win", args=[deal.pk]))
        assert answer.status_code == 403
    deal.refresh_from_db()
    assert deal.is_open
    assert not Activity.objects.exists()
    refused = AuditEntry.objects.filter(deed=Deed.REFUSED, user=people.admin.pk)
    assert set(refused.values_list("acting_as", flat=True)) == {people.manager.pk}


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_view_recovery_codes", "accounts:sessions", "account_change_password"]
)
def test_secrets_of_the_other_person_stay_closed(people, viewing, name):
    assert viewing.get(reverse(name)).status_code == 403


def test_log_names_both_people(people, viewing):
    deal = make.deal(people.manager)
    viewing.get(deal.get_absolute_url())
    entry = AuditEntry.objects.filter(deed=Deed.VIEW, record_id=deal.pk).get()
    assert (entry.user_id, entry.acting_as_id) == (people.admin.pk, people.manager.pk)
    assert AuditEntry.objects.filter(deed=Deed.VIEW_AS, user=people.admin.pk).exists()


def test_button_ends_it(people, viewing):
    assert viewing.post(END).status_code == 302
    assert b"You see the system as" not in viewing.get(reverse("home")).content
    assert viewing.get(reverse("accounts:people")).status_code == 200


def test_loss_of_the_right_ends_it_at_once(people, viewing):
    RoleGrant.objects.filter(action="view_as").delete()
    assert b"You see the system as" not in viewing.get(reverse("home")).content


def test_deactivated_person_is_not_looked_through(people, viewing):
    type(people.manager).objects.filter(pk=people.manager.pk).update(is_active=False)
    assert b"You see the system as" not in viewing.get(reverse("home")).content


@pytest.mark.parametrize("who", ["manager", "head", "analyst"])
def test_others_may_not(people, sign_in, who):
    assert start(sign_in(getattr(people, who)), people.colleague).status_code == 403


def test_right_alone_without_administering_is_not_enough(people, sign_in):
    role = people.head.roles_given.get().role
    RoleGrant.objects.create(role=role, record_type="system", action="view_as", scope=4)
    assert start(sign_in(people.head), people.admin).status_code == 403


def test_oneself_is_not_another_person(people, sign_in):
    assert start(sign_in(people.admin), people.admin).status_code == 403
