"""Reports by e-mail: once a turn, with the rights, the language and the zone of the receiver."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, RoleAssignment, User
from crm.cli.programs import beat_command, worker_command
from reports.models import Receiver, Schedule
from reports.sending import services, sweep
from reports.sending.moments import next_moment
from tests import factories as make
from tests.background import Box, FreePort, own_queue, programs, until

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday
SMTP = "django.core.mail.backends.smtp.EmailBackend"
QUERY = "from=2026-11-01&to=2026-11-30"


@contextmanager
def listening() -> Iterator[FreePort]:
    """A mail server on a port of its own."""
    server = FreePort(Box(), hostname="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def box(settings) -> Iterator[Box]:
    with listening() as server:
        options = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
        settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
        settings.BASE_URL = "https://crm.example.com"
        yield server.handler


def schedule(owner, *people, **fields) -> Schedule:
    """A daily one at nine, planned two days ago."""
    given = {"name": "Sales", "report": "managers", "query": QUERY, "rhythm": "daily", "hour": 9}
    row = Schedule(owner=owner, **{**given, **fields})
    return services.keep_schedule(schedule=row, people=people, now=NOW - timedelta(days=2))


def won(owner, amount: int):
    """A deal won today."""
    return make.deal(owner, amount=amount, created_at=NOW, status="won", closed_at=NOW)


def text_of(letter) -> str:
    return letter.get_body(("plain",)).get_content().replace("\xa0", " ")


def test_each_receiver_gets_his_own_numbers_once(people, box):
    won(people.manager, 100)
    won(people.outsider, 7)
    schedule(people.admin, people.head, people.other_head, people.admin)
    first = sweep.sweep_schedules(now=NOW)
    again = sweep.sweep_schedules(now=NOW + timedelta(minutes=1))
    assert (first.claimed, first.sent, again.claimed) == (3, 3, 0)
    told = {letter["To"]: text_of(letter) for letter in box.letters}
    assert "100 ₽" in told[people.head.email]
    assert "107" not in told[people.head.email]
    assert "Won for: 7 ₽" in told[people.other_head.email]
    assert "107 ₽" in told[people.admin.email]


def test_the_letter_holds_the_file_the_link_and_the_way_out(people, box):
    won(people.manager, 100)
    row = schedule(people.head, people.head).receivers.get()
    sweep.sweep_schedules(now=NOW)
    (letter,) = box.letters
    (attached,) = letter.iter_attachments()
    assert attached.get_filename().endswith(".xlsx")
    names = ZipFile(BytesIO(attached.get_content())).namelist()
    assert "xl/worksheets/sheet1.xml" in names
    leave = f"https://crm.example.com{reverse('reports:unsubscribe', args=[row.pk])}"
    assert letter["List-Unsubscribe"] == f"<{leave}>"
    assert "https://crm.example.com/reports/managers/?from=2026-11-01" in text_of(letter)
    assert leave in text_of(letter)


@pytest.mark.parametrize("kind", ["pdf", "csv"])
def test_the_file_is_of_the_chosen_kind(people, box, kind):
    won(people.manager, 100)
    schedule(people.head, people.head, file=kind)
    sweep.sweep_schedules(now=NOW)
    (attached,) = box.letters[0].iter_attachments()
    assert attached.get_filename().endswith(kind)


def test_the_letter_speaks_the_language_of_its_receiver(people, box):
    won(people.manager, 100)
    User.objects.filter(pk=people.head.pk).update(language="ru")
    schedule(people.admin, people.head)
    sweep.sweep_schedules(now=NOW)
    assert "Отписаться" in text_of(box.letters[0])


def test_who_lost_the_right_gets_nothing_and_the_owner_is_told_once(people, box):
    row = schedule(people.admin, people.head)
    RoleAssignment.objects.filter(user=people.head).delete()
    for day in range(3):
        assert sweep.sweep_schedules(now=NOW + timedelta(days=day)).closed == 1
    assert box.letters == []
    assert Notification.objects.filter(user=people.admin).count() == 1
    closed_at = row.receivers.get().closed_at
    assert NOW <= closed_at < NOW + timedelta(minutes=1)


def test_deactivated_unsubscribed_and_stopped_get_nothing(people, box, sign_in):
    row = schedule(people.admin, people.head, people.analyst)
    User.objects.filter(pk=people.head.pk).update(is_active=False)
    url = reverse("reports:unsubscribe", args=[row.receivers.get(user=people.analyst).pk])
    assert sign_in(people.analyst).post(url).status_code == 302
    assert sweep.sweep_schedules(now=NOW).skipped == 1
    assert box.letters == []
    sign_in(people.analyst).post(url, {"to": "back"})
    services.stop_schedule(schedule=row)
    later = timezone.now() + timedelta(days=9)
    assert sweep.sweep_schedules(now=later).claimed == 0


def test_nobody_leaves_for_another(people, sign_in):
    row = schedule(people.admin, people.analyst).receivers.get()
    url = reverse("reports:unsubscribe", args=[row.pk])
    assert sign_in(people.head).post(url).status_code == 404


def test_a_server_that_is_down_loses_nothing(people, settings):
    options = {"host": "127.0.0.1", "port": 9, "timeout": 2}
    settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
    row = schedule(people.head, people.head)
    assert sweep.sweep_schedules(now=NOW).failed == 1
    kept = row.receivers.get()
    assert kept.error
    assert kept.sent_at is None
    with listening() as server:
        options["port"] = server.port
        settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": {**options}}}
        assert sweep.sweep_schedules(now=NOW + timedelta(seconds=30)).claimed == 0
        assert sweep.sweep_schedules(now=NOW + timedelta(minutes=2)).sent == 1
        assert len(server.handler.letters) == 1


def test_a_sweep_that_lost_its_lease_sends_nothing(people, monkeypatch):
    row = schedule(people.head, people.head)
    usual = sweep.report_letter

    def slow(receiver):
        """Counts so long that another sweep takes the row."""
        Receiver.objects.filter(pk=receiver.pk).update(claimed_until=NOW + timedelta(hours=1))
        return usual(receiver)

    monkeypatch.setattr(sweep, "report_letter", slow)
    sweep.sweep_schedules(now=NOW)
    assert mail.outbox == []
    assert row.receivers.get().sent_at is None


def test_after_a_long_stop_one_letter_is_sent(people):
    row = schedule(people.head, people.head)
    sweep.sweep_schedules(now=NOW + timedelta(days=30))
    assert len(mail.outbox) == 1
    assert row.receivers.get().next_at > NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("fields", "zone", "local"),
    [
        ({"rhythm": "daily", "hour": 9}, "Europe/Kyiv", datetime(2026, 11, 21, 7, 0)),
        ({"rhythm": "daily", "hour": 20}, "Asia/Tokyo", datetime(2026, 11, 20, 11, 0)),
        ({"rhythm": "weekly", "weekdays": [1, 3]}, "UTC", datetime(2026, 11, 23, 9, 0)),
        ({"rhythm": "weekly", "weekdays": [5]}, "UTC", datetime(2026, 11, 27, 9, 0)),
        ({"rhythm": "monthly", "month_day": 31}, "UTC", datetime(2026, 11, 30, 9, 0)),
        ({"rhythm": "monthly", "month_day": 1}, "UTC", datetime(2026, 12, 1, 9, 0)),
    ],
)
def test_the_next_turn_is_by_the_clock_of_the_receiver(fields, zone, local):
    row = Schedule(**{"hour": 9, **fields})
    assert next_moment(row, User(time_zone=zone), NOW) == local.replace(tzinfo=UTC)


def body(staff, **more) -> dict:
    """What the form posts."""
    given = {
        "form_key": uuid4(),
        "report": "managers",
        "query": QUERY,
        "name": "Sales",
        "rhythm": "weekly",
        "weekdays": [1],
        "month_day": 1,
        "hour": 9,
        "file": "xlsx",
        "is_on": "on",
        "people": [staff.head.pk],
    }
    return {**given, **more}


def test_a_schedule_is_kept_once_and_shown_to_its_owner_and_administrators(people, sign_in):
    client = sign_in(people.head)
    values = body(people)
    for _time in range(2):
        assert client.post(reverse("reports:schedule_create"), values).status_code == 302
    row = Schedule.objects.get()
    assert row.receivers.get().user == people.head
    for who, count in ((people.head, 1), (people.admin, 1), (people.analyst, 0)):
        assert len(sign_in(who).get(reverse("reports:schedules")).context["rows"]) == count
    edited = body(people, name="Other", people=[people.head.pk, people.admin.pk])
    client.post(reverse("reports:schedule_edit", args=[row.pk]), edited)
    row.refresh_from_db()
    assert (row.name, row.receivers.count()) == ("Other", 2)
    assert (
        sign_in(people.admin).get(reverse("reports:schedule_edit", args=[row.pk])).status_code
        == 404
    )
    sign_in(people.admin).post(reverse("reports:schedule_stop", args=[row.pk]))
    row.refresh_from_db()
    assert not row.is_on
    client.post(reverse("reports:schedule_remove", args=[row.pk]))
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["9"]}, "weekdays"),
        ({"month_day": "32"}, "month_day"),
        ({"hour": "24"}, "hour"),
        ({"report": "settings"}, "report"),
        ({"people": ["9" * 30]}, "people"),
        ({"people": ["x"]}, "people"),
        ({"people": []}, "people"),
        ({"rhythm": "hourly"}, "rhythm"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(people, sign_in, bad, field):
    page = sign_in(people.head).post(reverse("reports:schedule_create"), body(people, **bad))
    assert page.status_code == 422
    assert field in page.context["form"].errors


def test_who_may_not_see_the_report_is_no_receiver(people, sign_in):
    values = body(people, people=[people.head.pk, people.manager.pk])
    page = sign_in(people.head).post(reverse("reports:schedule_create"), values)
    assert page.status_code == 422
    assert str(people.manager) in page.context["form"].errors["people"][0]


@pytest.mark.django_db(transaction=True)
def test_beat_and_worker_send_what_is_due(people, tmp_path):
    now = timezone.now()
    row = schedule(people.head, people.head)
    Receiver.objects.update(next_at=now - timedelta(seconds=5))
    with (
        listening() as server,
        own_queue() as queue,
        programs(
            worker_command(),
            beat_command(tmp_path),
            queue=queue,
            folder=tmp_path,
            mail_port=server.port,
        ),
    ):
        until(lambda: row.receivers.get().sent_at is not None)
        assert [letter["To"] for letter in server.handler.letters] == [people.head.email]
    assert row.receivers.get().next_at > now
