"""Writing activities: what is stored, what is refused, what follows."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest

from activities import services
from activities.models import Activity, Reminder, ReminderState
from activities.moments import day_later, to_instant, usual_next_moment, zone_of
from activities.services import ActivityError, NextStep
from deals.models import Deal
from records.events import subscribe
from tests import factories as make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KYIV = zoneinfo.ZoneInfo("Europe/Kyiv")
QUARTER = timedelta(minutes=15)


@pytest.fixture
def deal(people):
    company, contact = make.company(people.manager), make.contact(people.manager)
    return make.deal(people.manager, company=company, contact=contact)


@pytest.fixture
def planned(people, deal):
    return services.plan_activity(
        by=people.manager,
        now=NOW,
        kind="call",
        record=deal,
        subject="Call about the offer",
        due_at=NOW + timedelta(hours=2),
        remind_before=QUARTER,
    )


def waiting(activity):
    return Reminder.objects.filter(activity=activity, state=ReminderState.WAITING)


def test_call_is_logged_with_its_next_step(people, deal):
    call = services.log_activity(
        by=people.manager,
        now=NOW,
        kind="call",
        record=deal,
        body="Agreed",
        result="talked",
        duration=360,
        next_step=NextStep("email", NOW + timedelta(days=3), "Send the offer"),
    )
    assert (call.done_at, call.happened_at, call.owner) == (NOW, NOW, people.manager)
    step = Activity.objects.planned().get(deal=deal)
    assert (step.kind, step.subject, step.owner) == ("email", "Send the offer", people.manager)


def test_activity_of_deal_stands_on_the_timeline_of_its_client(people, deal, planned):
    for record in (deal, deal.company, deal.contact):
        assert planned in Activity.objects.of(record)


def test_done_in_the_future_is_refused(people, deal):
    with pytest.raises(ActivityError) as refusal:
        services.log_activity(
            by=people.manager, now=NOW, kind="call", record=deal, done_at=NOW + timedelta(hours=1)
        )
    assert refusal.value.field == "done_at"
    assert not Activity.objects.exists()


def test_completing_cancels_reminders_and_plans_the_next_step(people, planned):
    done = services.complete_activity(
        activity_id=planned.pk,
        by=people.manager,
        now=NOW + timedelta(minutes=5),
        result="talked",
        body="Went well",
        next_step=NextStep("meeting", NOW + timedelta(days=1), "Show samples"),
    )
    assert done.happened_at == done.done_at == NOW + timedelta(minutes=5)
    assert (done.result, done.body, done.version) == ("talked", "Went well", 2)
    assert not waiting(planned).exists()
    assert Activity.objects.planned().get().deal_id == planned.deal_id


def test_done_activity_is_not_done_twice_nor_moved(people, planned):
    services.complete_activity(activity_id=planned.pk, by=people.manager, now=NOW)
    with pytest.raises(ActivityError):
        services.complete_activity(activity_id=planned.pk, by=people.manager, now=NOW)
    with pytest.raises(ActivityError):
        services.reschedule_activity(
            activity_id=planned.pk, by=people.manager, now=NOW, due_at=NOW + timedelta(days=1)
        )


def test_moving_a_plan_moves_its_end_and_its_reminder(people, planned):
    Activity.objects.filter(pk=planned.pk).update(ends_at=planned.due_at + timedelta(hours=1))
    later = NOW + timedelta(days=2)
    moved = services.reschedule_activity(
        activity_id=planned.pk, by=people.manager, now=NOW, due_at=later
    )
    assert (moved.due_at, moved.ends_at) == (later, later + timedelta(hours=1))
    assert moved.happened_at == later
    assert waiting(planned).get().due_at == later - QUARTER


def test_moving_there_and_back_leaves_one_waiting_reminder(people, planned):
    for days in (1, 0):
        services.reschedule_activity(
            activity_id=planned.pk,
            by=people.manager,
            now=NOW,
            due_at=NOW + timedelta(hours=2, days=days),
        )
    assert waiting(planned).get().due_at == NOW + timedelta(hours=2) - QUARTER
    assert Reminder.objects.filter(activity=planned).count() == 2


def test_sent_moment_is_not_reminded_again(people, planned):
    Reminder.objects.update(state=ReminderState.SENT)
    services.set_reminder(activity=planned, before=QUARTER, now=NOW)
    assert Reminder.objects.get().state == ReminderState.SENT


def test_late_plan_has_no_reminder(people, deal):
    late = services.plan_activity(
        by=people.manager,
        now=NOW,
        kind="task",
        record=deal,
        subject="Yesterday",
        due_at=NOW - timedelta(days=1),
        remind_before=QUARTER,
    )
    assert late in Activity.objects.overdue(NOW)
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("length", [timedelta(hours=-1), timedelta(0), timedelta(days=3650)])
def test_end_before_start_or_years_later_is_refused(people, deal, length):
    with pytest.raises(ActivityError) as refusal:
        services.plan_activity(
            by=people.manager,
            now=NOW,
            kind="meeting",
            record=deal,
            subject="Meeting",
            due_at=NOW,
            ends_at=NOW + length,
        )
    assert refusal.value.field == "ends_at"
    assert not Activity.objects.exists()


def test_plan_for_deactivated_person_is_refused(people, deal):
    people.colleague.is_active = False
    people.colleague.save()
    with pytest.raises(ActivityError) as refusal:
        services.plan_activity(
            by=people.manager,
            now=NOW,
            kind="task",
            record=deal,
            subject="Task",
            due_at=NOW,
            owner=people.colleague,
        )
    assert refusal.value.field == "owner"


def test_edit_hands_the_reminder_to_the_new_owner(people, planned):
    services.edit_activity(
        activity_id=planned.pk,
        by=people.head,
        now=NOW,
        changes={"owner": people.colleague, "subject": "Other words"},
        remind_before=QUARTER,
    )
    assert waiting(planned).get().user == people.colleague
    planned.refresh_from_db()
    assert (planned.subject, planned.version) == ("Other words", 2)


def test_edit_writes_only_known_columns(people, planned):
    with pytest.raises(ValueError, match="not editable"):
        services.edit_activity(
            activity_id=planned.pk, by=people.head, now=NOW, changes={"done_at": NOW}
        )


def test_deleted_activity_is_gone_and_silent(people, planned):
    services.delete_activity(activity_id=planned.pk, by=people.manager, now=NOW)
    assert not Activity.objects.visible_to(people.admin).exists()
    assert not waiting(planned).exists()


def test_news_is_published_after_commit(people, deal, django_capture_on_commit_callbacks):
    heard = []
    subscribe("activity.changed", lambda **news: heard.append(news))
    with django_capture_on_commit_callbacks(execute=True):
        note = services.log_activity(
            by=people.manager, now=NOW, kind="note", record=deal, body="Hello"
        )
    assert heard[-1]["activity_id"] == note.pk
    assert heard[-1]["parents"]["deal"] == deal.pk


def test_next_step_is_the_earliest_planned_of_each_deal(people, deal, planned):
    make.activity(people.manager, deal=deal, due_at=NOW + timedelta(days=9))
    make.activity(people.manager, deal=deal, done_at=NOW - timedelta(days=1))
    other = make.deal(people.manager)
    from activities.querysets import next_step_subqueries

    found = {row.pk: row for row in Deal.objects.annotate(**next_step_subqueries("deal"))}
    assert found[deal.pk].next_due_at == planned.due_at
    assert (found[deal.pk].next_kind, found[deal.pk].next_subject) == ("call", planned.subject)
    assert found[other.pk].next_due_at is None


def test_time_in_the_spring_gap_is_shifted_forward():
    gap = datetime(2026, 3, 29, 3, 30)
    assert to_instant(gap, KYIV).astimezone(KYIV).strftime("%H:%M") == "04:30"


def test_time_in_the_autumn_fold_is_the_first_of_the_two():
    fold = datetime(2026, 10, 25, 3, 30)
    assert to_instant(fold, KYIV) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_years_outside_the_calendar_are_refused(year):
    with pytest.raises(ValueError, match=str(year)):
        to_instant(datetime(year, 1, 1), KYIV)


def test_one_day_on_keeps_the_wall_time_over_a_clock_change():
    saturday = to_instant(datetime(2026, 3, 28, 10, 0), KYIV)
    moved = day_later(saturday, saturday - timedelta(hours=1), KYIV)
    assert moved.astimezone(KYIV).strftime("%d %H:%M") == "29 10:00"


def test_late_one_goes_to_tomorrow():
    moved = day_later(NOW - timedelta(days=5), NOW, KYIV)
    assert moved.astimezone(KYIV).date() == NOW.astimezone(KYIV).date() + timedelta(days=1)


def test_usual_moment_of_next_call_is_ten_on_a_weekday():
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    moment = usual_next_moment("call", friday, KYIV).astimezone(KYIV)
    assert (moment.weekday(), moment.hour, moment.minute) == (0, 10, 0)


@pytest.mark.parametrize("name", ["", "Europe/Nowhere", "'; drop", "../../etc/passwd", "\x00"])
def test_unknown_zone_falls_back_to_the_zone_of_the_installation(name, settings):
    assert zone_of(name).key == settings.TIME_ZONE
