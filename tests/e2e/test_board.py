"""The board by mouse, by keyboard, by the card's menu on a phone, and a loss with its reason."""

import re

import pytest
from playwright.sync_api import Page, expect

from deals.models import Deal, DealStatus, Stage, StageMove
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal(people) -> Deal:
    make.loss_reason("Too expensive")
    return make.deal(people.manager, title="Roof of the shop", amount=1000)


def column(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def card(page: Page):
    return page.get_by_role("article").filter(has_text="Roof of the shop")


def count_of(page: Page, name: str):
    return column(page, name).locator(".col-t .n")


def stage_of(deal: Deal) -> str:
    return Stage.objects.get(deals=deal).name


def test_a_card_dragged_by_the_mouse_stays_where_it_was_dropped(people, deal, open_as):
    page = open_as(people.manager)
    page.goto("/deals/board/")
    with page.expect_response(re.compile(r"/move/")):
        card(page).drag_to(column(page, "Stage 3"))
    expect(count_of(page, "Stage 3")).to_have_text("1")
    expect(count_of(page, "Stage 1")).to_have_text("0")
    assert stage_of(deal) == "Stage 3"
    page.reload()
    expect(column(page, "Stage 3").get_by_role("article")).to_have_count(1)
    expect(count_of(page, "Stage 3")).to_have_text("1")
    assert StageMove.objects.filter(deal=deal).count() == 2


def test_alt_with_an_arrow_moves_the_card_and_keeps_the_focus(people, deal, open_as):
    page = open_as(people.manager)
    page.goto("/deals/board/")
    card(page).focus()
    for name in ("Stage 2", "Stage 3"):
        page.keyboard.press("Alt+ArrowRight")
        expect(count_of(page, name)).to_have_text("1")
        expect(card(page)).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(count_of(page, "Stage 2")).to_have_text("1")
    expect(page.locator("#live")).to_have_text("Moved to Stage 2")
    assert stage_of(deal) == "Stage 2"


def test_on_a_phone_the_card_moves_by_its_menu(people, deal, open_as):
    page = open_as(people.manager, width=390, height=844)
    page.goto("/deals/board/")
    card(page).get_by_role("link", name="Move “Roof of the shop” to another stage").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Stage").select_option(label="Stage 2")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".stage-now")).to_contain_text("0 deals")
    page.get_by_role("link", name="Next stage: Stage 2").click()
    expect(column(page, "Stage 2").get_by_role("article")).to_be_visible()
    assert stage_of(deal) == "Stage 2"


def test_a_card_dropped_on_lost_is_lost_only_with_a_reason(people, deal, open_as):
    page = open_as(people.manager)
    page.goto("/deals/board/")
    card(page).hover()
    page.mouse.down()
    page.mouse.move(700, 500, steps=4)
    page.locator("[data-drop=lose]").hover()
    page.locator("[data-drop=lose]").hover()
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        dialog.get_by_role("button", name="Lost", exact=True).click()
    assert refused.value.status == 422
    expect(dialog.get_by_text("This field is required")).to_be_visible()
    assert Deal.objects.get().status == DealStatus.OPEN
    dialog.get_by_label("Too expensive").check()
    dialog.get_by_label("What happened").fill("Bought elsewhere")
    dialog.get_by_role("button", name="Lost", exact=True).click()
    expect(page.get_by_text("The deal is lost.")).to_be_visible()
    expect(count_of(page, "Stage 1")).to_have_text("0")
    lost = Deal.objects.get()
    assert (lost.status, str(lost.loss_reason)) == (DealStatus.LOST, "Too expensive")


def test_card_goes_to_another_month_by_drag_and_by_key(people, open_as):
    deal = make.deal(people.manager, title="Vent", expected_close_date=None)
    page = open_as(people.manager)
    page.goto("/deals/forecast/")
    card, months = page.locator(f"#deal-{deal.pk}"), page.locator("[data-stage]")
    code = months.nth(4).get_attribute("data-stage")
    card.drag_to(months.nth(4).locator("header"))
    expect(months.nth(4).locator(".n")).to_have_text("1")
    deal.refresh_from_db()
    assert f"{deal.expected_close_date:%Y-%m}" == code
    card.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(months.nth(5).locator(".n")).to_have_text("1")
    expect(months.nth(4).locator(".n")).to_have_text("0")
