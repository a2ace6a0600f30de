"""Lists, cards and forms of leads and rules."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.services import set_phones
from leads.models import Lead, Rule
from leads.services import assign_lead, distribute_lead
from tests import factories as make
from tests.leads.test_distribution import rule_for, set_active


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
        "created_from=0001-01-01&created_to=9999-12-31",
        "created_to=0001-01-01",
        "created_from=9999-12-31",
    ],
)
def test_bad_filters_never_fail(people, sign_in, query):
    make.lead(people.manager)
    assert sign_in(people.manager).get(f"/leads/?{query}").status_code == 200


def test_card_says_why_this_owner(people, sign_in):
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


def test_days_of_the_filter_are_days_of_the_person(people, sign_in):
    for hour in (21, 22):
        make.lead(people.manager, created_at=datetime(2026, 11, 19, hour, 30, tzinfo=UTC))
    client = sign_in(people.manager)
    for query, count in (
        ("created_from=2026-11-20", 1),
        ("created_to=2026-11-19", 1),
        ("created_from=2026-11-19&created_to=2026-11-20", 2),
        ("created_from=2026-11-20&created_to=2026-11-19", 0),
    ):
        assert len(client.get(f"/leads/?{query}").context["rows"]) == count, query


def test_owners_to_filter_by_are_those_whose_leads_are_seen(people, sign_in):
    def owners(user):
        page = sign_in(user).get("/leads/")
        return set(page.context["filter"].form.fields["owner"].queryset)

    assert owners(people.manager) == {people.manager}
    assert owners(people.head) == {people.head, people.manager, people.colleague, people.below}


def test_form_asks_little_and_opens_the_fold_with_the_error(people, sign_in):
    client = sign_in(people.manager)
    page = client.get("/leads/new/").text
    assert page.count("<details") == 3
    assert page.count('form-fold" open') == 0
    assert page.index('name="phones"') < page.index("<details") < page.index('name="utm_source"')
    body = {"form_key": uuid.uuid4(), "phones": "0671234567", "utm_term": "x" * 201}
    assert client.post("/leads/new/", body).text.count('form-fold" open') == 1


def test_source_out_of_use_stays_with_its_leads_only(people, sign_in):
    source = make.source()
    lead = make.lead(people.manager, source=source)
    source.is_active = False
    source.save()
    client, body = sign_in(people.manager), {"last_name": "Ю", "source": source.pk}
    url = reverse("leads:edit", args=[lead.pk])
    assert client.post(url, {**body, "version": 1}).status_code == 302
    assert client.post("/leads/new/", {**body, "form_key": uuid.uuid4()}).status_code == 422


def test_person_who_is_away_stays_in_the_pool_of_an_edited_rule(people, sign_in):
    rule = rule_for(people.manager, people.colleague)
    set_active(people.colleague, False)
    body = {
        "version": rule.version,
        "name": "Everybody",
        "people": [people.manager.pk, people.colleague.pk],
        "is_active": "on",
    }
    assert sign_in(people.admin).post(f"/settings/rules/{rule.pk}/", body).status_code == 302
    assert rule.pool.count() == 2


def test_card_says_when_the_lead_was_given_by_hand_later(people, sign_in):
    rule_for(people.manager, name="Everybody")
    lead = make.lead(None)
    distribute_lead(lead_id=lead.pk, now=timezone.now())
    assign_lead(lead_id=lead.pk, owner=people.colleague, by=people.head, now=timezone.now())
    assert "given by hand" in sign_in(people.head).get(lead.get_absolute_url()).text


def test_list_names_the_kind_of_the_next_step_and_offers_no_reset_unasked(people, sign_in):
    lead = make.lead(people.manager)
    make.activity(people.manager, lead=lead, kind="call", due_at=timezone.now() + timedelta(days=3))
    page = sign_in(people.manager).get(reverse("leads:list"))
    assert "Call · " in page.text
    assert ">Reset<" not in page.text
    assert ">Reset<" in sign_in(people.manager).get(reverse("leads:list"), {"whose": "nobody"}).text
