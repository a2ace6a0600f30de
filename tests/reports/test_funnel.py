"""The funnel against a brute-force reading of the event history."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deals.models import Deal, MoveKind, StageMove
from deals.services.moving import lose_deal, move_deal, reopen_deal, win_deal
from reports.asking import Asked
from reports.funnel import Funnel
from reports.funnel import funnel as funnel_of
from reports.funnel.cells import depth, reached_cell, sign, snapshot_cell, strict_cell
from reports.funnel.flow import ENDS, flow, visits
from reports.funnel.snapshot import snapshot
from reports.funnel.strict import strict
from reports.periods import Period
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
ACTS = st.lists(st.sampled_from([0, 1, 2, 3, "won", "lost", "reopened"]), max_size=7)
STORIES = st.lists(st.tuples(ACTS, st.integers(0, 3), st.integers(-40, 0)), max_size=4)


def funnel(**asked) -> Funnel:
    """The funnel with the previous period of as many days."""
    period = asked["period"]
    return funnel_of(Asked(**asked, before=period.previous))


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


def events(deal, until):
    """Stage moves of a deal before the moment."""
    return [move for move in deal.moves.order_by("at", "pk") if move.at < until]


def check_side_numbers(found: Funnel, deals, until) -> None:
    """Skipped: reached and never stood there; returned: moved from there to an earlier stage."""
    for step in found.steps:
        skipped = returned = 0
        for deal in deals:
            moves = events(deal, until)
            if not moves:
                continue
            stood = {m.to_stage_id for m in moves if m.kind in ("entered", "moved", "reopened")}
            far = max(move.to_stage.position for move in moves)
            reached = far >= step.position or moves[-1].kind == "won" or step == found.steps[0]
            skipped += reached and step.stage not in stood
            returned += any(
                m.kind == "moved"
                and m.from_stage_id == step.stage
                and m.to_stage.position < step.position
                for m in moves
            )
        assert (step.skipped, step.returned) == (skipped, returned)


def check_cells(found: Funnel, asked: Asked) -> None:
    """The list behind every number holds as many deals."""
    for step in found.steps:
        for what in ("entered", "passed", "lost", "open", "now_open"):
            count = reached_cell(asked, what, step.stage, None).count()
            assert count == getattr(step, what).count, (what, step.position)
        for what in ("skipped", "returned"):
            count = reached_cell(asked, what, step.stage, None).count()
            assert count == getattr(step, what), (what, step.position)
    for what in ("entered", "won", "lost", "open", "now_open"):
        assert reached_cell(asked, what, None, None).count() == getattr(found, what).count
    for row in found.reasons:
        assert reached_cell(asked, "lost", None, row.reason).count() == row.lost.count
        assert sum(row.stages.values()) == row.lost.count


def in_order(stages, path):
    """The longest beginning of the stages that the path visits in this order, read anew."""
    best = 0
    for count in range(1, len(stages) + 1):
        left = iter(path)
        if all(stage in left for stage in stages[:count]):
            best = count
    return best


def check_strict(asked: Asked, deals, until) -> None:
    """Strict depths by an independent reading; each number opens as many deals."""
    found = strict(asked)
    stages = [step.stage for step in found.steps]
    told = []
    for deal in deals:
        if moves := events(deal, until):
            path = [m.to_stage_id for m in moves if m.kind in ("entered", "moved", "reopened")]
            told.append((in_order(stages, path), moves[-1].kind))
    assert found.whole.count == len(told)
    assert found.won.count == sum(row == (len(stages), "won") for row in told)
    for at, step in enumerate(found.steps, start=1):
        assert step.entered.count == sum(row[0] >= at for row in told)
        assert step.entered == step.passed + step.lost + step.open + step.left
        for what in ("entered", "passed", "lost", "open", "left"):
            cell = strict_cell(asked, what, step.stage)
            assert cell.count() == getattr(step, what).count, (what, at)
    assert strict_cell(asked, "won", None).count() == found.won.count


def check_flow(asked: Asked, deals, until) -> None:
    """Visits that began in the period, by how they ended, read event by event."""
    told: dict = {}
    for deal in deals:
        moves = events(deal, until)
        for move, after in zip(moves, [*moves, None][1:], strict=True):
            inside = asked.period.start <= move.at < asked.period.end
            if move.kind in ("won", "lost") or not inside:
                continue
            outcome = "still" if after is None else after.kind
            if outcome in ("moved", "entered", "reopened"):
                back = after.to_stage.position < move.to_stage.position
                outcome = "back" if back else "advanced"
            key = (move.to_stage_id, outcome)
            told[key] = told.get(key, 0) + 1
    for step in flow(asked):
        assert step.entries.count == sum(getattr(step, end).count for end in ENDS)
        for end in ENDS:
            count = getattr(step, end).count
            assert count == told.get((step.stage, end), 0), end
            assert len(visits(asked, end, step.stage, 99, 0)) == count
        assert len(visits(asked, "entries", step.stage, 99, 0)) == step.entries.count


def check_snapshot(asked: Asked, deals, until) -> None:
    """Open deals where their last event left them."""
    standing = [
        moves[-1].to_stage_id
        for deal in deals
        if (moves := events(deal, until)) and moves[-1].kind not in ("won", "lost")
    ]
    for stock in snapshot(asked):
        assert stock.open.count == standing.count(stock.stage)
        assert snapshot_cell(asked, "open", stock.stage).count() == stock.open.count
        assert snapshot_cell(asked, "stuck", stock.stage).count() == stock.stuck


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
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
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
        everything = list(Deal.objects.visible_to(viewer))
        for day in (None, date(2026, 11, 15)):
            until = Period(last=day).end if day else later
            asked = Asked(user=viewer, as_of=day, **ask)
            found = funnel_of(asked)
            check_identities(found)
            check_equal(found, read(cohort, until))
            check_side_numbers(found, cohort, until)
            check_cells(found, asked)
            check_strict(asked, cohort, until)
            check_flow(asked, everything, until)
            check_snapshot(asked, everything, until)


@given(path=st.text(alphabet=[sign(at) for at in range(4)], max_size=9))
def test_depth_is_the_longest_beginning_in_order(path):
    assert depth(path, 4) == in_order([sign(at) for at in range(4)], path)


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
