"""With scripts switched off the work goes on by links and forms."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from leads.models import Lead
from tests import factories as make
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(browser: Browser, live_server) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        locale="en-GB",
        viewport={"width": 1440, "height": 900},
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_a_manager_works_without_scripts(people, plain):
    people.manager.set_password(PASSWORD)
    people.manager.save()
    deal = make.deal(people.manager, title="Roof of the shop")
    make.lead(people.manager, last_name="Лисенко", first_name="Богдан")
    page = plain
    page.goto("/leads/")
    page.locator("input[name=login]").fill(people.manager.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit].b-main").click()
    expect(page.get_by_role("heading", name="Leads", exact=True)).to_be_visible()

    page.get_by_role("main").get_by_role("link", name="Лисенко Богдан").click()
    expect(page.get_by_role("heading", name="Лисенко Богдан")).to_be_visible()

    page.goto("/leads/")
    page.get_by_role("link", name="Create lead").click()
    page.get_by_label("Surname").fill("Кравець")
    page.locator("summary", has_text="More about the client").click()
    page.get_by_label("Company", exact=True).fill("Тёплый хлеб")
    page.get_by_role("main").get_by_role("button", name="Create lead").click()
    expect(page.get_by_role("heading", name="Кравець")).to_be_visible()
    assert Lead.objects.get(last_name="Кравець").owner == people.manager

    page.goto(f"/deals/{deal.pk}/")
    page.get_by_role("button", name="Stage 2").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Stage 2")
    page.goto("/deals/board/")
    page.get_by_role("article").hover()
    page.get_by_role("link", name="Move “Roof of the shop” to another stage").click()
    page.get_by_role("combobox", name="Stage").select_option(label="Stage 3")
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url("**/deals/board/**")
    deal.refresh_from_db()
    assert deal.stage.name == "Stage 3"
