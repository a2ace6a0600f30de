"""Signing in and out, throttling, the letter with the link, sessions that die."""

import re
import socket
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import int_to_base36

from accounts import services
from tests.people import PASSWORD, make_user

LOGIN = "/accounts/login/"
OPEN_REDIRECTS = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "http:///evil.example",
]


@pytest.fixture
def person(people):
    people.manager.set_password(PASSWORD)
    people.manager.save(update_fields=["password"])
    return people.manager


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password, **extra})


def is_in(client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def test_person_signs_in_by_address_in_any_case_and_out_by_post(person):
    client = Client()
    assert sign_in(client, " Manager@Example.com ").status_code == 302
    assert is_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_every_other_page_leads_to_sign_in(db):
    response = Client().get("/settings/people/")
    assert response.status_code == 302
    assert response["Location"].startswith(LOGIN)


@pytest.mark.parametrize(
    "url",
    [
        LOGIN,
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/password/reset/key/1-abc/",
    ],
)
def test_public_page_opens_for_anybody(db, url):
    assert Client().get(url).status_code == 200


def test_there_is_no_sign_up(db):
    assert Client().get("/accounts/signup/").status_code == 404


def test_unknown_deactivated_and_wrong_password_get_the_same_answer(person, people):
    people.colleague.set_password(PASSWORD)
    people.colleague.is_active = False
    people.colleague.save()
    bodies = []
    for email, password in (
        ("nobody@example.com", PASSWORD),
        (people.colleague.email, PASSWORD),
        (person.email, "wrong password"),
    ):
        response = sign_in(Client(), email, password)
        assert response.status_code == 200
        text = re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())
        bodies.append(text)
    assert bodies[0] == bodies[1] == bodies[2]


def test_session_changes_its_key_at_sign_in(person):
    client = Client()
    client.cookies["sessionid"] = "preset0000000000000000000000000"
    sign_in(client, person.email)
    assert client.cookies["sessionid"].value != "preset0000000000000000000000000"


def test_five_wrong_passwords_close_the_account_for_a_while(person):
    client = Client()
    for _attempt in range(5):
        sign_in(client, person.email, "wrong password")
    response = sign_in(client, person.email)
    assert response.status_code in (200, 429)
    assert not is_in(client)


def test_forwarded_header_does_not_reset_the_throttle(person):
    client = Client()
    for attempt in range(6):
        client.post(
            LOGIN,
            {"login": person.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"10.0.0.{attempt}"},
        )
    sign_in(client, person.email)
    assert not is_in(client)


def test_many_tries_from_one_address_are_refused(db):
    client = Client()
    codes = [sign_in(client, f"p{n}@example.com", "x").status_code for n in range(62)]
    assert codes[-1] == 429
    assert b"Too many" in Client(headers={"accept-language": "en"}).post(LOGIN).content


def test_huge_password_is_refused_before_it_is_hashed(person):
    response = sign_in(Client(), person.email, "x" * 100_000)
    assert response.status_code == 200
    assert "password" in response.context["form"].errors


@pytest.mark.parametrize("email", ["a\x00b@example.com", "' or 1=1 --", "x" * 100_000, "a@b"])
def test_strange_address_is_an_error_of_the_form(db, email):
    assert sign_in(Client(), email).status_code == 200


@pytest.mark.parametrize("target", OPEN_REDIRECTS)
def test_next_never_leaves_the_site(person, target):
    response = sign_in(Client(), person.email, next=target)
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_next_inside_the_site_is_followed(person):
    assert sign_in(Client(), person.email, next="/settings/")["Location"] == "/settings/"


def test_session_of_a_deactivated_person_dies_on_the_next_request(person):
    client = Client()
    sign_in(client, person.email)
    assert is_in(client)
    services.deactivate_person(person=person)
    assert not is_in(client)
    assert not is_in(client)
    services.activate_person(person=person)


def test_new_password_ends_the_other_sessions(person):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, person.email)
    new = "another battery staple"
    response = here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert response.status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_weak_password_is_refused_at_the_field(person):
    client = Client()
    sign_in(client, person.email)
    response = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "12345", "password2": "12345"},
    )
    assert response.status_code == 200
    assert response.context["form"].errors["password1"]


# the letter


