"""A form that is too old: nothing saved, the typed text shown to copy, a way back."""

import pytest
from django.test import Client

from contacts.models import Company

TEXT = "Просили перезвонить после обеда, обсудить <b>скидку</b>"


@pytest.fixture
def strict(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.manager, backend="accounts.adapter.EmailBackend")
    return client


def test_typed_text_is_shown_and_nothing_is_saved(strict):
    body = {"name": "ООО Старая форма", "comment": TEXT, "csrfmiddlewaretoken": "x" * 64}
    headers = {"referer": "http://testserver/companies/new/"}
    answer = strict.post("/companies/new/", body, headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "Просили перезвонить после обеда" in text
    assert "<b>скидку" not in text
    assert "x" * 64 not in text
    assert 'href="http://testserver/companies/new/"' in text
    assert "no-store" in answer["Cache-Control"]
    assert not Company.objects.exists()


def test_way_back_never_leaves_the_site(strict):
    headers = {"referer": "https://evil.example/companies/new/"}
    answer = strict.post("/companies/new/", {"name": "X"}, headers=headers)
    assert "evil.example" not in answer.content.decode()


def test_passwords_are_never_shown(strict):
    body = {"login": "person@example.com", "password": "very secret phrase"}
    assert "very secret phrase" not in strict.post("/accounts/login/", body).content.decode()
    body = {"name": "N", "password": "very secret phrase"}
    assert "very secret phrase" not in strict.post("/companies/new/", body).content.decode()
