"""The palette: under Ctrl+K one goes, finds and acts without the mouse."""

import pytest

from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_palette_goes_finds_and_acts(people, open_as):
    deal = make.deal(people.manager, title="Чиллер для склада")
    page = open_as(people.manager)
    page.goto("/")
    page.keyboard.press("Control+k")
    palette = page.locator("#palette")
    palette.get_by_role("option", name="Leads").wait_for()
    page.keyboard.type("Leads")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/")

    page.keyboard.press("Control+k")
    page.keyboard.type("чиллер")
    palette.get_by_role("option", name="Чиллер для склада").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{deal.get_absolute_url()}")

    page.keyboard.press("Control+k")
    page.keyboard.type("nothing like this")
    palette.locator(".nothing").wait_for()
    page.keyboard.press("Escape")
    assert not palette.is_visible()
