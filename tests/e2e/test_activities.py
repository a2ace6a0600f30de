"""A manager's day in a real browser: a note, a tick with the next step, one day on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activities.models import Activity
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_note_is_written_by_ctrl_enter_and_stands_on_top(people, open_as):
    deal = make.deal(people.manager)
    page = open_as(people.manager)
    page.goto(f"/activities/timeline/deal/{deal.pk}/")
    page.fill("textarea[name=body]", "Estimate approved")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".tl >> text=Estimate approved")
    assert page.input_value("textarea[name=body]") == ""
    assert Activity.objects.get().deal == deal


def test_tick_in_my_day_plans_the_next_step_and_stays_on_the_page(people, open_as):
    deal = make.deal(people.manager)
    make.activity(
        people.manager, deal=deal, kind="call", subject="First call", due_at=timezone.now()
    )
    page = open_as(people.manager)
    page.goto("/")
    page.click("a.tick")
    page.click("#dialog-body .pick >> nth=0")
    page.click("#dialog-body .pick >> nth=-1")
    page.click("#dialog-body button[type=submit]")
    page.wait_for_selector("#day:not(:has(.task a:text('First call')))")
    assert not page.is_visible("#dialog")
    assert Activity.objects.done().get().result == "talked"
    assert Activity.objects.planned().get().deal == deal


def test_one_day_on_moves_the_row_to_tomorrow(people, open_as):
    late = timezone.now() - timedelta(days=3)
    make.activity(people.manager, subject="Late task", due_at=late)
    page = open_as(people.manager)
    page.goto("/")
    page.click(".plus1 button")
    page.wait_for_selector("#tomorrow .n:text('1')")
    assert not page.is_visible("#overdue")
