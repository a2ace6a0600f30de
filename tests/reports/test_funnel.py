"""The funnel against a brute-force reading of the event history."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deals.models import Deal, MoveKind, StageMove
from deals.services.moving import lose_deal, move_deal, reopen_deal, win_deal
from reports.funnel import Funnel, funnel
from reports.periods import Period
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
ACTS = st.lists(st.sampled_from([0, 1, 2, 3, "won", "lost", "reopened"]), max_size=7)
STORIES = st.lists(st.tuples(ACTS, st.integers(0, 3), st.integers(-40, 0)), max_size=4)


def play(acts, owner, by, created):
    """One deal to which the acts happen a day after another; impossible ones are skipped."""
    stages = list(factories.pipeline().stages.order_by("position"))
    amount = 100 + len(acts)
    made = factories.deal(owner, amount=amount, created_at=created)
    for day, act in enumerate(acts, start=1):
        now = created + timedelta(days=day)
        state = Deal.objects.get(pk=made.pk).status
        if act == "reopened":
            if state == "lost":
                reopen_deal(deal_id=made.pk, by=by, now=now)
        elif state != "open":
            continue
        elif act == "won":
            win_deal(deal_id=made.pk, by=by, now=now)
        elif act == "lost":
            lose_deal(deal_id=made.pk, reason=factories.loss_reason(), by=by, now=now)
        else:
            move_deal(deal_id=made.pk, stage_id=stages[act].pk, by=by, now=now)
    return made


def read(deals, until):
    """(highest position, outcome, sum) of each deal, from its events alone."""
    told = []
    for deal in deals:
        moves = [move for move in deal.moves.order_by("at", "pk") if move.at < until]
        if not moves:
            continue
        outcome = {MoveKind.WON: "won", MoveKind.LOST: "lost"}.get(moves[-1].kind, "open")
        told.append((max(move.to_stage.position for move in moves), outcome, deal.amount_base))
    return told


def check_identities(found: Funnel) -> None:
    """Every deal is somewhere exactly once."""
    for step in found.steps:
        assert step.entered == step.passed + step.lost + step.open
    for step, following in zip(found.steps, found.steps[1:], strict=False):
        assert step.passed == following.entered
    assert found.steps[0].entered == found.entered == found.won + found.lost + found.open
    assert found.steps[-1].passed == found.won
    assert sum(row.lost.count for row in found.reasons) == found.lost.count


def check_equal(found: Funnel, told) -> None:
    """The report says what the reading says."""
    for step in found.steps:
        reached = [row for row in told if row[0] >= step.position or row[1] == "won"]
        assert step.entered.count == len(reached)
        assert step.entered.amount == sum((row[2] for row in reached), Decimal(0))
        for outcome in ("lost", "open"):
            here = [row for row in told if row[:2] == (step.position, outcome)]
            assert getattr(step, outcome).count == len(here)
    assert found.won.count == sum(row[1] == "won" for row in told)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories=STORIES)
def test_random_histories_equal_a_brute_force_reading(people, stories):
    Deal.objects.update(deleted_at=NOW)
    owners = [people.manager, people.colleague, people.outsider, None]
    pipeline = factories.pipeline()
    for acts, owner, shift in stories:
        play(acts, owners[owner], people.admin, NOW + timedelta(days=shift))
    later = NOW + timedelta(days=30)
    ask = {"pipeline": pipeline, "period": NOVEMBER, "now": later}
    for viewer in (people.head, people.admin):
        cohort = Deal.objects.visible_to(viewer).filter(NOVEMBER.within("created_at"))
        found = funnel(user=viewer, **ask)
        check_identities(found)
        check_equal(found, read(cohort, later))
        past = funnel(user=viewer, as_of=date(2026, 11, 15), **ask)
        check_identities(past)
        check_equal(past, read(cohort, Period(last=date(2026, 11, 15)).end))


def test_as_of_gives_the_numbers_of_that_day_later(people):
    ask = {"user": people.head, "pipeline": factories.pipeline(), "period": NOVEMBER}
    histories = [[1, 2], [3, "lost"], ["won"], [2, 0], ["lost", "reopened", 1]]
    start = NOW - timedelta(days=12)
    deals = [play(acts, people.manager, people.admin, start) for acts in histories]
    day = (start + timedelta(days=5)).date()
    then = funnel(now=Period(last=day).end, as_of=day, **ask)
    win_deal(deal_id=deals[0].pk, by=people.admin, now=NOW)
    move_deal(
        deal_id=deals[3].pk, stage_id=deals[3].pipeline.stages.last().pk, by=people.admin, now=NOW
    )
    later = funnel(now=NOW + timedelta(days=9), as_of=day, **ask)
    assert later == then
    assert funnel(now=NOW + timedelta(days=1), **ask) != then


def test_days_in_stage_are_of_ended_and_running_visits(people):
    start = NOW - timedelta(days=10)
    for acts in ([1, 2], [1, 1, "lost"], [3], []):
        play(acts, people.manager, people.admin, start)
    found = funnel(user=people.head, pipeline=factories.pipeline(), period=NOVEMBER, now=NOW)
    visits = {step.stage: ([], []) for step in found.steps}
    for deal in Deal.objects.all():
        moves = list(StageMove.objects.filter(deal=deal).order_by("at", "pk"))
        for move, following in zip(moves, [*moves[1:], None], strict=True):
            if move.kind not in ("won", "lost"):
                left = following.at if following else NOW
                days = (left - move.at).total_seconds() / 86400
                visits[move.to_stage_id][following is None].append(days)
    for step in found.steps:
        ended, running = visits[step.stage]
        assert (step.visits, step.running) == (len(ended), len(running))
        assert step.median_days == (pytest.approx(median(ended), abs=0.1) if ended else None)
        assert step.running_median_days == (
            pytest.approx(median(running), abs=0.1) if running else None
        )


def test_previous_period_has_the_same_length_and_its_own_numbers(people):
    half = Period(date(2026, 11, 11), date(2026, 11, 20))
    assert half.previous == Period(date(2026, 11, 1), date(2026, 11, 10))
    play([1], people.manager, people.admin, NOW - timedelta(days=12))
    play([], people.manager, people.admin, NOW - timedelta(days=2))
    found = funnel(user=people.head, pipeline=factories.pipeline(), period=half, now=NOW)
    assert found.entered.count == found.previous.entered.count == 1
    assert found.steps[0].conversion == 0
    assert found.steps[0].previous_conversion == 100
    assert found.steps[0].change == -100
    assert Period().previous is None


def test_snapshot_counts_open_deals_of_any_cohort_where_they_stand(people):
    play([2, 1], people.manager, people.admin, NOW - timedelta(days=300))
    found = funnel(user=people.head, pipeline=factories.pipeline(), period=NOVEMBER, now=NOW)
    assert found.entered.count == 0
    assert [step.now_open.count for step in found.steps] == [0, 1, 0, 0]
    assert found.steps[0].conversion is None


def test_archived_stage_is_shown_while_deals_stopped_there(people):
    pipeline = factories.pipeline()
    second = pipeline.stages.get(position=2)
    play([1, "lost"], people.manager, people.admin, NOW - timedelta(days=5))
    pipeline.stages.filter(position__in=[2, 3]).update(is_active=False)
    found = funnel(user=people.head, pipeline=pipeline, period=NOVEMBER, now=NOW)
    assert [step.position for step in found.steps] == [1, 2, 4]
    assert found.steps[1].stage == second.pk
    check_identities(found)


def test_days_begin_in_the_zone_of_the_viewer(people):
    factories.deal(
        people.manager, created_at=NOW.replace(day=1, month=12, hour=1) - timedelta(hours=2)
    )
    ask = {"user": people.head, "pipeline": factories.pipeline(), "period": NOVEMBER, "now": NOW}
    with timezone.override(ZoneInfo("UTC")):
        assert funnel(**ask).entered.count == 1
    with timezone.override(ZoneInfo("Europe/Kyiv")):
        assert funnel(**ask).entered.count == 0


def test_trash_and_foreign_deals_are_not_counted(people):
    factories.deal(people.outsider)
    factories.deal(people.manager, deleted_at=NOW)
    ask = {"pipeline": factories.pipeline(), "period": NOVEMBER, "now": NOW}
    assert funnel(user=people.head, **ask).entered.count == 0
    assert funnel(user=people.admin, **ask).entered.count == 1
