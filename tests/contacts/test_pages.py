"""Lists, cards and forms of clients; duplicates; constant query counts."""

import threading
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.duplicates import same_contacts
from contacts.models import Company, Contact
from contacts.services import set_emails, set_phones
from tests import factories as make
from tests.people import make_department, make_role, make_user


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
        ("emails", "a" * 260 + "@example.com"),
        ("emails", "Иван <a@b.ru>"),
        ("phones", "+79123456789 и 112"),
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


def test_two_spellings_of_one_number_are_one_phone(people):
    contact = make.contact(people.manager)
    set_phones(contact, ["8 912 345-67-89", "+7 912 345 67 89", "912 345 67 89 доб. 5", "нет"])
    assert [(phone.e164, phone.extension) for phone in contact.phones.all()] == [
        ("+79123456789", ""),
        ("+79123456789", "5"),
    ]


def test_many_visible_matches_are_not_called_hidden(people):
    for _ in range(7):
        set_phones(make.contact(people.manager), ["+79123456789"])
    found = same_contacts(people.manager, ["8 912 345 67 89"], [])
    assert (len(found.visible), found.has_hidden) == (5, False)
    set_phones(make.contact(people.outsider), ["+79123456789"])
    assert same_contacts(people.manager, ["8 912 345 67 89"], []).has_hidden


def test_list_does_not_name_a_company_that_may_not_be_seen(people, sign_in):
    contact = make.contact(people.manager)
    contact.employments.create(company=make.company(people.outsider, name="SECRET"))
    contact.employments.create(company=make.company(people.manager, name="Открытая"))
    page = sign_in(people.manager).get(reverse("contacts:contact_list")).text
    assert "SECRET" not in page
    assert "Открытая" in page


def test_messengers_are_offered_for_numbers_understood(people, sign_in):
    contact = make.contact(people.manager)
    set_phones(contact, ["8 912 345-67-89", "12345"])
    page = sign_in(people.manager).get(contact.get_absolute_url()).text
    for address in ("https://wa.me/79123456789", "https://t.me/+79123456789"):
        assert page.count(address) == 1
    assert page.count("viber://chat?number=%2B79123456789") == 1
    assert page.count("wa.me") == 1


@pytest.mark.parametrize(
    "name",
    ["ромашка", "Ромашка, ООО", 'ООО "РОМАШКА"', "ТОВ Ромашка", "Ромашка"],
)
def test_company_is_known_without_its_legal_form(people, name):
    known = make.company(people.manager, name="ООО «Ромашка»", tax_id="7707083893")
    make.company(people.manager, name="ООО «Ромашка Плюс»")
    make.company(people.manager, name="Белая ромашка")
    assert list(Company.objects.same_as(name, "")) == [known]


@pytest.mark.parametrize("name", ["", "ООО", "«»", "(a+)+$", "%", "a\\", "[", "x" * 200])
def test_odd_company_names_are_compared_without_failing(people, name):
    made = make.company(people.manager, name=name or "-")
    assert made not in Company.objects.same_as("ООО Ромашка", "")
    assert Company.objects.same_as(name, "").count() <= 1


@pytest.mark.django_db(transaction=True)
def test_one_number_entered_by_two_people_at_once_makes_one_contact(sign_in):
    department, role = make_department("Sales"), make_role("Head", 4)
    users = [make_user(f"u{n}", department, role) for n in range(4)]
    clients = [sign_in(user) for user in users]
    texts = ["8 912 345-67-89", "+79123456789", "(912) 345 67 89", "9123456789"]
    answers = []

    def post(client, text):
        answer = client.post(reverse("contacts:contact_create"), new(phones=text))
        answers.append(answer.status_code)
        connection.close()

    pairs = zip(clients, texts, strict=True)
    threads = [threading.Thread(target=post, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 422, 422, 422]
    assert Contact.objects.count() == 1


def test_place_of_work_is_left_on_edit_but_not_an_unseen_one(people, sign_in):
    contact = make.contact(people.manager)
    mine, foreign = make.company(people.manager), make.company(people.outsider)
    for company in (mine, foreign):
        contact.employments.create(company=company)
    client, url = sign_in(people.manager), reverse("contacts:contact_edit", args=[contact.pk])
    body = {"version": 1, "first_name": "Назар"}
    assert client.post(url, {**body, "left": [foreign.pk]}).status_code == 422
    assert client.post(url, {**body, "left": [mine.pk]}).status_code == 302
    assert list(contact.companies.all()) == [foreign]


def test_site_of_a_company_is_a_safe_link(people, sign_in):
    client = sign_in(people.manager)
    company = make.company(people.manager, website="example.com")
    assert 'href="https://example.com"' in client.get(company.get_absolute_url()).text
    bad = {"form_key": str(uuid.uuid4()), "name": "X", "kind": "client"}
    for site in ("javascript:alert(1)", "javascript://x%0aalert(1)", "data:text/html,x"):
        answer = client.post(reverse("contacts:company_create"), {**bad, "website": site})
        assert "website" in answer.context["form"].errors, site
