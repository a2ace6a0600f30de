"""A whole sales day: a worker gives the lead out, a manager wins the deal, the head sees it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Notification
from activities.models import Activity, Kind, Reminder, ReminderState
from activities.tasks import sweep_reminders
from contacts.models import Contact
from crm.celery import app
from deals.models import Deal, DealStatus
from leads.models import Lead, PoolMember, Rule
from leads.services import save_lead
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60  # seconds for the worker to come up on a busy machine
BELL = 30_000  # milliseconds; the bell asks every fifteen seconds


class Box:
    """Keeps the letters that the SMTP server took."""

    def __init__(self) -> None:
        self.letters: list = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class FreePort(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mail_server() -> Iterator[FreePort]:
    server = FreePort(Box(), hostname="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queue() -> Iterator[str]:
    """A prefix of keys in Redis that only this test and its worker use."""
    prefix = f"e2e-{uuid4().hex[:8]}:"
    former = app.conf.broker_transport_options
    app.conf.broker_transport_options = {**former, "global_keyprefix": prefix}
    _forget_connections()
    yield prefix
    with app.connection_for_write() as link:
        keys = list(link.default_channel.client.scan_iter(f"{prefix}*"))
    app.conf.broker_transport_options = former
    _forget_connections()
    assert len(keys) < 20


def _forget_connections() -> None:
    """The next task opens a connection by the present options."""
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def worker(transactional_db, queue, mail_server, tmp_path) -> Iterator[subprocess.Popen]:
    """A Celery worker in its own process on the test database, ready to take tasks."""
    where = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    query = f"?{where.query}" if where.query else ""
    environment = {
        **os.environ,
        "DATABASE_URL": f"{where.scheme}://{where.netloc}/{name}{query}",
        "QUEUE_PREFIX": queue,
        "CACHE_PREFIX": queue,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
    }
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--concurrency", "2"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, *quiet],
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: " ready." in log.read_text() or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(condition, seconds: float = PATIENCE) -> None:
    """Wait for the condition, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_a_lead_becomes_a_won_deal(people, worker, open_as):
    make.pipeline()
    make.currency()
    rule = Rule.objects.create(name="All to the manager")
    PoolMember.objects.create(rule=rule, user=people.manager)
    page = open_as(people.manager)
    page.goto("/")

    lead = Lead(last_name="Лисенко", first_name="Богдан", title="Roof of the shop", amount=1000)
    save_lead(lead=lead, by=people.admin, now=timezone.now(), phones=["+380671234567"], emails=[])
    until(lambda: Lead.objects.get().owner_id == people.manager.pk, 20)
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
    until(lambda: Reminder.objects.get().state == ReminderState.SENT, 20)
    toast = page.locator("#toasts").get_by_role("button", name="Call about it")
    toast.wait_for(timeout=BELL)
    page.reload()
    with page.expect_response("**/badge/"):
        pass
    page.wait_for_load_state("networkidle")
    expect(page.locator("#bell-n")).to_contain_text("1")
    expect(toast).to_have_count(0)
    assert Notification.objects.count() == 1
    (letter,) = mail_server.handler.letters
    assert letter["To"] == people.manager.email
    assert "Call about it" in letter["Subject"]
