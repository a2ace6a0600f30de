"""A record shown beside its list: by keyboard and mouse, with its composer, and back to the row."""

import pytest
from playwright.sync_api import expect

from activities.models import Activity
from deals.models import Deal
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(people, open_as):
    for number in range(4):
        make.deal(people.manager, title=f"Deal {number}")
    page = open_as(people.manager)
    page.goto("/deals/?sort=title")
    return page


def test_space_looks_up_and_down_go_on_and_escape_leads_back(page):
    rows, panel = page.locator("#rows a.t"), page.locator("#peek")
    rows.nth(1).focus()
    page.keyboard.press("Space")
    expect(panel.locator("#peek-title")).to_have_text(rows.nth(1).inner_text())
    expect(panel.locator("#timeline")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(panel.locator("#peek-title")).to_have_text(rows.nth(2).inner_text())
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(rows.nth(2)).to_be_focused()
    assert "/deals/?" in page.url


def test_note_written_in_the_panel_is_kept_and_the_list_stays(page):
    rows, panel = page.locator("#rows a.t"), page.locator("#peek")
    name = rows.nth(0).inner_text()
    rows.nth(0).hover()
    page.locator(".peek-eye").click()
    field = panel.locator("textarea:visible").first
    field.fill("Asked for a discount")
    field.press("Control+Enter")
    expect(panel.locator("#timeline")).to_contain_text("Asked for a discount")
    note = Activity.objects.get(body="Asked for a discount")
    assert note.deal == Deal.objects.get(title=name)
    assert "/deals/?" in page.url


def test_record_taken_away_meanwhile_is_said(page, people):
    link = page.locator("#rows a.t").nth(0)
    Deal.objects.filter(title=link.inner_text()).update(owner=people.outsider)
    link.focus()
    page.keyboard.press("Space")
    expect(page.locator("#peek-body")).to_contain_text("cannot be shown")
    expect(page.locator("#peek #timeline")).to_have_count(0)
