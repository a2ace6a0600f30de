"""Lists, cards and forms of leads and rules."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.services import set_phones
from leads.models import Lead, Rule
from tests import factories as make


def test_list_costs_the_same_with_few_and_many_rows(people, sign_in):
    client = sign_in(people.head)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/leads/").status_code == 200
        return len(captured)

    for _ in range(3):
        make.lead(people.manager)
    few = cost()
    for _ in range(60):
        set_phones(make.lead(people.colleague, source=make.source()), ["+79123456789"])
    assert cost() == few <= 12


def test_phone_alone_makes_a_lead(people, sign_in):
    answer = sign_in(people.manager).post(
        "/leads/new/",
        {"form_key": uuid.uuid4(), "phones": "067 123 45 67", "owner": people.manager.pk},
    )
    lead = Lead.objects.get()
    assert answer.url == lead.get_absolute_url()
    assert str(lead) == f"№ {lead.pk}"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("amount", "NaN"),
        ("amount", "-5"),
        ("amount", "1e309"),
        ("phones", "нет"),
        ("emails", "x"),
        ("title", "\x00"),
        ("title", "я" * 201),
        ("utm_source", "x" * 201),
        ("source", "999"),
        ("owner", "999999999999999999999"),
    ],
)
def test_bad_input_is_refused_at_the_field(people, sign_in, field, text):
    body = {"form_key": uuid.uuid4(), "last_name": "Лисенко", field: text}
    answer = sign_in(people.manager).post("/leads/new/", body)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Lead.objects.exists()


def test_empty_lead_is_refused(people, sign_in):
    answer = sign_in(people.manager).post("/leads/new/", {"form_key": uuid.uuid4()})
    assert answer.status_code == 422


def test_manager_cannot_give_a_lead_to_a_foreign_person(people, sign_in):
    body = {"form_key": uuid.uuid4(), "last_name": "Л", "owner": people.outsider.pk}
    assert sign_in(people.manager).post("/leads/new/", body).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "status=zzz",
        "owner=abc",
        "created_from=31.02.2026",
        "sort=password",
        "after=zz",
        "q=%25%00",
        "owner=99999999999999999999999",
    ],
)
def test_bad_filters_never_fail(people, sign_in, query):
    make.lead(people.manager)
    assert sign_in(people.manager).get(f"/leads/?{query}").status_code == 200


def test_card_says_why_this_owner(people, sign_in):
    from django.utils import timezone

    from leads.services import distribute_lead
    from tests.leads.test_distribution import rule_for

    rule_for(people.manager, people.colleague, name="Everybody")
    lead = make.lead(None)
    distribute_lead(lead_id=lead.pk, now=timezone.now())
    lead.refresh_from_db()
    page = sign_in(people.head).get(lead.get_absolute_url())
    assert "Everybody" in page.text
    assert "gets the lead" in page.text


def test_reject_asks_for_a_reason(people, sign_in):
    lead = make.lead(people.manager)
    client, url = sign_in(people.manager), reverse("leads:reject", args=[lead.pk])
    assert client.post(url, {"reason": "  "}).status_code == 422
    assert client.post(url, {"reason": "Не наш профиль"}).status_code == 302
    lead.refresh_from_db()
    assert lead.status == "rejected"


def test_assign_is_for_those_who_may(people, sign_in):
    lead = make.lead(people.below)
    url = reverse("leads:assign", args=[lead.pk])
    assert sign_in(people.manager).post(url, {"owner": people.manager.pk}).status_code == 404
    assert sign_in(people.analyst).post(url, {"owner": people.manager.pk}).status_code == 403
    assert sign_in(people.head).post(url, {"owner": people.outsider.pk}).status_code == 422
    assert sign_in(people.head).post(url, {"owner": people.colleague.pk}).status_code == 302
    lead.refresh_from_db()
    assert lead.owner == people.colleague


def test_rules_are_for_those_who_manage_them(people, sign_in):
    assert sign_in(people.head).get("/settings/rules/").status_code == 403
    admin = sign_in(people.admin)
    body = {
        "form_key": uuid.uuid4(),
        "name": "Крупные",
        "amount_from": "1 млн",
        "people": [people.manager.pk],
        "is_active": "on",
    }
    assert admin.post("/settings/rules/new/", body).status_code == 302
    rule = Rule.objects.get()
    assert list(rule.people.all()) == [people.manager]
    assert admin.get("/settings/rules/").status_code == 200
    bad = {**body, "version": rule.version, "amount_from": "5", "amount_to": "5"}
    assert admin.post(f"/settings/rules/{rule.pk}/", bad).status_code == 422
    second = {**body, "form_key": uuid.uuid4(), "name": "Остальные"}
    admin.post("/settings/rules/new/", second)
    admin.post(
        reverse("leads:rule_move", args=[Rule.objects.get(name="Остальные").pk]), {"to": "up"}
    )
    assert Rule.objects.first().name == "Остальные"
