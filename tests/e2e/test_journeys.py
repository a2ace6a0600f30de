"""Daily tasks, their clicks counted: every one is stored, and none costs more than its goal."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from activities.models import Activity
from contacts.models import Contact
from contacts.services import set_phones
from deals.models import Deal, DealStatus
from deals.services import win_deal
from leads.models import Lead
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal(people) -> Deal:
    make.loss_reason("Too expensive")
    return make.deal(people.manager, title="Roof of the shop", amount=1000)


def composer(page: Page):
    return page.locator("#composer")


def test_log_a_call(people, deal, open_as, walk):
    page = open_as(people.manager)
    page.goto(deal.get_absolute_url())
    with walk(page, "U01", "Log a call with its result (deal)", 3, 10) as task:
        task.click(composer(page).get_by_role("link", name="Call"))
        task.type(composer(page).locator("textarea"), "Wants a new roof by winter")
        task.click(composer(page).get_by_label("Talked"))
        task.press("Control+Enter")
        expect(page.locator("#timeline .tl")).to_contain_text("Wants a new roof by winter")
    call = Activity.objects.done().get()
    assert (call.kind, call.result, call.deal) == ("call", "talked", deal)
    assert Activity.objects.planned().get().deal == deal
    assert task.clicks <= task.goal


def test_write_a_note(people, deal, open_as, walk):
    page = open_as(people.manager)
    page.goto(deal.get_absolute_url())
    with walk(page, "T08", "Write a note (deal)", 2) as task:
        task.type(composer(page).locator("textarea"), "The chief engineer decides")
        task.press("Control+Enter")
        expect(page.locator("#timeline .tl")).to_contain_text("The chief engineer decides")
    assert Activity.objects.done().get().kind == "note"
    assert task.clicks <= task.goal


def test_tick_and_plan_the_next_step(people, deal, open_as, walk):
    make.activity(people.manager, deal=deal, subject="Send the estimate", due_at=timezone.now())
    page = open_as(people.manager)
    page.goto("/")
    with walk(page, "U02", "Done, with the next step planned (my day)", 2) as task:
        task.click(page.locator("a.tick"))
        dialog = page.get_by_role("dialog")
        task.click(dialog.locator(".pick").last)
        task.click(dialog.get_by_role("button", name="Done", exact=True))
        expect(dialog).to_be_hidden()
    assert Activity.objects.done().get().subject == "Send the estimate"
    assert Activity.objects.planned().get().deal == deal
    assert task.clicks <= 3


def test_put_off_by_a_day(people, open_as, walk):
    late = timezone.now() - timedelta(days=3)
    make.activity(people.manager, subject="Late task", due_at=late)
    page = open_as(people.manager)
    page.goto("/")
    with walk(page, "T12", "Put a task off by a day (my day)", 1) as task:
        task.click(page.locator(".plus1 button"))
        page.wait_for_selector("#tomorrow .n:text('1')")
    assert Activity.objects.get().due_at > timezone.now()
    assert task.clicks <= task.goal


def test_move_by_drag_by_key_and_by_touch(people, deal, open_as, walk):
    page = open_as(people.manager)
    page.goto("/deals/board/")
    card = page.get_by_role("article").filter(has_text=deal.title)
    column = page.get_by_role("region", name="Stage 3", exact=True)
    with walk(page, "U03", "Move a deal by drag (board)", 1, 2) as task:
        task.drag(card, column)
        expect(column.locator(".col-t .n")).to_have_text("1")
    assert task.clicks <= task.goal
    page.goto("/deals/board/")
    card.focus()
    with walk(page, "U04", "Move a deal by a key (board)", 1, 2) as task:
        task.press("Alt+ArrowLeft")
        expect(page.locator("#live")).to_have_text("Moved to Stage 2")
    assert task.clicks <= task.goal
    phone = open_as(people.manager, width=390, height=844)
    phone.goto(f"/deals/board/?stage={deal.pipeline.stages.all()[1].pk}")
    with walk(phone, "U05", "Move a deal by touch (board, phone)", 2) as task:
        task.click(phone.get_by_role("link", name="Move “Roof of the shop” to another stage"))
        dialog = phone.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Stage").select_option(label="Stage 1")
        task.clicks += 1
        task.click(dialog.get_by_role("button", name="Move", exact=True))
        expect(dialog).to_be_hidden()
    deal.refresh_from_db()
    assert deal.stage.name == "Stage 1"
    assert task.clicks <= 3


def test_lose_and_win(people, deal, open_as, walk):
    other = make.deal(people.manager, title="Chiller")
    page = open_as(people.manager)
    page.goto(deal.get_absolute_url())
    with walk(page, "T10", "Mark lost with the reason (deal)", 3) as task:
        task.click(page.get_by_role("link", name="Lost", exact=True))
        dialog = page.get_by_role("dialog")
        task.click(dialog.get_by_text("Too expensive"))
        task.click(dialog.get_by_role("button", name="Lost", exact=True))
        expect(page.get_by_text("The deal is lost.")).to_be_visible()
    assert task.clicks <= task.goal
    page.goto(other.get_absolute_url())
    with walk(page, "T11", "Mark won (deal)", 1) as task:
        task.click(page.get_by_role("button", name="Won", exact=True))
        expect(page.get_by_text("The deal is won.")).to_be_visible()
    assert task.clicks <= task.goal
    assert list(Deal.objects.order_by("pk").values_list("status", flat=True)) == [
        DealStatus.LOST,
        DealStatus.WON,
    ]


def test_find_by_phone_and_by_command(people, open_as, walk):
    client = make.contact(people.manager, last_name="Дорошенко", first_name="Назар")
    set_phones(client, ["+380671234567"])
    page = open_as(people.manager)
    page.goto("/")
    with walk(page, "U08", "See the client by phone (any page)", 1, 3) as task:
        task.press("/")
        page.keyboard.type("067 123 45 67", delay=40)
        found = page.locator("#search-results").get_by_role("option")
        expect(found.first).to_contain_text("Дорошенко")
    assert task.clicks <= task.goal


def test_create_a_lead(people, open_as, walk):
    page = open_as(people.manager)
    page.goto("/")
    with walk(page, "U10", "Create a lead by phone (any page)", 3, 9) as task:
        task.press("n")
        task.press("Enter")
        task.type(page.get_by_role("dialog").get_by_label("Phone").first, "067 123 45 67")
        task.press("Control+Enter")
        page.wait_for_url("**/leads/*/")
    assert Lead.objects.get().phones.get().e164 == "+380671234567"
    assert task.clicks <= task.goal


def test_convert_a_lead(people, open_as, walk):
    make.pipeline()
    make.currency()
    lead = make.lead(people.manager, title="Roof of the shop", amount=1000)
    page = open_as(people.manager)
    page.goto(lead.get_absolute_url())
    with walk(page, "U12", "Convert a lead (lead)", 2) as task:
        task.click(page.get_by_role("link", name="Convert"))
        task.click(page.get_by_role("dialog").get_by_role("button", name="Convert"))
        page.wait_for_url("**/deals/*/")
    assert (Deal.objects.count(), Contact.objects.count()) == (1, 1)
    assert task.clicks <= task.goal


def test_my_day_shows_all_without_scrolling(people, deal, open_as, walk):
    now = timezone.now()
    make.activity(people.manager, deal=deal, subject="Late", due_at=now - timedelta(days=2))
    make.activity(people.manager, subject="Now", due_at=now)
    make.deal(people.manager, title="Forgotten", created_at=now)
    make.lead(people.manager, last_name="Newcomer", created_at=now, assigned_at=now)
    page = open_as(people.manager, width=1366, height=768)
    with walk(page, "U16", "See late, today, new, forgotten (my day)", 0, 5) as task:
        page.goto("/")
        for text in ("Late", "Now", "Forgotten", "Newcomer"):
            place = page.get_by_role("main").get_by_text(text).first.bounding_box()
            assert place["y"] + place["height"] <= 768, text
    assert task.clicks <= task.goal


def test_from_a_number_to_its_deals(people, open_as, walk):
    made = make.deal(people.manager, title="Roof of the shop", created_at=timezone.now())
    win_deal(deal_id=made.pk, by=people.manager, now=timezone.now())
    page = open_as(people.head)
    page.goto("/reports/")
    with walk(page, "T14", "From a report's number to its deals (reports)", 2) as task:
        task.click(page.get_by_role("main").get_by_role("link", name="Where do we lose deals?"))
        task.click(page.get_by_role("link", name="Won: 1", exact=True))
        expect(page.get_by_role("main").get_by_text(made.title).first).to_be_visible()
    assert task.clicks <= task.goal
