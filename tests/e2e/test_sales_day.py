"""A whole sales day: a worker gives the lead out, a manager wins the deal, the head sees it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Notification
from activities.models import Activity, Kind, Reminder, ReminderState
from activities.tasks import sweep_reminders
from contacts.models import Contact
from crm.cli.programs import worker_command
from deals.models import Deal, DealStatus
from leads.models import Lead, PoolMember, Rule
from leads.services import save_lead
from tests import factories as make
from tests.background import Box, FreePort, own_queue, programs, until

pytestmark = pytest.mark.django_db(transaction=True)

BELL = 30_000  # milliseconds; the bell asks every fifteen seconds


@pytest.fixture
def mail_server() -> Iterator[FreePort]:
    server = FreePort(Box(), hostname="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def worker(transactional_db, mail_server, tmp_path) -> Iterator[None]:
    """The product's worker in its own process on the test database."""
    with (
        own_queue() as queue,
        programs(worker_command(), queue=queue, folder=tmp_path, mail_port=mail_server.port),
    ):
        yield


def test_a_lead_becomes_a_won_deal(people, worker, open_as):
    make.pipeline()
    make.currency()
    rule = Rule.objects.create(name="All to the manager")
    PoolMember.objects.create(rule=rule, user=people.manager)
    page = open_as(people.manager)
    page.goto("/")

    lead = Lead(last_name="Лисенко", first_name="Богдан", title="Roof of the shop", amount=1000)
    save_lead(lead=lead, by=people.admin, now=timezone.now(), phones=["+380671234567"], emails=[])
    until(lambda: Lead.objects.get().owner_id == people.manager.pk)
    assert lead.decisions.get().rule == rule

    toast = page.locator("#toasts").get_by_role("button", name="New lead: Лисенко Богдан")
    toast.wait_for(timeout=BELL)  # the page was not loaded anew
    expect(page.locator("#bell-n")).to_contain_text("1")
    toast.click()
    page.wait_for_url(f"**{lead.get_absolute_url()}")

    composer = page.locator("#composer")
    composer.get_by_role("link", name="Call").click()
    composer.get_by_label("Talked").check()
    composer.get_by_role("textbox").first.fill("Wants a new roof by winter")
    composer.get_by_role("button", name="Save entry").click()
    expect(page.locator("#timeline .tl")).to_contain_text("Wants a new roof by winter")
    expect(page.get_by_role("main")).to_have_count(1)
    assert Activity.objects.get(kind=Kind.CALL, done_at__isnull=False).lead == lead

    page.get_by_role("link", name="Convert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("1200")
    dialog.get_by_role("button", name="Convert").dblclick()
    page.wait_for_url("**/deals/*/")
    deal = Deal.objects.get()  # one, whatever the second click did
    assert (deal.title, int(deal.amount), Contact.objects.count()) == ("Roof of the shop", 1200, 1)

    expect(page.get_by_role("heading", name="Roof of the shop")).to_be_visible()
    expect(page.get_by_text("Wants a new roof by winter")).to_be_visible()
    page.get_by_role("button", name="Stage 2").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Stage 2")
    page.get_by_role("button", name="Won", exact=True).click()
    expect(page.get_by_text("The deal is won.")).to_be_visible()
    deal.refresh_from_db()
    assert (deal.status, deal.stage.name) == (DealStatus.WON, "Stage 2")

    report = open_as(people.head)
    report.goto("/reports/")
    report.get_by_role("main").get_by_role("link", name="Where do we lose deals?").click()
    expect(report.get_by_role("link", name="Won: 1", exact=True)).to_be_visible()


def test_a_due_reminder_is_shown_once_and_mailed(people, worker, mail_server, open_as):
    deal = make.deal(people.manager, title="Roof of the shop")
    due = timezone.now() - timedelta(seconds=5)
    call = make.activity(
        people.manager, deal=deal, kind="call", subject="Call about it", due_at=due
    )
    Reminder.objects.create(activity=call, user=people.manager, due_at=due)
    page = open_as(people.manager)
    page.goto("/deals/")
    for _ in range(3):
        sweep_reminders.apply_async()
    until(lambda: Reminder.objects.get().state == ReminderState.SENT)
    toast = page.locator("#toasts").get_by_role("button", name="Call about it")
    toast.wait_for(timeout=BELL)
    with page.expect_response("**/badge/"):
        page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#bell-n")).to_contain_text("1")
    expect(toast).to_have_count(0)
    assert Notification.objects.count() == 1
    (letter,) = mail_server.handler.letters
    assert letter["To"] == people.manager.email
    assert "Call about it" in letter["Subject"]