class Inbox:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def inbox(settings):
    box = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    configure_mail(settings, port)
    yield box.letters
    controller.stop()


def configure_mail(settings, port):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port},
        }
    }


def link_of(letter) -> str:
    return re.search(r"https?://[^/\s]+(/accounts/\S+)", letter.get_content()).group(1)


def ask(email, **headers):
    return Client(headers=headers).post("/accounts/password/reset/", {"email": email})


def test_letter_in_the_readers_language_sets_a_new_password_once(person, inbox, settings):
    settings.BASE_URL = "https://crm.example.com"
    assert ask(person.email)["Location"] == "/accounts/password/reset/done/"
    letter = inbox[0]
    assert letter["To"] == person.email
    assert "https://crm.example.com/accounts/" in letter.get_content()
    client, new = Client(), "brand new battery staple"
    form_page = client.get(link_of(letter))
    assert form_page.status_code == 302
    answer = client.post(form_page["Location"], {"password1": new, "password2": new})
    assert answer["Location"] == "/accounts/password/reset/key/done/"
    assert sign_in(client, person.email, new).status_code == 302
    assert is_in(client)
    again = Client().get(link_of(letter))
    assert again.status_code == 200
    assert again.context["token_fail"]


def test_letter_speaks_the_language_of_the_reader(person, inbox, monkeypatch):
    from django.utils import translation

    languages = []
    from accounts.adapter import DefaultAccountAdapter

    original = DefaultAccountAdapter.send_password_reset_mail

    def spy(self, *args, **kwargs):
        languages.append(translation.get_language())
        return original(self, *args, **kwargs)

    monkeypatch.setattr(DefaultAccountAdapter, "send_password_reset_mail", spy)
    person.language = "uk"
    person.save(update_fields=["language"])
    ask(person.email, **{"accept-language": "en"})
    assert languages == ["uk"]


def test_unknown_and_deactivated_address_get_the_same_page_and_no_letter(people, person, inbox):
    services.deactivate_person(person=people.colleague)
    known = ask(person.email)
    for email in ("nobody@example.com", people.colleague.email):
        answer = ask(email)
        assert (answer.status_code, answer["Location"]) == (known.status_code, known["Location"])
    assert len(inbox) == 1


@pytest.mark.parametrize("change", ["deactivated", "address"])
def test_link_dies_with_the_account_or_its_address(people, person, inbox, change):
    ask(person.email)
    if change == "deactivated":
        services.deactivate_person(person=person)
    else:
        services.update_person(person=person, email="moved@example.com")
    assert Client().get(link_of(inbox[0])).context["token_fail"]


def test_look_at_a_link_writes_nothing(person, client):
    with CaptureQueriesContext(connection) as queries:
        uid = int_to_base36(person.pk)
        client.get(f"/accounts/password/reset/key/{uid}-ab-cd/")
    assert [row["sql"] for row in queries if row["sql"].startswith(("INSERT", "UPDATE"))] == []


def test_forged_host_is_refused(person, inbox):
    response = Client(headers={"host": "evil.example"}).post(
        "/accounts/password/reset/", {"email": person.email}
    )
    assert response.status_code == 400
    assert not inbox


def test_letters_are_throttled(person, inbox):
    codes = [ask(person.email).status_code for _ in range(7)]
    assert codes[-1] == 429
    assert len(inbox) == 5


def test_person_without_password_sets_the_first_one_by_the_letter(db, inbox):
    services.create_person(email="new@example.com", language="ru")
    ask("new@example.com")
    assert len(inbox) == 1
    assert "/accounts/password/reset/key/" in inbox[0].get_content()


def test_anonymous_person_chooses_the_language(db):
    client = Client()
    response = client.post(reverse("accounts:language"), {"language": "uk", "next": LOGIN})
    assert response["Location"] == LOGIN
    assert client.get(LOGIN)["Content-Language"] == "uk"
    for target in OPEN_REDIRECTS:
        answer = client.post(reverse("accounts:language"), {"language": "xx", "next": target})
        assert answer["Location"] == "/"


def test_invalid_stored_time_zone_does_not_break_the_page(people, sign_in):
    user = make_user("zoned")
    type(user).objects.filter(pk=user.pk).update(time_zone="'; drop")
    assert sign_in(user).get("/accounts/profile/").status_code == 200
