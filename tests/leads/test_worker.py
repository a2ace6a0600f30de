"""The product's own worker and beat, as processes, against a real queue and a real mail server."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Notification
from activities.models import Reminder, ReminderState
from activities.tasks import sweep_reminders
from crm.cli import processes
from crm.cli.programs import beat_command, worker_command
from leads.models import Decision, Lead, PoolMember, Rule
from leads.tasks import BATCH, distribute, sweep_unassigned
from tests import factories as make
from tests.background import Box, FreePort, lose_messages, own_queue, programs, until
from tests.people import make_department, make_role, make_user

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 1000


@pytest.fixture
def mail_server() -> Iterator[FreePort]:
    server = FreePort(Box(), hostname="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queue(transactional_db) -> Iterator[str]:
    with own_queue() as prefix:
        yield prefix


@pytest.fixture
def start(queue, mail_server, tmp_path):
    """`start(command)` runs a command line of the product until the block ends."""

    def _start(command: list[str]):
        folder = tmp_path / uuid.uuid4().hex
        folder.mkdir()
        return programs(command, queue=queue, folder=folder, mail_port=mail_server.port)

    return _start


def create_on_the_page(client, name: str) -> None:
    body = {"form_key": uuid.uuid4(), "last_name": name, "amount": "1000"}
    assert client.post("/leads/new/", body).status_code == 302


def children_of(parent: subprocess.Popen) -> list[int]:
    listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    if listed.exists():
        return [int(pid) for pid in listed.read_text().split()]
    return [pid for pid, _, _ in processes.all_commands() if pid != parent.pid]


def test_four_worker_processes_give_a_thousand_leads_once_and_evenly(start, monkeypatch):
    department = make_department("Sales")
    role = make_role("Manager", 1)
    people = [make_user(f"m{n}", department, role) for n in range(7)]
    rule = Rule.objects.create(name="All")
    PoolMember.objects.bulk_create(PoolMember(rule=rule, user=person) for person in people)
    Lead.objects.bulk_create(
        Lead(last_name=str(n), created_at=timezone.now()) for n in range(LEADS)
    )
    monkeypatch.setenv("WORKER_CONCURRENCY", "4")
    with start(worker_command()) as (worker,):
        for pk in Lead.objects.order_by("?").values_list("pk", flat=True)[: LEADS // 5]:
            for _ in range(2):  # a message may come twice
                distribute.apply_async(kwargs={"lead_id": pk})
        for _ in range(8 * LEADS // BATCH):  # four at a time, all after the same leads
            sweep_unassigned.apply_async()
        until(lambda: Decision.objects.count() > LEADS // 10)
        os.kill(children_of(worker)[0], signal.SIGKILL)
        until(lambda: not Lead.objects.unassigned().exists())
    given = [Lead.objects.filter(owner=person).count() for person in people]
    assert sum(given) == LEADS
    assert max(given) - min(given) <= 1
    assert Decision.objects.count() == LEADS


def test_lead_and_reminder_are_served_even_when_the_queue_is_emptied(
    people, sign_in, start, queue, mail_server, tmp_path
):
    rule = Rule.objects.create(name="All to the manager")
    PoolMember.objects.create(rule=rule, user=people.manager)
    client = sign_in(people.admin)
    due = timezone.now() - timedelta(seconds=5)
    call = make.activity(people.manager, kind="call", subject="Call about it", due_at=due)
    Reminder.objects.create(activity=call, user=people.manager, due_at=due)
    create_on_the_page(client, "Lost")
    assert lose_messages(queue) > 0
    with start(worker_command()):
        create_on_the_page(client, "Prompt")
        until(lambda: Lead.objects.get(last_name="Prompt").owner == people.manager)
        assert Lead.objects.get(last_name="Lost").owner is None
        with start(beat_command(tmp_path)):
            until(lambda: Lead.objects.get(last_name="Lost").owner == people.manager)
            until(lambda: Reminder.objects.get().state == ReminderState.SENT)
            lose_messages(queue)  # while both run
            create_on_the_page(client, "After")
            until(lambda: Lead.objects.get(last_name="After").owner == people.manager)
            for _ in range(3):
                sweep_reminders.apply_async()
            create_on_the_page(client, "Last")
            until(lambda: Lead.objects.get(last_name="Last").owner == people.manager)
    assert [letter["To"] for letter in mail_server.handler.letters] == [people.manager.email]
    assert "Call about it" in mail_server.handler.letters[0]["Subject"]
    assert Notification.objects.filter(user=people.manager, kind="reminder").count() == 1
    bell = sign_in(people.manager).get("/accounts/notifications/")
    assert "Call about it" in bell.content.decode()
