"""Second factor: set up, asked for, used once, obligatory by role, reset by an administrator."""

import base64
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.test import Client

from accounts import services
from accounts.models import Role
from accounts.second_factor import _keys, _opened, _sealed
from records.models import AuditEntry, Deed
from tests.accounts.test_sign_in import (  # noqa: F401 - fixtures
    ask,
    inbox,
    is_in,
    link_of,
    person,
    sign_in,
)
from tests.matrix.bodies import form_body
from tests.people import PASSWORD

FACTOR = "/accounts/second-factor/"
CODE = "/accounts/login/code/"


def code_of(secret, shift=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def set_up(client) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    page = client.get(f"{FACTOR}app/")
    assert page.status_code == 200, page.headers
    secret = page.context["form"].secret
    answer = client.post(f"{FACTOR}app/", {"code": code_of(secret)}, follow=True)
    codes = re.findall(r"<li><code>(\d{8})</code>", answer.content.decode())
    return secret, codes


@pytest.fixture
def protected(person, django_capture_on_commit_callbacks):  # noqa: F811
    """A client of a person with an app, its secret and recovery codes."""
    client = Client()
    sign_in(client, person.email)
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up(client)
    return client, secret, codes


def test_app_is_set_up_and_codes_are_shown_at_once(protected):
    client, _secret, codes = protected
    assert len(codes) == 10
    assert "app is on" in client.get(FACTOR).content.decode() or client.get(FACTOR).context["app"]
    file = client.get(f"{FACTOR}codes/file/")
    assert file["Content-Disposition"].startswith("attachment")
    assert all(code in file.content.decode() for code in codes)


def test_codes_are_not_shown_again(protected):
    client, _secret, codes = protected
    session = client.session
    session["recovery_codes_until"] = 1
    session.save()
    assert codes[0] not in client.get(f"{FACTOR}codes/").content.decode()
    assert client.get(f"{FACTOR}codes/file/").status_code == 302


def test_codes_are_not_shown_in_another_session(protected, person):  # noqa: F811
    _client, secret, codes = protected
    other = Client()
    sign_in(other, person.email)
    other.post(CODE, {"code": code_of(secret, 1)})
    assert codes[0] not in other.get(f"{FACTOR}codes/").content.decode()


def test_password_alone_does_not_sign_in(protected, person):  # noqa: F811
    client = Client()
    assert sign_in(client, person.email)["Location"] == CODE
    assert not is_in(client)
    assert "000000" not in client.get(CODE).content.decode()
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert not is_in(client)


def test_code_of_the_app_signs_in_once(protected, person):  # noqa: F811
    _client, secret, _codes = protected
    first, second = Client(), Client()
    code = code_of(secret, 1)
    for client in (first, second):
        sign_in(client, person.email)
    assert first.post(CODE, {"code": code})["Location"] == "/"
    assert is_in(first)
    cache.clear()
    assert second.post(CODE, {"code": code}).status_code == 200
    assert not is_in(second)


def test_session_changes_its_key_after_the_code(protected, person):  # noqa: F811
    _client, secret, _codes = protected
    client = Client()
    sign_in(client, person.email)
    before = client.cookies["sessionid"].value
    client.post(CODE, {"code": code_of(secret, 1)})
    assert client.cookies["sessionid"].value != before


def test_recovery_code_signs_in_once(protected, person):  # noqa: F811
    codes = protected[2]
    for expected in (True, False):
        client = Client()
        sign_in(client, person.email)
        client.post(CODE, {"code": codes[3]})
        assert is_in(client) is expected


def test_guessing_codes_is_braked_even_with_an_empty_cache(protected, person):  # noqa: F811
    _client, secret, _codes = protected
    client = Client()
    sign_in(client, person.email)
    for _number in range(10):
        client.post(CODE, {"code": "000000"})
        cache.clear()
    answer = client.post(CODE, {"code": code_of(secret, 1)})
    assert "Too many attempts" in answer.content.decode()
    assert not is_in(client)


def test_secret_is_not_readable_in_the_database(protected):
    secret = protected[1]
    row = Authenticator.objects.get(type="totp")
    assert secret not in str(row.data)


def test_secret_survives_a_change_of_the_key_and_of_the_cipher(settings):
    settings.SECRET_KEY = "former"
    sealed = _sealed("seed")
    older = Fernet(base64.urlsafe_b64encode(_keys()[0])).encrypt(b"seed").decode()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present", ["former"]
    assert _opened(sealed) == _opened(older) == "seed"
    assert _sealed("seed") != _sealed("seed")
    settings.SECRET_KEY_FALLBACKS = []
    for text in (sealed, _sealed("seed")[:-4] + "AAA="):
        with pytest.raises(InvalidTag):
            _opened(text)


def test_change_of_the_protection_asks_who_it_is_after_a_while(protected):
    client = protected[0]
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**row, "at": row["at"] - 3600} for row in records]
    session.save()
    for url in (f"{FACTOR}app/remove/", f"{FACTOR}passkeys/add/"):
        assert "/accounts/confirm/" in client.get(url)["Location"]
    assert client.post(f"{FACTOR}app/remove/")["Location"].startswith("/accounts/confirm/")
    assert Authenticator.objects.filter(type="totp").exists()
    client.post("/accounts/confirm/", {"password": "wrong password"})
    assert "/accounts/confirm/" in client.get(f"{FACTOR}app/remove/")["Location"]
    before = client.cookies["sessionid"].value
    client.post("/accounts/confirm/", {"password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    assert client.get(f"{FACTOR}app/remove/").status_code == 200
    client.post(f"{FACTOR}app/remove/")
    assert not Authenticator.objects.exists()


def test_new_password_by_letter_does_not_replace_the_code(protected, person, inbox):  # noqa: F811
    inbox.clear()
    ask(person.email)
    client, new = Client(), "brand new battery staple"
    page = client.get(link_of(inbox[-1]))["Location"]
    client.post(page, {"password1": new, "password2": new})
    assert not is_in(client)
    assert sign_in(client, person.email, new)["Location"] == CODE
    assert not is_in(client)


def test_letter_tells_of_a_new_factor(person, inbox, django_capture_on_commit_callbacks):  # noqa: F811
    client = Client()
    sign_in(client, person.email)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)
    assert "app for codes now protects" in inbox[0].get_content()
    assert inbox[0]["To"] == person.email


# obligatory by role


@pytest.fixture
def required(people, person):  # noqa: F811
    role = Role.objects.get(assignments__user=person)
    services.require_second_factor(role=role, is_required=True)
    return role


def test_nothing_opens_before_the_factor_is_there(required, person, people):  # noqa: F811
    client = Client()
    sign_in(client, person.email)
    for url in ("/", "/deals/", "/accounts/profile/", "/search/?q=a"):
        assert client.get(url)["Location"] == FACTOR
    assert client.post("/leads/new/", {"last_name": "X"})["Location"] == FACTOR
    assert client.get("/deals/", headers={"HX-Request": "true"}).status_code == 403
    assert client.get(FACTOR).status_code == 200
    set_up(client)
    assert is_in(client)


def test_open_session_obeys_at_the_next_request(people, sign_in, person):  # noqa: F811
    client = sign_in(person)
    assert is_in(client)
    role = Role.objects.get(assignments__user=person)
    services.require_second_factor(role=role, is_required=True)
    assert not is_in(client)
    services.require_second_factor(role=role, is_required=False)
    assert is_in(client)


def test_one_may_sign_out_meanwhile(required, person):  # noqa: F811
    client = Client()
    sign_in(client, person.email)
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_role_through_a_department_counts(people, required, person):  # noqa: F811
    services.set_roles_of(user=person, roles=[])
    services.give_role(role=required, department=people.sales)
    client = Client()
    sign_in(client, person.email)
    assert client.get("/")["Location"] == FACTOR


def test_others_are_not_asked(required, people, sign_in):
    assert is_in(sign_in(people.admin))


def test_last_obligatory_factor_is_not_removed(required, person):  # noqa: F811
    client = Client()
    sign_in(client, person.email)
    set_up(client)
    answer = client.post(f"{FACTOR}app/remove/")
    assert "requires a second factor" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_administrator_ticks_it_on_the_page_of_a_role(people, sign_in):
    role = Role.objects.create(name="Cashier")
    client = sign_in(people.admin)
    url = f"/settings/roles/{role.pk}/"
    form = client.get(url).context["form"]
    body = form_body(form) | {"requires_second_factor": "on"}
    assert client.post(url, body).status_code == 302
    role.refresh_from_db()
    assert role.requires_second_factor


# taken away


def test_administrator_resets_a_lost_factor(protected, person, people, sign_in, inbox):  # noqa: F811
    admin = sign_in(people.admin)
    answer = admin.post(f"/settings/people/{person.pk}/second-factor/reset/")
    assert answer.status_code == 302
    assert not Authenticator.objects.filter(user=person).exists()
    assert not is_in(protected[0])
    assert "administrator removed the second factor" in inbox[-1].get_content()
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert is_in(client)


def test_reset_is_in_the_audit_log(protected, person, people, sign_in):  # noqa: F811
    from records.models import AuditEntry

    sign_in(people.admin).post(f"/settings/people/{person.pk}/second-factor/reset/")
    entry = AuditEntry.objects.filter(door="accounts:person_factor_reset").get()
    assert (entry.user_id, entry.record_id) == (people.admin.pk, person.pk)


def test_command_resets_a_lost_factor(protected, person):  # noqa: F811
    from django.core.management import CommandError, call_command

    call_command("resetfactor", person.email.upper())
    assert not Authenticator.objects.filter(user=person).exists()
    with pytest.raises(CommandError):
        call_command("resetfactor", "nobody@example.com")


def test_nobody_else_may_reset(protected, person, people, sign_in):  # noqa: F811
    answer = sign_in(people.head).post(f"/settings/people/{person.pk}/second-factor/reset/")
    assert answer.status_code == 403
    assert Authenticator.objects.filter(user=person).exists()


def test_foreign_passkey_is_not_found(people, sign_in):
    key = Authenticator.objects.create(user=people.head, type="webauthn", data={"name": "x"})
    client = sign_in(people.manager)
    assert client.post(f"{FACTOR}passkeys/{key.pk}/remove/").status_code == 404


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '{"id": 1}', "x" * 2000, '{"response": {}}']
)
def test_rubbish_instead_of_a_passkey_is_refused(db, credential):
    answer = Client().post("/accounts/passkey/", {"credential": credential})
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/"


def test_log_tells_by_what_somebody_came_in_or_did_not(protected, person):  # noqa: F811
    _client, secret, codes = protected
    client = Client()
    sign_in(client, person.email, "wrong")
    sign_in(client, person.email)
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": codes[0]})
    for _number in range(8):
        sign_in(Client(), person.email, "wrong")
    rows = AuditEntry.objects.filter(user=person).order_by("id").values_list("deed", "details")
    told = [
        (deed, details)
        for deed, details in rows
        if deed in (Deed.SIGN_IN, Deed.SIGN_IN_FAILED, Deed.FACTOR)
    ]
    assert told[:6] == [
        (Deed.SIGN_IN, {"by": ["password"]}),
        (Deed.FACTOR, {"by": ["totp"]}),
        (Deed.FACTOR, {"by": ["recovery_codes"]}),
        (Deed.SIGN_IN_FAILED, {"by": ["password"]}),
        (Deed.SIGN_IN_FAILED, {"by": ["totp"]}),
        (Deed.SIGN_IN, {"by": ["password", "recovery_codes"]}),
    ]
    assert told[-1] == (Deed.SIGN_IN_FAILED, {"braked": True})
    assert secret not in str(told)
