"""What is posted to deals: good input, bad input, foreign rows; refused means nothing written."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import Rate
from deals.models import Deal, DealLine, LossReason, Pipeline, Stage, StageMove
from tests import factories as make

HX = {"HX-Request": "true"}
BOARD = {**HX, "HX-Target": "board"}


@pytest.fixture
def stages(people):
    return list(make.pipeline().stages.order_by("position"))


@pytest.fixture
def deal(people, stages):
    return make.deal(people.manager, amount=1000)


@pytest.fixture
def client(people, sign_in):
    return sign_in(people.manager)


def to(name, deal):
    return reverse(f"deals:{name}", args=[deal.pk])


def new_deal(stages, **fields):
    make.currency()
    return {
        "form_key": str(uuid.uuid4()),
        "title": "Кафе",
        "amount": "1 000,50",
        "currency": "RUB",
        "pipeline": stages[0].pipeline_id,
    } | fields


def test_deal_is_created_once_for_a_double_post(people, stages, client):
    data = new_deal(stages)
    answers = [client.post(reverse("deals:create"), data) for _ in range(2)]
    deal = Deal.objects.get()
    assert {answer["Location"] for answer in answers} == {deal.get_absolute_url()}
    assert (deal.amount, deal.owner, deal.stage) == (
        Decimal("1000.50"),
        people.manager,
        stages[0],
    )
    assert StageMove.objects.count() == 1


def test_stage_of_the_address_is_offered_and_names_its_pipeline(people, stages, client):
    other = make.pipeline("Other").stages.last()
    page = client.get(reverse("deals:create"), {"stage": other.pk})
    assert page.context["form"]["stage"].value() == str(other.pk)
    data = new_deal(stages, stage=other.pk, pipeline="")
    client.post(reverse("deals:create"), data)
    assert Deal.objects.get().pipeline.name == "Other"


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("1 000,50", "1000.50"),
        ("1.000,50", "1000.50"),
        ("1\u00a0000", "1000"),
        ("1\u2009000", "1000"),
        ("１２３", "123"),
        ("1,5 млн", "1500000"),
        ("", "0"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_amount_is_read_as_people_write_it(stages, client, amount, kept):
    client.post(reverse("deals:create"), new_deal(stages, amount=amount))
    assert Deal.objects.get().amount == Decimal(kept)


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": "-1"},
        {"amount": "NaN"},
        {"amount": "Infinity"},
        {"amount": "1e309"},
        {"amount": "0.001"},
        {"amount": "12345678901234567"},
        {"amount": "много"},
        {"title": "   "},
        {"title": "x" * 201},
        {"title": "a\x00b"},
        {"currency": "XXX"},
        {"pipeline": "0"},
        {"pipeline": "abc"},
        {"pipeline": ""},
        {"stage": "99999999999999999999"},
        {"owner": "1000000000"},
        {"company": "1000000000"},
        {"expected_close_date": "9999-01-01"},
        {"expected_close_date": "0001-01-01"},
        {"expected_close_date": "31.02.2026"},
        {"form_key": "x"},
    ],
)
def test_bad_deal_answers_422_with_the_text_kept(people, stages, client, bad):
    answer = client.post(reverse("deals:create"), new_deal(stages, description="kept", **bad))
    assert answer.status_code == 422
    assert "kept" in answer.text
    assert not Deal.objects.exists()


def test_foreign_rows_cannot_be_posted(people, stages, client):
    foreign = {
        "company": make.company(people.colleague).pk,
        "contact": make.contact(people.colleague).pk,
        "owner": people.outsider.pk,
        "stage": make.pipeline("Other").stages.first().pk,
    }
    for name, key in foreign.items():
        answer = client.post(reverse("deals:create"), new_deal(stages, **{name: key}))
        assert answer.status_code == 422, name
    assert not Deal.objects.exists()


def test_currency_without_a_rate_is_an_error_of_the_field(people, stages, client):
    make.currency("USD")
    data = new_deal(stages, currency="USD")
    answer = client.post(reverse("deals:create"), data)
    assert answer.status_code == 422
    assert "There is no rate of USD yet." in answer.text
    Rate.objects.create(currency_id="USD", valid_from="2020-01-01", rate=90)
    assert client.post(reverse("deals:create"), data).status_code == 302


def edit(deal, **fields):
    return {
        "version": deal.version,
        "title": deal.title,
        "amount": "1000",
        "currency": "RUB",
    } | fields


def test_edit_writes_the_facts_and_the_sum(deal, client):
    answer = client.post(to("update", deal), edit(deal, title="Бар", amount="2000"))
    assert answer.status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.amount_base, deal.version) == ("Бар", 2000, 2)


def test_company_of_a_colleague_survives_an_edit(people, stages, client):
    company = make.company(people.colleague)
    deal = make.deal(people.manager, amount=1000, company=company)
    page = client.get(to("update", deal))
    answer = client.post(to("update", deal), edit(deal, title="Бар", company=company.pk))
    assert str(company) in page.text
    assert answer.status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.company) == ("Бар", company)


def test_stale_edit_shows_both_values(deal, client):
    Deal.objects.filter(pk=deal.pk).update(title="Theirs", version=2)
    answer = client.post(to("update", deal), edit(deal, title="Mine"))
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text


def test_amount_of_a_deal_with_lines_is_not_edited(people, deal, client):
    deal.lines.create(name="A", price=1000)
    client.post(to("update", deal), edit(deal, title="Бар", amount="5"))
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Бар", 1000)


def test_drag_answers_with_the_card_and_the_heads(deal, stages, client):
    answer = client.post(to("move", deal), {"stage": stages[1].pk, "version": 1}, headers=BOARD)
    assert answer.status_code == 200
    assert answer["X-Version"] == "2"
    assert f'id="deal-{deal.pk}"' in answer.text
    assert answer.text.count("<header id=") == 4


def test_move_by_a_plain_form_leads_back(deal, stages, client):
    answer = client.post(
        to("move", deal) + "?next=/deals/board/", {"stage": stages[1].pk, "version": 1}
    )
    assert answer["Location"] == "/deals/board/"
    answer = client.post(to("move", deal) + "?next=//evil.example/", {"stage": stages[2].pk})
    assert answer["Location"] == deal.get_absolute_url()


def test_stale_drag_is_a_question_with_the_fresh_version(deal, stages, client):
    Deal.objects.filter(pk=deal.pk).update(version=5)
    answer = client.post(to("move", deal), {"stage": stages[1].pk, "version": 1}, headers=BOARD)
    assert answer.status_code == 422
    assert "meanwhile" in answer.text
    assert 'name="version" value="5"' in answer.text
    assert StageMove.objects.count() == 1


@pytest.mark.parametrize("stage", ["", "abc", "-1", str(2**63), "99999999999999999999"])
def test_move_to_nowhere_is_422(deal, client, stage):
    assert client.post(to("move", deal), {"stage": stage}).status_code == 422
    assert StageMove.objects.count() == 1


def test_move_to_a_foreign_or_archived_stage_is_422(deal, stages, client):
    Stage.objects.filter(pk=stages[3].pk).update(is_active=False)
    for stage in (stages[3], make.pipeline("Other").stages.first()):
        answer = client.post(to("move", deal), {"stage": stage.pk}, headers=BOARD)
        assert answer.status_code == 422
    assert StageMove.objects.count() == 1


def test_win_lose_reopen_by_forms(deal, client):
    reason = make.loss_reason()
    assert client.post(to("lose", deal), {"version": 1}).status_code == 422
    answer = client.post(to("lose", deal), {"version": 1, "reason": reason.pk, "comment": "x"})
    assert answer.status_code == 302
    assert client.post(to("win", deal), {"version": 2}).status_code == 422
    assert client.post(to("reopen", deal), {"version": 2}).status_code == 302
    assert client.post(to("win", deal), {"version": 3}, headers=HX)["HX-Redirect"]
    assert client.post(to("reopen", deal), {"version": 4}).status_code == 422
    kinds = list(deal.moves.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["entered", "lost", "reopened", "won"]


def test_reason_out_of_use_is_not_taken(deal, client):
    reason = make.loss_reason()
    LossReason.objects.update(is_active=False)
    assert client.post(to("lose", deal), {"reason": reason.pk}).status_code == 422


@pytest.mark.parametrize("name", ["move", "win", "lose", "reopen", "assign", "delete", "lines"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_colleagues_deal_is_not_found(people, stages, sign_in, name, method):
    deal = make.deal(people.colleague)
    client = sign_in(people.manager)
    data = {"stage": stages[1].pk, "reason": make.loss_reason().pk, "owner": people.manager.pk}
    assert getattr(client, method)(to(name, deal), data).status_code == 404
    deal.refresh_from_db()
    assert (deal.version, deal.status, deal.owner) == (1, "open", people.colleague)


@pytest.mark.parametrize("name", ["move", "win", "lose", "update", "assign", "delete", "lines"])
def test_person_who_may_only_look_is_refused(people, deal, sign_in, name):
    client = sign_in(people.analyst)
    assert client.get(deal.get_absolute_url()).status_code == 200
    assert client.post(to(name, deal), {}).status_code == 403


def test_head_gives_a_deal_and_the_manager_loses_sight_of_it(people, deal, sign_in):
    head, manager = sign_in(people.head), sign_in(people.manager)
    answer = head.post(to("assign", deal), {"owner": people.below.pk, "version": 1})
    assert answer.status_code == 302
    assert manager.get(deal.get_absolute_url()).status_code == 404
    assert head.post(to("assign", deal), {"owner": people.outsider.pk}).status_code == 422


def test_deleted_deal_is_gone_from_pages(deal, client):
    assert client.get(to("delete", deal)).status_code == 200
    assert client.post(to("delete", deal)).status_code == 302
    assert client.get(deal.get_absolute_url()).status_code == 404
    assert StageMove.objects.filter(deal=deal).exists()


def lines(version, *rows):
    data = {
        "version": version,
        "lines-TOTAL_FORMS": len(rows),
        "lines-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(rows):
        data |= {f"lines-{number}-{name}": value for name, value in row.items()}
    return data


def test_lines_are_saved_changed_and_removed(people, deal, client):
    product = make.product(name="Фильтр", price=Decimal("250.50"), owner=people.manager)
    assert client.get(to("lines", deal)).status_code == 200
    client.post(
        to("lines", deal),
        lines(
            1,
            {"product": product.pk, "quantity": "2"},
            {"name": "Монтаж", "price": "1 000", "discount": "12,5", "quantity": "1,5"},
            {"quantity": "1"},
        ),
    )
    deal.refresh_from_db()
    assert (deal.amount, deal.lines.count()) == (Decimal("1813.50"), 2)
    first, second = deal.lines.all()
    assert (first.name, first.price) == ("Фильтр", Decimal("250.50"))
    page = client.get(to("lines", deal))
    assert "12,5" in page.text
    answer = client.post(
        to("lines", deal),
        lines(
            deal.version,
            {"pk": first.pk, "name": "Фильтр", "price": "1", "quantity": "1"},
            {"pk": second.pk, "name": "Монтаж", "DELETE": "on"},
        ),
    )
    assert answer.status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, list(deal.lines.values_list("pk", flat=True))) == (1, [first.pk])


@pytest.mark.parametrize(
    "bad",
    [
        {"price": "5"},
        {"name": "A", "price": "-5"},
        {"name": "A", "quantity": "0"},
        {"name": "A", "quantity": "NaN"},
        {"name": "A", "discount": "101"},
        {"name": "A", "vat": "-1"},
        {"name": "A", "product": "1000000"},
        {"name": "A", "pk": "1000000"},
        {"name": "x" * 201},
        {"name": "A", "price": "9999999999999", "quantity": "999999999"},
    ],
)
def test_bad_line_answers_422_and_writes_nothing(deal, client, bad):
    answer = client.post(to("lines", deal), lines(1, {"name": "Good", "price": "7"}, bad))
    assert answer.status_code == 422
    assert "Good" in answer.text
    deal.refresh_from_db()
    assert (deal.amount, deal.version, DealLine.objects.count()) == (1000, 1, 0)


def test_stale_lines_and_a_broken_form_are_refused(deal, client):
    assert client.post(to("lines", deal), lines(9, {"name": "A"})).status_code == 409
    assert client.post(to("lines", deal), {"version": "1"}).status_code == 422
    assert client.post(to("lines", deal), lines("x", {"name": "A"})).status_code == 422
    assert not DealLine.objects.exists()


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people.admin)


def url(name, *args):
    return reverse(f"deals:{name}", args=args)


def test_settings_are_for_those_with_the_right(people, stages, client, admin):
    for name in ("pipelines", "pipeline_create", "reason_create", "rates"):
        assert client.get(url(name)).status_code == 403
        assert admin.get(url(name)).status_code == 200
    assert client.post(url("stage_up", stages[1].pk)).status_code == 403


def test_administrator_arranges_a_pipeline(people, stages, admin):
    data = {"form_key": str(uuid.uuid4()), "name": "B2B", "first_stage": "Start"}
    admin.post(url("pipeline_create"), data)
    pipeline = Pipeline.objects.get(name="B2B")
    data = {"name": "Next", "probability": 40, "hue": 2, "form_key": str(uuid.uuid4())}
    admin.post(url("stage_create", pipeline.pk), data)
    stage = pipeline.stages.get(name="Next")
    admin.post(
        url("stage_edit", stage.pk), {"name": "N", "probability": 50, "hue": 3, "version": 1}
    )
    admin.post(url("stage_up", stage.pk))
    assert list(pipeline.stages.values_list("name", "probability")) == [("N", 50), ("Start", 10)]
    admin.post(url("stage_down", stage.pk))
    admin.post(url("pipeline_edit", pipeline.pk), {"name": "B2C", "version": 1})
    admin.post(url("pipeline_default", pipeline.pk))
    assert Pipeline.objects.get(is_default=True).name == "B2C"
    page = admin.post(url("pipeline_archive", pipeline.pk), follow=True)
    assert "default pipeline stays" in page.text
    admin.post(url("pipeline_default", stages[0].pipeline_id))
    admin.post(url("pipeline_archive", pipeline.pk))
    assert not Pipeline.objects.get(pk=pipeline.pk).is_active
    admin.post(url("pipeline_restore", pipeline.pk))
    assert Pipeline.objects.get(pk=pipeline.pk).is_active


@pytest.mark.parametrize("probability", ["-1", "101", "x", "1e9"])
def test_impossible_probability_is_422(stages, admin, probability):
    data = {"name": "A", "probability": probability, "hue": 1, "version": 1}
    assert admin.post(url("stage_edit", stages[0].pk), data).status_code == 422


def test_stage_with_deals_is_archived_only_with_a_place_for_them(deal, stages, admin):
    address = url("stage_archive", stages[0].pk)
    assert admin.get(address).status_code == 200
    assert admin.post(address, {}).status_code == 422
    assert admin.post(address, {"to_stage": stages[1].pk}).status_code == 302
    deal.refresh_from_db()
    assert deal.stage == stages[1]


def test_loss_reasons_are_kept_unique(people, admin):
    for name in ("A", "B"):
        admin.post(url("reason_create"), {"name": name, "is_active": "on"})
    assert LossReason.objects.count() == 2
    first = LossReason.objects.get(name="A")
    assert admin.post(url("reason_edit", first.pk), {"name": "B"}).status_code == 422
    admin.post(url("reason_edit", first.pk), {"name": "C"})
    assert not LossReason.objects.get(name="C").is_active


def test_rate_is_set_for_a_day(people, admin):
    make.currency()
    make.currency("EUR")
    data = {"currency": "EUR", "valid_from": "2026-01-01", "rate": "90.5"}
    assert admin.post(url("rates"), data).status_code == 302
    assert admin.post(url("rates"), data | {"rate": "0"}).status_code == 422
    assert admin.post(url("rates"), data | {"rate": "91"}).status_code == 302
    assert Rate.objects.get().rate == 91
    assert "EUR" in admin.get(url("rates")).text
