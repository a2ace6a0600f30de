"""Pages of activities: composer, timeline, list, dialogs, and who may enter."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity, Reminder, ReminderState
from tests import factories as make

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "timeline"}


@pytest.fixture
def deal(people):
    return make.deal(people.manager, title="Ventilation", company=make.company(people.manager))


@pytest.fixture
def client(people, sign_in):
    return sign_in(people.manager)


def door(name, deal):
    return reverse(f"activities:{name}", args=["deal", deal.pk])


def note(**fields):
    return {"form_key": uuid.uuid4(), "kind": "note", "body": "Hello", **fields}


def plan(**fields):
    return {
        "form_key": uuid.uuid4(),
        "kind": "task",
        "subject": "Send the offer",
        "due_at": "2030-05-06T15:30",
        "remind": "15",
        **fields,
    }


def test_note_is_written_without_script(client, deal):
    answer = client.post(door("log", deal), note())
    assert answer.status_code == 302
    assert answer["Location"] == deal.get_absolute_url()
    assert Activity.objects.get().body == "Hello"


def test_note_by_htmx_refreshes_the_timeline(client, deal):
    answer = client.post(door("log", deal), note(), follow=True, **HTMX)
    assert answer.redirect_chain == [(door("timeline", deal), 303)]
    page = answer.content.decode()
    assert "Hello" in page
    assert "<html" not in page


def test_same_form_twice_makes_one(client, deal):
    form = note()
    for _ in range(2):
        assert client.post(door("log", deal), form).status_code == 302
    assert Activity.objects.count() == 1


def test_call_with_result_plans_the_next_step_in_the_persons_zone(client, deal):
    form = note(kind="call", result="talked", minutes="6", plan_next="on")
    form |= {"next_kind": "email", "next_at": "2030-05-06T10:00", "next_subject": "Offer"}
    assert client.post(door("log", deal), form).status_code == 302
    call, step = Activity.objects.order_by("pk")
    assert (call.result, call.direction, call.duration) == ("talked", "out", 360)
    assert step.due_at.isoformat() == "2030-05-06T07:00:00+00:00"
    assert Reminder.objects.get(activity=step).state == ReminderState.WAITING


def test_plan_is_made_with_its_reminder(client, people, deal):
    assert client.post(door("plan", deal), plan()).status_code == 302
    made = Activity.objects.get()
    assert (made.deal, made.company, made.owner) == (deal, deal.company, people.manager)
    assert made.due_at - Reminder.objects.get().due_at == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("due_at", "2030-02-31T10:00"),
        ("due_at", "2030-02-03T24:00"),
        ("due_at", "0001-01-01T00:00"),
        ("due_at", "9999-12-31T23:59"),
        ("due_at", "2100-01-01T00:00"),
        ("due_at", "some day"),
        ("due_at", ""),
        ("due_at", "x" * 100_000),
        ("subject", ""),
        ("subject", " \u00a0 "),
        ("subject", "a\x00b"),
        ("subject", "x" * 201),
        ("body", "x" * 1_000_000),
        ("kind", "note"),
        ("kind", "'; drop"),
        ("owner", "999999"),
        ("owner", "9" * 40),
        ("owner", "-1"),
        ("owner", "abc"),
        ("remind", "7"),
        ("ends_at", "2029-01-01T00:00"),
        ("ends_at", "2041-01-01T00:00"),
        ("form_key", ""),
        ("form_key", "x" * 10_000),
    ],
)
def test_bad_plan_is_answered_at_its_field_and_nothing_is_stored(client, deal, field, value):
    answer = client.post(door("plan", deal), plan(**{field: value}), **HTMX)
    assert answer.status_code == 422
    assert answer.context["timeline"].form.errors[field]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", ""),
        ("body", "a\x00b"),
        ("body", "x" * 1_000_000),
        ("kind", "meeting"),
        ("minutes", "-1"),
        ("minutes", "1e9"),
        ("result", "bought"),
        ("next_at", "2030-13-01T10:00"),
    ],
)
def test_bad_note_keeps_the_text(client, deal, field, value):
    form = note(plan_next="on", next_at="2030-05-06T10:00") | {field: value}
    answer = client.post(door("log", deal), form)
    assert answer.status_code == 422
    assert field in answer.context["timeline"].form.errors
    if field != "body":
        assert "Hello" in answer.content.decode()
    assert not Activity.objects.exists()


def test_owner_outside_ones_people_is_refused(client, people, deal):
    answer = client.post(door("plan", deal), plan(owner=people.colleague.pk))
    assert answer.status_code == 422
    assert not Activity.objects.exists()


def test_time_in_the_gap_is_shifted_and_told_back(client, deal):
    client.post(door("plan", deal), plan(due_at="2030-03-31T03:30"))
    local = timezone.localtime(Activity.objects.get().due_at, timezone.get_current_timezone())
    assert local.minute == 30


@pytest.mark.parametrize("kind", ["product", "user", "activity", "x'"])
def test_timeline_of_an_unknown_kind_is_not_found(client, kind):
    assert client.get(f"/activities/timeline/{kind}/1/").status_code == 404
    assert client.post(f"/activities/log/{kind}/1/", note()).status_code == 404


@pytest.mark.parametrize("pk", [0, 999_999, 2**63, 10**30])
def test_unknown_record_is_not_found(client, pk):
    assert client.get(f"/activities/timeline/deal/{pk}/").status_code == 404
    assert client.post(f"/activities/plan/deal/{pk}/", plan()).status_code == 404


@pytest.mark.parametrize("name", ["log", "plan", "timeline"])
def test_record_of_a_colleague_is_not_found(people, sign_in, deal, name):
    stranger = sign_in(people.colleague)
    method = stranger.get if name == "timeline" else stranger.post
    assert method(door(name, deal), note()).status_code == 404
    assert not Activity.objects.exists()


def test_reader_without_the_right_to_create_is_refused(people, sign_in, deal):
    reader = sign_in(people.analyst)
    assert reader.post(door("log", deal), note()).status_code == 403
    page = reader.get(door("timeline", deal)).content.decode()
    assert "composer" not in page
    assert not Activity.objects.exists()


@pytest.mark.parametrize("name", ["detail", "edit", "complete", "reschedule", "delete"])
def test_activity_follows_its_record(people, sign_in, deal, name):
    activity = make.activity(people.manager, deal=deal, company=deal.company)
    url = reverse(f"activities:{name}", args=[activity.pk])
    stranger = sign_in(people.colleague)
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, {}).status_code in (404, 405)
    reader = sign_in(people.analyst)
    assert reader.get(url).status_code == (200 if name == "detail" else 403)


def test_client_seen_by_another_does_not_open_the_activities_of_the_deal(people, sign_in, deal):
    deal.company.owner = people.colleague
    deal.company.save()
    make.activity(people.manager, deal=deal, company=deal.company, subject="Secret step")
    url = reverse("activities:timeline", args=["company", deal.company.pk])
    assert "Secret step" not in sign_in(people.colleague).get(url).content.decode()


def test_own_task_on_a_foreign_deal_does_not_name_the_deal(people, sign_in):
    foreign = make.deal(people.outsider, title="Foreign deal")
    make.activity(people.manager, deal=foreign, due_at=timezone.now())
    client = sign_in(people.manager)
    for url in (reverse("activities:list"), reverse("home")):
        page = client.get(url).content.decode()
        assert "Перезвонить" in page
        assert "Foreign deal" not in page


@pytest.mark.parametrize("target", ["timeline", "composer", "history-more"])
def test_timeline_gives_the_part_that_was_asked_for(client, people, deal, target):
    make.activity(people.manager, deal=deal, done_at=timezone.now(), kind="note", body="Old note")
    parts = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": target}
    page = client.get(door("timeline", deal) + "?compose=call", **parts).content.decode()
    assert ("composer" in page) == (target != "history-more")
    assert ("Old note" in page) == (target != "composer")


@pytest.mark.parametrize(
    "query", ["kind=call", "kind=rubbish", "before=x~y", "before=9999~1", "compose=email", "%00"]
)
def test_rubbish_in_the_query_is_ignored(client, deal, query):
    assert client.get(f"{door('timeline', deal)}?{query}").status_code == 200


def test_history_is_paged_and_changes_are_folded(client, people, deal):
    now = timezone.now()
    for n in range(40):
        at = now - timedelta(days=40 - n)
        make.activity(people.manager, deal=deal, kind="note", body=f"note-{n}.", done_at=at)
    deal.title = "Other title"
    deal.save()
    deal.amount = 700
    deal.save()
    first = client.get(door("timeline", deal), **HTMX)
    entries = first.context["timeline"].entries
    assert len([entry for entry in entries if entry.activity]) == 30
    assert [len(entry.changes) for entry in entries if entry.changes] == [2, 1]
    more = f"{door('timeline', deal)}?before={first.context['timeline'].next_before}"
    rest = client.get(more.replace("+", "%2B"), **HTMX).context["timeline"]
    assert [entry.activity.body for entry in rest.entries if entry.activity][-1] == "note-0."
    assert len([entry for entry in rest.entries if entry.activity]) == 10
    assert rest.next_before == ""


def test_record_brought_in_stands_in_the_history_where_it_was_made(client, people):
    made = timezone.now() - timedelta(days=90)
    lead = make.lead(people.manager, created_at=made)
    make.activity(people.manager, lead=lead, kind="note", done_at=made + timedelta(days=1))
    page = client.get(reverse("activities:timeline", args=["lead", lead.pk]))
    entries = page.context["timeline"].entries
    assert [bool(entry.activity) for entry in entries] == [True, False]
    assert entries[1].is_creation
    assert entries[1].at == made


def test_tick_asks_how_it_went_and_plans_the_next_step(client, people, deal):
    activity = make.activity(people.manager, deal=deal, kind="call", due_at=timezone.now())
    url = reverse("activities:complete", args=[activity.pk])
    dialog = client.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in dialog
    form = {"result": "talked", "body": "Fine", "plan_next": "on", "next_kind": "meeting"}
    answer = client.post(url, form | {"next_at": "2030-05-06T10:00", "next": "/?x=1"})
    assert answer["Location"] == "/?x=1"
    activity.refresh_from_db()
    assert activity.done_at
    assert Activity.objects.planned().get().kind == "meeting"
    assert client.post(url, form | {"plan_next": ""}).status_code == 422


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:1", "\\\\x"]
)
def test_return_address_of_another_site_is_ignored(client, people, deal, address):
    activity = make.activity(people.manager, deal=deal)
    answer = client.post(reverse("activities:complete", args=[activity.pk]), {"next": address})
    assert answer["Location"] == deal.get_absolute_url()


def test_one_day_on_by_button_refreshes_the_part(client, people, deal):
    activity = make.activity(people.manager, deal=deal, due_at=timezone.now())
    url = reverse("activities:reschedule", args=[activity.pk])
    answer = client.post(
        url, {"shift": "day", "next": "/"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="day"
    )
    assert (answer.status_code, answer["Location"]) == (303, "/")
    moved = Activity.objects.get(pk=activity.pk)
    assert moved.due_at - activity.due_at == timedelta(days=1)
    assert client.post(url, {"due_at": ""}).status_code == 422
    assert client.post(url, {"shift": "year"}).status_code == 422


def test_stale_edit_shows_both_and_a_fresh_one_is_stored(client, people, deal):
    activity = make.activity(people.manager, deal=deal)
    url = reverse("activities:edit", args=[activity.pk])
    form = {"kind": "task", "subject": "Mine", "due_at": "2030-05-06T15:30", "version": 1}
    form |= {"owner": people.manager.pk, "remind": "60"}
    assert client.post(url, form).status_code == 302
    assert Reminder.objects.get().state == ReminderState.WAITING
    stale = client.post(url, form | {"subject": "Stale"})
    assert stale.status_code == 409
    assert "Stale" in stale.content.decode()
    assert client.post(url, form | {"version": "old"}).status_code == 422
    assert client.get(url).status_code == 200
    activity.refresh_from_db()
    assert activity.subject == "Mine"


def test_done_call_may_be_corrected(client, people, deal):
    call = make.activity(people.manager, deal=deal, kind="call", done_at=timezone.now())
    url = reverse("activities:edit", args=[call.pk])
    form = {"kind": "call", "body": "Corrected", "result": "no_answer", "version": 1}
    assert client.post(url, form | {"owner": people.manager.pk}).status_code == 302
    call.refresh_from_db()
    assert (call.body, call.result) == ("Corrected", "no_answer")


def test_deleted_task_goes_to_the_trash(client, people, deal):
    activity = make.activity(people.manager, deal=deal)
    url = reverse("activities:delete", args=[activity.pk])
    assert client.get(url).status_code == 200
    assert client.post(url)["Location"] == reverse("activities:list")
    assert client.get(activity.get_absolute_url()).status_code == 404


def test_quick_task_of_a_record_and_of_none(client, people, deal):
    url = reverse("activities:create")
    page = client.get(f"{url}?record=deal:{deal.pk}", HTTP_HX_REQUEST="true").content.decode()
    assert "Ventilation" in page
    assert client.post(url, plan(record=f"deal:{deal.pk}", next="/")).status_code == 302
    assert client.post(url, plan(record="")).status_code == 302
    assert set(Activity.objects.values_list("deal", flat=True)) == {deal.pk, None}


@pytest.mark.parametrize(
    "record", ["deal:0", "deal:x", "deal:", "user:1", "x", "deal:9" + "9" * 30]
)
def test_quick_task_of_a_foreign_record_is_not_found(client, record):
    url = reverse("activities:create")
    assert client.get(f"{url}?record={record}").status_code == 404
    assert client.post(url, plan(record=record)).status_code in (404, 422)
    assert not Activity.objects.exists()


def test_list_has_a_tab_for_each_time(client, people):
    now = timezone.now()
    for days in (-3, 3):
        make.activity(people.manager, due_at=now + timedelta(days=days), subject=f"in {days}.")
    make.activity(people.manager, due_at=now, subject="in 0.")
    make.activity(people.manager, done_at=now, subject="was.")
    make.activity(people.colleague, due_at=now, subject="not mine.")
    url = reverse("activities:list")
    for tab, subject in [
        ("overdue", "in -3."),
        ("today", "in 0."),
        ("upcoming", "in 3."),
        ("done", "was."),
    ]:
        page = client.get(url, {"tab": tab})
        assert [row.subject for row in page.context["rows"]] == [subject]


def test_head_sees_his_people_and_reports_link_by_day(people, sign_in):
    now = timezone.now()
    make.activity(people.manager, done_at=now, due_at=now - timedelta(days=1), subject="late.")
    make.activity(people.manager, done_at=now - timedelta(days=9), subject="early.")
    make.activity(people.outsider, done_at=now, subject="foreign.")
    head = sign_in(people.head)
    today = timezone.localdate().isoformat()
    query = {"owner": "", "done_from": today, "done_to": today, "late": "true"}
    page = head.get(reverse("activities:list"), query)
    assert [row.subject for row in page.context["rows"]] == ["late."]


@pytest.mark.parametrize(
    "query",
    [
        "tab=x",
        "owner=abc",
        "owner=99999999999999999999",
        "kind=x",
        "done_from=x&done_to=0001-01-01",
        "done_to=9999-12-31",
        "late=x",
        "after=rubbish",
        "owner=%00",
    ],
)
def test_rubbish_in_the_filter_is_ignored(client, query):
    assert client.get(f"{reverse('activities:list')}?{query}").status_code == 200


@pytest.mark.parametrize("page", ["list", "timeline"])
def test_number_of_queries_does_not_grow(people, sign_in, page):
    deal = make.deal(people.manager, company=make.company(people.manager))
    url = reverse("activities:list") if page == "list" else door("timeline", deal)
    head = sign_in(people.head)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert head.get(url, {"owner": ""}).status_code == 200
        return len([1 for query in caught if "django_session" not in query["sql"]])

    def fill(size: int) -> None:
        for _ in range(size):
            make.activity(people.manager, deal=deal, company=deal.company, due_at=timezone.now())
            make.activity(people.manager, deal=deal, kind="note", done_at=timezone.now())

    fill(2)
    few = count()
    fill(25)
    assert count() == few
    assert few <= (13 if page == "list" else 15), few
