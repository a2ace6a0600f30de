"""Moves that roles limit and stages demand."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Role
from accounts.services import StageInput
from deals import services
from deals.models import Deal, Stage
from records.rights import Level
from tests import factories as make
from tests.factories import NOW


@pytest.fixture
def stages(db):
    return list(make.pipeline(stages=3).stages.all())


@pytest.fixture
def limited(people, stages):
    """Managers move from the first stage to the second only and close nothing there."""
    role = Role.objects.get(name="Manager")
    first, second, _third = stages
    rule = StageInput(first.pk, Level.EDIT, (second.pk,), can_close=False)
    accounts.set_stage_rules(role=role, rules=[rule])


def move(deal, stage, by):
    person = type(by).objects.get(pk=by.pk)
    return services.move_deal(deal_id=deal.pk, stage_id=stage.pk, by=person, now=NOW)


def test_move_outside_the_rule_is_refused_and_names_it(people, stages, limited):
    deal = make.deal(people.manager)
    with pytest.raises(services.DealRuleError, match=r"Manager.*Stage 1.*only to Stage 2"):
        move(deal, stages[2], people.manager)
    assert move(deal, stages[1], people.manager).stage == stages[1]
    assert move(deal, stages[2], people.manager).stage == stages[2]


def test_rule_of_one_role_does_not_bind_another(people, stages, limited):
    assert move(make.deal(people.manager), stages[2], people.head).stage == stages[2]


def test_deal_is_not_closed_where_the_rule_forbids(people, stages, limited):
    deal = make.deal(people.manager)
    with pytest.raises(services.DealRuleError, match="are not closed"):
        services.win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    assert services.win_deal(deal_id=deal.pk, by=people.head, now=NOW).status == "won"


def test_board_answers_with_the_rule_and_moves_nothing(people, stages, limited, sign_in):
    deal = make.deal(people.manager)
    answer = sign_in(people.manager).post(
        reverse("deals:move", args=[deal.pk]),
        {"stage": stages[2].pk, "version": deal.version},
        headers={"HX-Request": "true", "HX-Target": "board"},
    )
    assert answer.status_code == 422
    assert "only to Stage 2" in answer.content.decode()
    assert Deal.objects.get(pk=deal.pk).stage == stages[0]


def test_stage_names_the_fields_it_needs(people, stages):
    Stage.objects.filter(pk=stages[1].pk).update(required_fields=["amount", "company"])
    deal = make.deal(people.manager)
    with pytest.raises(services.DealRuleError, match="Amount, Company"):
        move(deal, stages[1], people.manager)
    Deal.objects.filter(pk=deal.pk).update(amount=Decimal(5), company=make.company(people.manager))
    assert move(deal, stages[1], people.manager).stage == stages[1]


def test_demands_of_a_stage_are_set_on_its_page(people, stages, sign_in):
    stage = stages[0]
    data = {
        "name": stage.name,
        "probability": 10,
        "hue": 1,
        "required_fields": ["amount"],
        "version": stage.version,
    }
    answer = sign_in(people.admin).post(reverse("deals:stage_edit", args=[stage.pk]), data)
    assert answer.status_code == 302
    stage.refresh_from_db()
    assert stage.required_fields == ["amount"]


def demand(stage, *names):
    Stage.objects.filter(pk=stage.pk).update(required_fields=list(names))


def errors_of(answer) -> dict[str, str]:
    assert answer.status_code == 422
    return {name: str(text) for name, text in answer.context["form"].errors.items()}


def test_new_deal_is_asked_at_the_field_for_what_its_stage_demands(people, stages, sign_in):
    make.currency()
    demand(stages[0], "amount", "expected_close_date")
    client, page = sign_in(people.manager), reverse("deals:create")
    form = client.get(page).context["form"]
    assert "Obligatory" in form.fields["amount"].help_text
    data = {"title": "X", "pipeline": stages[0].pipeline_id, "currency": "RUB"}
    data["form_key"] = form["form_key"].value()
    told = errors_of(client.post(page, {**data, "amount": 5}))
    assert list(told) == ["expected_close_date"]
    assert "The stage “Stage 1” needs this field." in told["expected_close_date"]
    assert not Deal.objects.exists()
    data |= {"amount": 5, "expected_close_date": "2026-12-01"}
    assert client.post(page, data).status_code == 302
    deal = Deal.objects.get()
    edit = reverse("deals:update", args=[deal.pk])
    told = errors_of(client.post(edit, {**data, "amount": "", "version": deal.version}))
    assert list(told) == ["amount"]
    assert client.post(edit, {**data, "title": "Y", "version": deal.version}).status_code == 302


def test_conversion_asks_for_what_the_first_stage_demands(people, stages, sign_in):
    demand(stages[0], "company", "amount", "expected_close_date")
    make.currency()
    lead = make.lead(people.manager)
    client, page = sign_in(people.manager), reverse("leads:convert", args=[lead.pk])
    data = {
        "contact": "new",
        "company": "none",
        "with_deal": "on",
        "pipeline": stages[0].pipeline_id,
        "expected_close_date": "2026-12-01",
    }
    assert set(errors_of(client.post(page, data))) == {"company", "amount"}
    data |= {"company": "new", "company_name": "ООО «Роза»", "amount": "5"}
    assert client.post(page, data).status_code == 302
    assert str(Deal.objects.get().expected_close_date) == "2026-12-01"
