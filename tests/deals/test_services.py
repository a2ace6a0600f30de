"""A deal's life: entry, moves, outcomes, sums, owner; nothing else is written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from activities.models import Activity, Reminder
from catalog.models import Rate
from catalog.services import MoneyError, to_base
from deals.models import Deal, DealLine, MoveKind, StageMove
from deals.services import (
    DealRuleError,
    LineInput,
    StaleVersionError,
    change_amount,
    create_deal,
    delete_deal,
    edit_deal,
    lose_deal,
    move_deal,
    reassign_deal,
    reopen_deal,
    save_lines,
    win_deal,
)
from records import events
from tests import factories as make

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def pipeline(db):
    make.currency()
    return make.pipeline()


@pytest.fixture
def stages(pipeline):
    return list(pipeline.stages.order_by("position"))


@pytest.fixture
def deal(people, stages):
    return create_deal(
        by=people.manager, now=NOW, title="Кафе", pipeline=stages[0].pipeline, amount=1000
    )


def kinds(deal):
    return list(deal.moves.order_by("pk").values_list("kind", flat=True))


def move(deal, stage, by, **rest):
    return move_deal(deal_id=deal.pk, stage_id=stage.pk, by=by, now=NOW, **rest)


def test_new_deal_enters_the_first_stage_with_its_history(people, stages, deal):
    entry = deal.moves.get()
    assert (deal.stage, deal.furthest, deal.owner) == (stages[0], 1, people.manager)
    assert (entry.kind, entry.from_stage, entry.to_stage) == ("entered", None, stages[0])
    assert deal.amount_base == 1000


def test_historical_deal_is_dated_and_rated_by_its_own_day(people, pipeline):
    euro = make.currency("EUR")
    Rate.objects.create(currency=euro, valid_from=date(2020, 1, 1), rate=Decimal(70))
    Rate.objects.create(currency=euro, valid_from=date(2026, 1, 1), rate=Decimal(100))
    then = datetime(2021, 5, 5, 10, 0, tzinfo=UTC)
    deal = create_deal(
        by=people.admin,
        now=NOW,
        title="Old",
        pipeline=pipeline,
        amount=Decimal("10.50"),
        currency=euro,
        created_at=then,
        owner=people.manager,
        import_key="x:1",
    )
    assert deal.amount_base == Decimal("735.00")
    assert deal.moves.get().at == deal.created_at == deal.stage_entered_at == then


def test_currency_without_rates_is_refused(people, pipeline):
    with pytest.raises(DealRuleError, match="rate of USD"):
        create_deal(
            by=people.manager,
            now=NOW,
            title="X",
            pipeline=pipeline,
            amount=1,
            currency=make.currency("USD"),
        )
    assert not Deal.objects.exists()


def test_rate_before_the_first_known_one_is_the_first_and_overflow_is_refused(pipeline):
    euro = make.currency("EUR")
    Rate.objects.create(currency=euro, valid_from=date(2026, 1, 1), rate=Decimal("99.5"))
    assert to_base(Decimal(2), euro, date(2020, 1, 1)) == Decimal("199.00")
    with pytest.raises(MoneyError):
        to_base(Decimal("99999999999999"), euro, date(2026, 2, 1))


@pytest.mark.parametrize("amount", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_impossible_amount_is_refused(people, pipeline, amount):
    with pytest.raises(DealRuleError):
        create_deal(by=people.manager, now=NOW, title="X", pipeline=pipeline, amount=amount)


def test_deal_cannot_enter_a_foreign_or_archived_stage(people, pipeline, stages):
    foreign = make.pipeline("Other").stages.first()
    with pytest.raises(DealRuleError):
        create_deal(by=people.manager, now=NOW, title="X", pipeline=pipeline, stage=foreign)
    stages[1].is_active = False
    stages[1].save()
    with pytest.raises(DealRuleError):
        create_deal(by=people.manager, now=NOW, title="X", pipeline=pipeline, stage=stages[1])


def test_pipeline_without_stages_takes_no_deal(people, pipeline):
    pipeline.stages.all().delete()
    with pytest.raises(DealRuleError, match="no stages"):
        create_deal(by=people.manager, now=NOW, title="X", pipeline=pipeline)


def test_move_is_written_with_its_furthest_point(people, stages, deal):
    move(deal, stages[2], people.manager)
    moved = move(deal, stages[1], people.head)
    moved.refresh_from_db()
    assert (moved.stage, moved.furthest, moved.version) == (stages[1], 3, 3)
    last = moved.moves.last()
    assert (last.from_stage, last.to_stage, last.by) == (stages[2], stages[1], people.head)


def test_same_stage_is_no_effect_even_with_a_stale_version(people, stages, deal):
    move(deal, stages[0], people.manager, version=77)
    deal.refresh_from_db()
    assert (deal.version, kinds(deal)) == (1, ["entered"])


def test_stale_version_is_refused(people, stages, deal):
    move(deal, stages[1], people.manager, version=1)
    with pytest.raises(StaleVersionError):
        move(deal, stages[2], people.manager, version=1)
    assert kinds(deal) == ["entered", "moved"]


def test_move_to_another_pipelines_or_archived_or_unknown_stage_is_refused(people, stages, deal):
    foreign = make.pipeline("Other").stages.first()
    stages[3].is_active = False
    stages[3].save()
    for target in (foreign.pk, stages[3].pk, 10**9):
        with pytest.raises(DealRuleError):
            move_deal(deal_id=deal.pk, stage_id=target, by=people.manager, now=NOW)
    assert kinds(deal) == ["entered"]


def test_closed_deal_does_not_move(people, stages, deal):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    with pytest.raises(DealRuleError, match="closed"):
        move(deal, stages[1], people.manager)


def test_win_keeps_the_stage_and_happens_once(people, stages, deal):
    won = win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    again = win_deal(deal_id=deal.pk, by=people.manager, now=NOW + timedelta(days=1), version=1)
    assert (won.status, won.closed_at, won.stage) == ("won", NOW, stages[0])
    assert (again.closed_at, kinds(deal)) == (NOW, ["entered", "won"])


def test_loss_needs_a_reason(people, deal):
    with pytest.raises(DealRuleError) as refused:
        lose_deal(deal_id=deal.pk, reason=None, by=people.manager, now=NOW)
    assert refused.value.field == "reason"
    lost = lose_deal(
        deal_id=deal.pk, reason=make.loss_reason(), comment="x" * 900, by=people.manager, now=NOW
    )
    lost.refresh_from_db()
    assert (lost.status, len(lost.loss_comment)) == ("lost", 500)


def test_lost_deal_can_be_reopened_and_won_one_cannot(people, deal):
    reason = make.loss_reason()
    lose_deal(deal_id=deal.pk, reason=reason, by=people.manager, now=NOW)
    with pytest.raises(DealRuleError):
        win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    opened = reopen_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    assert (opened.status, opened.closed_at, opened.loss_reason) == ("open", None, None)
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    with pytest.raises(DealRuleError):
        reopen_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    with pytest.raises(DealRuleError):
        lose_deal(deal_id=deal.pk, reason=reason, by=people.manager, now=NOW)
    assert kinds(deal) == ["entered", "lost", "reopened", "won"]


def test_events_are_published_on_commit_only(
    people, stages, deal, django_capture_on_commit_callbacks, monkeypatch
):
    heard = []
    for name in ("deal.moved", "deal.won"):
        monkeypatch.setitem(
            events._handlers, name, [lambda name=name, **rest: heard.append((name, rest))]
        )
    with django_capture_on_commit_callbacks(execute=True):
        move(deal, stages[1], people.manager)
        win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
        assert heard == []
    assert [name for name, _ in heard] == ["deal.moved", "deal.won"]
    assert heard[0][1]["deal_id"] == deal.pk


def line(**fields):
    return LineInput(**{"name": "Монтаж", "quantity": Decimal(2), "price": Decimal(150), **fields})


def save(deal, people, *lines, **rest):
    return save_lines(deal_id=deal.pk, lines=lines, by=people.manager, now=NOW, **rest)


def test_amount_is_the_sum_of_the_lines(people, deal):
    saved = save(deal, people, line(), line(price=Decimal("99.99"), discount=Decimal(10)))
    assert saved.amount == saved.amount_base == Decimal("479.98")
    first = saved.lines.first()
    saved = save(deal, people, line(pk=first.pk, quantity=Decimal(1)))
    saved.refresh_from_db()
    assert (saved.amount, saved.lines.get().pk) == (Decimal(150), first.pk)


def test_amount_of_a_deal_with_lines_is_not_typed(people, deal):
    save(deal, people, line())
    with pytest.raises(DealRuleError, match="lines"):
        change_amount(deal_id=deal.pk, amount=Decimal(5), by=people.manager, now=NOW)
    save(deal, people)
    changed = change_amount(deal_id=deal.pk, amount=Decimal(5), by=people.manager, now=NOW)
    assert changed.amount == 5


@pytest.mark.parametrize(
    "bad",
    [
        {"name": " "},
        {"quantity": Decimal(0)},
        {"price": Decimal(-1)},
        {"discount": Decimal(101)},
        {"quantity": Decimal("999999999"), "price": Decimal("9999999999999")},
        {"pk": 10**9},
    ],
)
def test_bad_line_leaves_everything_as_it_was(people, deal, bad):
    with pytest.raises(DealRuleError):
        save(deal, people, line(), line(**bad))
    deal.refresh_from_db()
    assert (deal.amount, deal.lines.count()) == (1000, 0)


def test_line_of_another_deal_cannot_be_taken(people, deal):
    other = make.deal(people.manager)
    theirs = DealLine.objects.create(deal=other, name="A", quantity=1, price=1)
    with pytest.raises(DealRuleError):
        save(deal, people, line(pk=theirs.pk))


def test_edit_writes_only_what_changed(people, deal):
    same = edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, title="Кафе")
    assert same.version == 1
    changed = edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, title="Бар", version=1)
    assert (changed.version, changed.title, changed.amount) == (2, "Бар", 1000)
    with pytest.raises(ValueError, match="status"):
        edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, status="won")


def test_reassigning_takes_the_open_activities_and_reminders_along(people, deal):
    planned = make.activity(people.manager, deal=deal)
    done = make.activity(people.manager, deal=deal, done_at=NOW)
    foreign = make.activity(people.head, deal=deal)
    reminder = Reminder.objects.create(activity=planned, user=people.manager, due_at=NOW)
    reassign_deal(deal_id=deal.pk, owner=people.colleague, by=people.head, now=NOW)
    owners = dict(Activity.objects.values_list("pk", "owner"))
    assert owners == {
        planned.pk: people.colleague.pk,
        done.pk: people.manager.pk,
        foreign.pk: people.head.pk,
    }
    reminder.refresh_from_db()
    assert reminder.user == people.colleague


def test_deal_is_not_given_to_a_person_who_left(people, deal):
    people.colleague.is_active = False
    people.colleague.save()
    with pytest.raises(DealRuleError):
        reassign_deal(deal_id=deal.pk, owner=people.colleague, by=people.head, now=NOW)


def test_deleted_deal_is_kept_and_answers_no_service(people, stages, deal):
    delete_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    assert Deal.objects.filter(pk=deal.pk).exists()
    with pytest.raises(DealRuleError):
        move(deal, stages[1], people.manager)


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_stage_history_is_append_only(deal, operation):
    rows = StageMove.objects.filter(deal=deal)
    act = rows.delete if operation == "delete" else partial(rows.update, kind=MoveKind.WON)
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        act()
    assert kinds(deal) == ["entered"]


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": Decimal(-1)},
        {"status": "won"},
        {"status": "lost", "closed_at": NOW},
        {"status": "open", "closed_at": NOW},
    ],
)
def test_database_itself_refuses_an_impossible_deal(deal, bad):
    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(**bad)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["win", "move"])
def test_twenty_parallel_posts_make_one_event(people, stages, deal, action):
    def act(_):
        try:
            if action == "win":
                win_deal(deal_id=deal.pk, by=people.manager, now=NOW, version=1)
            else:
                move(deal, stages[1], people.manager, version=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(act, range(20)))
    deal.refresh_from_db()
    assert len(kinds(deal)) == 2
    assert deal.version == 2


@pytest.mark.django_db(transaction=True)
def test_of_twenty_different_outcomes_one_stands(people, stages, deal):
    reason = make.loss_reason()

    def act(number):
        try:
            if number % 2:
                win_deal(deal_id=deal.pk, by=people.manager, now=NOW, version=1)
            else:
                lose_deal(deal_id=deal.pk, reason=reason, by=people.manager, now=NOW, version=1)
        except DealRuleError:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(20) as pool:
        accepted = sum(pool.map(act, range(20)))
    assert accepted == 10
    assert len(kinds(deal)) == 2
