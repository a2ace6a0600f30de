"""The box on top of every page finds the client, however it is typed."""

import pytest
from playwright.sync_api import expect

from contacts.services import set_phones
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

SPELLINGS = (
    "+380 (67) 123-45-67",
    "067 123 45 67",
    "1234567",
    "дорошенко",
    "ljhjityrj",  # the same name with the keyboard left in Latin letters
)


def test_five_spellings_find_the_client(people, open_as):
    client = make.contact(people.manager, last_name="Дорошенко", first_name="Назар")
    set_phones(client, ["+380671234567"])
    make.contact(people.manager, last_name="Кравець", first_name="Олена")
    page = open_as(people.manager)
    page.goto("/")
    box = page.get_by_role("combobox", name="Search", exact=True)
    found = page.locator("#search-results")
    for text in SPELLINGS:
        box.fill("")
        box.press("Escape")
        expect(found.get_by_role("option")).to_have_count(0)
        box.press_sequentially(text)
        expect(found.get_by_role("option")).to_have_count(1)
        expect(found.get_by_role("option")).to_contain_text("Дорошенко")


def test_enter_opens_the_results_and_an_arrow_the_client(people, open_as):
    client = make.contact(people.manager, last_name="Дорошенко", first_name="Назар")
    page = open_as(people.manager)
    page.goto("/")
    box = page.get_by_role("combobox", name="Search", exact=True)
    box.fill("Дорошенко")
    box.press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.get_by_role("main").get_by_text("Дорошенко Назар")).to_be_visible()
    box.press_sequentially(" ")
    expect(page.locator("#search-results").get_by_role("option")).to_have_count(1)
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(f"**{client.get_absolute_url()}")
