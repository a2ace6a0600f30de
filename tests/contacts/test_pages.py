"""Lists, cards and forms of clients; duplicates; constant query counts."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Company, Contact
from contacts.services import set_emails, set_phones
from tests import factories as make


def new(**fields):
    return {"form_key": str(uuid.uuid4()), "first_name": "Олег", **fields}


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["contact_list", "company_list"])
def test_list_costs_the_same_with_few_and_many_rows(people, sign_in, name):
    client, url = sign_in(people.manager), reverse(f"contacts:{name}")
    maker = make.contact if name == "contact_list" else make.company
    for _ in range(3):
        set_phones(maker(people.manager), ["+79123456789"])
    few = queries_of(client, url)
    for _ in range(45):
        set_phones(maker(people.manager), ["+79123456789"])
    assert queries_of(client, url) == few <= 12


def test_card_of_a_colleagues_client_is_not_found(people, sign_in):
    contact, company = make.contact(people.colleague), make.company(people.colleague)
    client = sign_in(people.manager)
    assert client.get(contact.get_absolute_url()).status_code == 404
    assert client.get(company.get_absolute_url()).status_code == 404


def test_contact_is_made_once_with_its_phones(people, sign_in):
    client, url = sign_in(people.manager), reverse("contacts:contact_create")
    body = new(phones="8 (912) 345-67-89\n067 123-45-67", emails="A@Example.com")
    first, second = client.post(url, body), client.post(url, body)
    contact = Contact.objects.get()
    assert first.url == second.url == contact.get_absolute_url()
    assert [p.e164 for p in contact.phones.all()] == ["+79123456789", "+380671234567"]
    assert [e.address for e in contact.emails.all()] == ["a@example.com"]
    assert contact.owner == people.manager
    assert client.get(first.url).status_code == 200


def test_known_phone_warns_and_hides_what_may_not_be_seen(people, sign_in):
    foreign = make.contact(people.outsider, last_name="Секретный")
    set_phones(foreign, ["+79123456789"])
    client, url = sign_in(people.manager), reverse("contacts:contact_create")
    answer = client.post(url, new(phones="89123456789"))
    assert answer.status_code == 422
    assert "Секретный" not in answer.text
    assert "Another manager has a record" in answer.text
    assert Contact.objects.count() == 1
    assert client.post(url, new(phones="89123456789", confirmed="1")).status_code == 302


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("phones", "call me"),
        ("phones", "1"),
        ("emails", "a@"),
        ("emails", "a@b@c.d"),
        ("first_name", "\x00"),
        ("first_name", ""),
        ("first_name", "Я" * 121),
        ("birthday", "31.02.2020"),
        ("birthday", "1800-01-01"),
        ("birthday", "2999-01-01"),
        ("company", "999999"),
        ("company", "9" * 40),
        ("company", "abc"),
        ("owner", "-1"),
        ("sex", "robot"),
    ],
)
def test_bad_input_is_an_error_at_the_field_and_nothing_is_stored(people, sign_in, field, text):
    answer = sign_in(people.manager).post(reverse("contacts:contact_create"), new(**{field: text}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Contact.objects.exists()


def test_foreign_company_cannot_be_chosen(people, sign_in):
    foreign = make.company(people.outsider)
    answer = sign_in(people.manager).post(
        reverse("contacts:contact_create"), new(company=foreign.pk)
    )
    assert answer.status_code == 422


def test_stale_edit_shows_both_values_and_loses_nothing(people, sign_in):
    company = make.company(people.manager, name="Старое")
    client, url = sign_in(people.manager), reverse("contacts:company_edit", args=[company.pk])
    body = {"version": "1", "name": "Моё", "kind": "client"}
    Company.objects.filter(pk=company.pk).update(name="Чужое", version=2)
    answer = client.post(url, body)
    assert answer.status_code == 409
    assert "Чужое" in answer.text
    assert "Моё" in answer.text
    company.refresh_from_db()
    assert company.name == "Чужое"
    assert client.post(url, {**body, "version": "2"}).status_code == 302


def test_phones_that_stay_keep_their_row(people):
    contact = make.contact(people.manager)
    set_phones(contact, ["+79123456789", "+380671234567"])
    kept = contact.phones.get(e164="+380671234567").pk
    set_phones(contact, ["0671234567"])
    set_emails(contact, ["B@x.ua", "b@x.ua"])
    assert [phone.pk for phone in contact.phones.all()] == [kept]
    assert contact.emails.count() == 1
