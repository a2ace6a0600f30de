"""From a list through its records and back to the place."""

import pytest
from playwright.sync_api import expect

from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_cards_lead_on_in_the_order_of_the_list_and_back_to_the_row(people, open_as):
    for number in range(30):
        make.lead(people.manager, last_name=f"Lead{number:02}")
    page = open_as(people.manager, height=500)
    page.goto("/leads/?whose=me")
    rows = page.locator("#rows a.t")
    names = rows.all_text_contents()
    rows.nth(20).click()
    expect(page.locator("[data-trail-place]")).to_have_text("21 / 30")
    page.keyboard.press("j")
    expect(page.locator("h1")).to_have_text(names[21])
    page.locator("a[rel=prev]").click()
    expect(page.locator("h1")).to_have_text(names[20])
    page.locator("[data-trail-back]").click()
    page.wait_for_url("**/leads/?whose=me")
    expect(rows.nth(20)).to_be_focused()
    expect(rows.nth(20)).to_be_in_viewport()


def test_card_opened_from_elsewhere_shows_no_way(people, open_as):
    lead = make.lead(people.manager)
    page = open_as(people.manager)
    page.goto(lead.get_absolute_url())
    expect(page.locator("[data-trail]")).to_be_hidden()
