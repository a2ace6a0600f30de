"""The sweep: once in the page, at least once by mail, whatever breaks."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.management import call_command
from django.db import connection

from accounts.models import Notification
from activities import services
from activities.models import Reminder, ReminderState
from activities.services import sweep
from activities.tasks import sweep_reminders
from records.models import Heartbeat
from tests import factories as make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SMTP = "django.core.mail.backends.smtp.EmailBackend"


class Box:
    """Keeps what the SMTP server took; may refuse the first messages."""

    def __init__(self) -> None:
        self.messages: list = []
        self.refusals = 0

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 try later"
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class FreePort(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def box(settings) -> Iterator[Box]:
    kept = Box()
    server = FreePort(kept, hostname="127.0.0.1", port=0)
    server.start()
    options = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
    settings.BASE_URL = "https://crm.example.com"
    yield kept
    server.stop()


@pytest.fixture
def away(settings) -> None:
    """A mail server that refuses connections."""
    options = {"host": "127.0.0.1", "port": 9, "timeout": 2}
    settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}


def remind(user, record=None, subject: str = "Call back") -> Reminder:
    activity = services.plan_activity(
        by=user,
        now=NOW - timedelta(hours=1),
        kind="call",
        record=record,
        subject=subject,
        due_at=NOW + timedelta(minutes=10),
        remind_before=timedelta(minutes=15),
    )
    return Reminder.objects.get(activity=activity)


def test_due_reminder_is_shown_and_mailed_once(people, box):
    deal = make.deal(people.manager, title="Вентиляция\nдля кафе")
    people.manager.language, people.manager.time_zone = "en", "Asia/Tokyo"
    people.manager.save()
    reminder = remind(people.manager, deal, "Call <b>back</b>")
    first = services.sweep_reminders(now=NOW)
    again = services.sweep_reminders(now=NOW + timedelta(minutes=5))
    assert (first.claimed, first.shown, first.mailed, again.claimed) == (1, 1, 1, 0)
    reminder.refresh_from_db()
    assert reminder.state == ReminderState.SENT
    assert reminder.shown_at
    assert reminder.mailed_at
    notice = Notification.objects.get(user=people.manager)
    assert notice.text == "18:10 Call <b>back</b>"
    assert notice.url == reminder.activity.get_absolute_url()
    letter = box.messages[0]
    assert letter["Message-ID"] == sweep_message_id(reminder)
    assert "18:10 Call <b>back</b>" in letter["Subject"]
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    assert f"https://crm.example.com{deal.get_absolute_url()}" in text
    assert "Call &lt;b&gt;back&lt;/b&gt;" in html
    assert "18:10" in text


def sweep_message_id(reminder: Reminder) -> str:
    return f"<reminder.{reminder.pk}.20261124085500@crm.example.com>"


def test_reminder_that_is_not_due_waits(people):
    remind(people.manager)
    assert services.sweep_reminders(now=NOW - timedelta(minutes=10)).claimed == 0


def test_mail_server_away_loses_no_notice_and_mail_comes_later(people, away, settings):
    reminder = remind(people.manager)
    result = services.sweep_reminders(now=NOW)
    assert (result.shown, result.mailed, result.failed) == (1, 0, 1)
    reminder.refresh_from_db()
    assert reminder.state == ReminderState.WAITING
    assert "ConnectionRefused" in reminder.error
    assert services.sweep_reminders(now=NOW + timedelta(seconds=20)).claimed == 0
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    later = services.sweep_reminders(now=NOW + timedelta(minutes=2))
    assert (later.shown, later.mailed) == (0, 1)
    assert Notification.objects.count() == 1


def test_five_failures_end_it_and_keep_the_error(people, away):
    reminder = remind(people.manager)
    for hours in range(7):
        services.sweep_reminders(now=NOW + timedelta(hours=hours))
    reminder.refresh_from_db()
    assert (reminder.state, reminder.attempts) == (ReminderState.FAILED, 5)
    assert reminder.error
    assert Notification.objects.count() == 1


def test_one_refused_letter_does_not_stop_the_others(people, box):
    box.refusals = 1
    reminders = [remind(people.manager, subject=str(n)) for n in range(3)]
    assert services.sweep_reminders(now=NOW).mailed == 2
    assert services.sweep_reminders(now=NOW + timedelta(minutes=2)).mailed == 1
    assert len({letter["Message-ID"] for letter in box.messages}) == len(reminders)


@pytest.mark.parametrize("reason", ["inactive", "done", "deleted", "hidden"])
def test_reminder_that_lost_its_reason_is_cancelled(people, reason):
    deal = make.deal(people.outsider)
    reminder = remind(people.manager, deal)
    activity = reminder.activity
    if reason == "inactive":
        people.manager.is_active = False
        people.manager.save()
    elif reason == "done":
        activity.done_at = NOW
        activity.save()
    elif reason == "deleted":
        activity.deleted_at = NOW
        activity.save()
    else:
        activity.owner = people.outsider
        activity.save()
    assert services.sweep_reminders(now=NOW).cancelled == 1
    assert not Notification.objects.exists()
    assert not mail.outbox


def test_letter_does_not_name_a_record_that_may_not_be_seen(people):
    remind(people.manager, make.deal(people.outsider, title="Secret deal"))
    services.sweep_reminders(now=NOW)
    assert "Secret deal" not in mail.outbox[0].body


def test_crash_after_the_lease_is_delivered_once_when_it_ends(people, monkeypatch):
    remind(people.manager)

    def crash(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(sweep, "_show_all", crash)
        with pytest.raises(SystemExit):
            services.sweep_reminders(now=NOW)
    assert services.sweep_reminders(now=NOW + timedelta(seconds=30)).claimed == 0
    later = services.sweep_reminders(now=NOW + timedelta(seconds=61))
    assert (later.shown, later.mailed) == (1, 1)


def test_crash_between_notice_and_mail_repeats_only_the_mail(people, monkeypatch):
    remind(people.manager)

    def crash(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(sweep, "_mail_all", crash)
        with pytest.raises(SystemExit):
            services.sweep_reminders(now=NOW)
    later = services.sweep_reminders(now=NOW + timedelta(seconds=61))
    assert (later.shown, later.mailed) == (0, 1)
    assert Notification.objects.count() == 1


def test_completed_while_being_sent_stays_cancelled(people, monkeypatch):
    reminder = remind(people.manager)
    show = sweep._show_all

    def complete_in_between(*args):
        shown = show(*args)
        services.complete_activity(activity_id=reminder.activity_id, by=people.manager, now=NOW)
        return shown

    monkeypatch.setattr(sweep, "_show_all", complete_in_between)
    assert services.sweep_reminders(now=NOW).mailed == 0
    reminder.refresh_from_db()
    assert reminder.state == ReminderState.CANCELLED
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_parallel_sweeps_deliver_each_once(people, box):
    for n in range(250):
        remind(people.manager, subject=str(n))
    results, barrier = [], threading.Barrier(3)

    def run() -> None:
        barrier.wait()
        try:
            results.append(services.sweep_reminders(now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(result.shown for result in results) == 250
    assert sum(result.mailed for result in results) == len(box.messages) == 250
    assert Notification.objects.count() == 250
    assert not Reminder.objects.exclude(state=ReminderState.SENT).exists()


def test_task_and_command_do_the_same_and_leave_a_sign_of_life(people):
    sweep_reminders.apply().get()
    assert Heartbeat.objects.filter(name="reminders").exists()
    Heartbeat.objects.all().delete()
    call_command("sweep", "--once", "--only", "reminders")
    assert Heartbeat.objects.filter(name="reminders").exists()
