"""Reports in the background: counted once, kept for who asked, purged in time."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import QueryCanceled

from accounts.models import Notification, RoleAssignment, User
from crm.cli.programs import worker_command
from reports.models import Run
from reports.running import services
from reports.views import managers
from tests import factories as make
from tests.background import own_queue, programs, until
from tests.factories import NOW

pytestmark = pytest.mark.django_db
QUERY = "from=2026-11-01&to=2026-11-30"


def ask(user, **fields) -> Run:
    given = {"report": "managers", "query": QUERY, "file": "csv", "now": timezone.now()}
    return services.ask_run(by=user, **{**given, **fields})


def won(owner, amount: int):
    return make.deal(owner, amount=amount, created_at=NOW, status="won", closed_at=NOW)


def test_a_run_is_counted_with_the_rights_of_its_asker(people, sign_in):
    won(people.manager, 100)
    won(people.outsider, 7)
    run = ask(people.head)
    assert services.work_on(pk=run.pk, now=timezone.now())
    run.refresh_from_db()
    assert run.state == "done"
    assert "100" in run.answer
    text = bytes(run.content).decode("utf-8-sig")
    assert "Manager" in text
    assert "Outsider" not in text
    assert Notification.objects.get(user=people.head).url == run.get_absolute_url()
    client = sign_in(people.head)
    got = client.get(reverse("reports:run_file", args=[run.pk]))
    assert got.content == bytes(run.content)
    for name in ("run", "run_file"):
        url = reverse(f"reports:{name}", args=[run.pk])
        assert sign_in(people.admin).get(url).status_code == 404


def test_the_file_closes_with_the_right(people, sign_in):
    run = ask(people.head)
    services.work_on(pk=run.pk, now=timezone.now())
    RoleAssignment.objects.filter(user=people.head).delete()
    url = reverse("reports:run_file", args=[run.pk])
    assert sign_in(people.head).get(url).status_code == 403


def test_a_run_is_counted_once_whoever_calls(people):
    run = ask(people.head)
    now = timezone.now()
    assert services.work_on(pk=run.pk, now=now)
    assert not services.work_on(pk=run.pk, now=now)
    assert Notification.objects.filter(user=people.head).count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(people, monkeypatch):
    run = ask(people.head)
    usual = services.made

    def slow(*args):
        Run.objects.update(claimed_until=timezone.now() + timedelta(hours=1))
        return usual(*args)

    monkeypatch.setattr(services, "made", slow)
    services.work_on(pk=run.pk, now=timezone.now())
    run.refresh_from_db()
    assert run.is_open
    assert run.content is None


def test_a_run_whose_worker_dies_is_taken_up_and_at_last_given_up(people):
    run, now = ask(people.head), timezone.now()
    for _time in range(services.ATTEMPTS):
        assert services._claim(run.pk, now)
        now += services.LEASE + timedelta(seconds=1)
        assert services.quiet_runs(now) == [run.pk]
    assert not services.work_on(pk=run.pk, now=now)
    run.refresh_from_db()
    assert (run.state, run.is_open) == ("failed", False)


def test_a_failure_is_tried_again_then_told(people, monkeypatch):
    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(services, "made", broken)
    run = ask(people.head)
    for _time in range(services.ATTEMPTS):
        services.work_on(pk=run.pk, now=timezone.now())
    run.refresh_from_db()
    assert run.state == "failed"
    assert "log of the worker" in run.problem


def test_who_lost_the_right_or_is_deactivated_gets_no_result(people):
    run, other = ask(people.head), ask(people.admin)
    RoleAssignment.objects.filter(user=people.head).delete()
    User.objects.filter(pk=people.admin.pk).update(is_active=False)
    for row in (run, other):
        services.work_on(pk=row.pk, now=timezone.now())
        row.refresh_from_db()
        assert row.state == "failed"
        assert row.content is None


def test_the_page_asks_again_while_it_is_open(people, sign_in, monkeypatch):
    called = []
    monkeypatch.setattr("reports.views.runs.wake", lambda run: called.append(run.pk))
    client = sign_in(people.head)
    body = {"report": "managers", "query": QUERY, "file": "pdf"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act: act())
        first = client.post(reverse("reports:run_ask"), body)
    again = client.post(reverse("reports:run_ask"), body)
    assert first.url == again.url
    run = Run.objects.get()
    assert called == [run.pk]
    url = run.get_absolute_url()
    assert "every 2s" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    services.work_on(pk=run.pk, now=timezone.now())
    assert "every 2s" not in client.get(url).content.decode()
    assert len(client.get(reverse("reports:runs")).context["rows"]) == 1


def test_nobody_asks_for_more_than_a_few_at_once(people, sign_in, monkeypatch):
    monkeypatch.setattr(services, "MOST_OPEN", 1)
    ask(people.head)
    body = {"report": "losses", "query": "", "file": "pdf"}
    assert sign_in(people.head).post(reverse("reports:run_ask"), body).status_code == 422


@pytest.mark.parametrize("bad", [{"report": "x"}, {"file": "exe"}, {"query": "a" * 2000}])
def test_a_wrong_question_is_named(people, sign_in, bad):
    body = {"report": "losses", "query": "", "file": "pdf", **bad}
    assert sign_in(people.head).post(reverse("reports:run_ask"), body).status_code == 422


def test_a_report_too_long_for_a_page_offers_the_background(people, sign_in, monkeypatch):
    def slow(asked):
        raise OperationalError from QueryCanceled()

    monkeypatch.setattr(managers, "managers_report", slow)
    page = sign_in(people.head).get(reverse("reports:managers"), {"period": "all"})
    assert page.status_code == 503
    assert f"{reverse('reports:run_ask')}?report=managers" in page.content.decode()


def test_old_results_are_purged(people, settings):
    settings.REPORT_RUN_DAYS = 30
    old, fresh = ask(people.head), ask(people.admin)
    for row in (old, fresh):
        services.work_on(pk=row.pk, now=timezone.now())
    Run.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    services.purge_runs(now=timezone.now())
    assert list(Run.objects.all()) == [fresh]


@pytest.mark.django_db(transaction=True)
def test_the_worker_counts_what_is_asked(people, sign_in, tmp_path):
    body = {"report": "managers", "query": QUERY, "file": "xlsx"}
    with (
        own_queue() as queue,
        programs(worker_command(), queue=queue, folder=tmp_path, mail_port=9),
    ):
        sign_in(people.head).post(reverse("reports:run_ask"), body)
        until(lambda: Run.objects.get().state == "done")
