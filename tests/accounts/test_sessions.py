"""Sessions: listed, ended, obeying at once what was changed about the person."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts import services
from accounts.models import Role
from tests.accounts.test_sign_in import is_in, person, sign_in  # noqa: F401 - a fixture
from tests.people import PASSWORD

PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def two(person):  # noqa: F811
    """Two browsers of one person."""
    here, there = Client(), Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.9")
    for client in (here, there):
        sign_in(client, person.email)
    return here, there


def test_page_names_device_and_address(two):
    text = two[0].get(PAGE).content.decode()
    assert "Firefox 140" in text
    assert "203.0.113.9" in text
    assert len(two[0].get(PAGE).context["lines"]) == 2


def test_one_session_is_ended(two):
    here, there = two
    line = next(line for line in here.get(PAGE).context["lines"] if not line["is_current"])
    here.post(f"{PAGE}{line['row'].pk}/end/")
    assert not is_in(there)
    assert is_in(here)
    assert len(here.get(PAGE).context["lines"]) == 1


def test_session_brought_back_by_the_cache_ends_again(two):
    here, there = two
    store = there.session
    data, key = dict(store.items()), store.session_key
    line = next(line for line in here.get(PAGE).context["lines"] if not line["is_current"])
    here.post(f"{PAGE}{line['row'].pk}/end/")
    store._cache.set(store.cache_key_prefix + key, {**data, "seen_at": 1})
    assert not is_in(there)


def test_the_present_one_is_not_ended_from_the_list(two):
    here = two[0]
    line = next(line for line in here.get(PAGE).context["lines"] if line["is_current"])
    here.post(f"{PAGE}{line['row'].pk}/end/")
    assert is_in(here)


def test_all_others_are_ended(two, person):  # noqa: F811
    here, there = two
    unlisted = Client()
    unlisted.force_login(person, backend="accounts.adapter.EmailBackend")
    here.post(f"{PAGE}end-others/")
    assert is_in(here)
    assert not is_in(there)
    assert not is_in(unlisted)
    assert len(here.get(PAGE).context["lines"]) == 1
    here.post(f"{PAGE}end-others/")
    assert is_in(here)


def test_who_signed_in_long_ago_confirms_before_ending_others(two):
    here, there = two
    session = here.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    line = next(line for line in here.get(PAGE).context["lines"] if not line["is_current"])
    for url in (f"{PAGE}{line['row'].pk}/end/", f"{PAGE}end-others/"):
        assert here.post(url)["Location"].startswith("/accounts/confirm/")
        assert is_in(there)
    here.post(f"/accounts/confirm/?next={PAGE}", {"password": PASSWORD}, follow=True)
    here.post(f"{PAGE}end-others/")
    assert not is_in(there)
    assert is_in(here)


def test_nobody_ends_a_foreign_session(two, people, sign_in):
    stranger = sign_in(people.head)
    row = UserSession.objects.first()
    assert stranger.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert is_in(two[0])


def test_administrator_ends_all_sessions_of_a_person(two, people, person, sign_in):  # noqa: F811
    url = f"/settings/people/{person.pk}/sessions/end/"
    assert sign_in(people.head).post(url).status_code == 403
    assert is_in(two[0])
    assert sign_in(people.admin).post(url).status_code == 302
    assert not is_in(two[0])
    assert not is_in(two[1])


def test_administrator_stays_when_it_is_the_own_page(people, sign_in):
    admin = sign_in(people.admin)
    admin.post(f"/settings/people/{people.admin.pk}/sessions/end/")
    assert is_in(admin)


def test_deactivation_ends_sessions_for_good(two, person):  # noqa: F811
    services.deactivate_person(person=person)
    assert not is_in(two[0])
    services.activate_person(person=person)
    assert not is_in(two[0])
    assert not is_in(two[1])


def test_deactivated_person_cannot_activate_himself(people, sign_in):
    client = sign_in(people.manager)
    services.deactivate_person(person=people.manager)
    answer = client.post(f"/settings/people/{people.manager.pk}/activate/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    people.manager.refresh_from_db()
    assert not people.manager.is_active


def test_lost_role_counts_at_the_next_request(people, sign_in):
    client = sign_in(people.head)
    assert client.get("/reports/").status_code == 200
    services.take_role(role=Role.objects.get(assignments__user=people.head), user=people.head)
    assert client.get("/reports/").status_code == 403


def test_sessions_outlive_an_empty_cache(two):
    cache.clear()
    assert is_in(two[0])


def test_when_and_where_is_noted_every_few_minutes(two):
    here = two[0]
    row = UserSession.objects.get(session_key=here.session.session_key)
    before = row.last_seen_at
    here.get(PAGE)
    row.refresh_from_db()
    assert row.last_seen_at == before
    session = here.session
    session["seen_at"] -= 301
    session.save()
    here.get(PAGE, REMOTE_ADDR="198.51.100.20")
    row.refresh_from_db()
    assert row.last_seen_at > before
    assert row.ip == "198.51.100.20"


def test_session_has_a_longest_age(two, settings):
    here = two[0]
    session = here.session
    session["seen_at"] -= 301
    session["signed_in_at"] -= settings.SESSION_LONGEST + 1
    session.save()
    assert not is_in(here)
    assert is_in(two[1])


def test_sign_out_in_another_tab_refuses_the_form_of_this_one(people, sign_in):
    from contacts.models import Company

    client = sign_in(people.manager)
    client.post("/accounts/logout/")
    answer = client.post("/companies/new/", {"name": "Lost"})
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert not Company.objects.exists()
