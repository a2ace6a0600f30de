"""Velocity and deals to push against a plain reading of deals and their stage moves."""

import json
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from deals.models import Deal
from deals.services.moving import lose_deal, move_deal, reopen_deal, win_deal
from reports.asking import Asked
from reports.periods import Period
from reports.velocity import push as push_module
from reports.velocity.counting import BY, paces
from reports.velocity.push import norms, open_deals, push_rows, to_push
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.test_losses import VALUE
from tests.reports.world import PERIOD, few_examples, random_deals

pytestmark = pytest.mark.django_db


@few_examples
@given(seed=st.integers(0, 9999))
def test_velocity_equals_a_plain_reading(people, seed):
    random_deals(people, seed)
    for viewer in (people.head, people.admin):
        seen = list(Deal.objects.visible_to(viewer).select_related("owner"))
        for by in BY:
            asked = Asked(user=viewer, period=PERIOD, now=NOW)
            rows, total = paces(asked, by)
            for row in [*rows, total]:
                mine = [d for d in seen if row is total or VALUE[by](d) == row.key]
                check_pace(row, mine, asked)


def check_pace(row, deals, asked) -> None:
    start, end = asked.period.start, asked.period.end
    closed = [deal for deal in deals if deal.closed_at and start <= deal.closed_at < end]
    won = [deal for deal in closed if deal.status == "won"]
    standing = [
        deal
        for deal in deals
        if deal.created_at < end and (deal.closed_at is None or deal.closed_at >= end)
    ]
    assert (row.open, row.won, row.lost) == (len(standing), len(won), len(closed) - len(won))
    days = [(deal.closed_at - deal.created_at).total_seconds() / 86400 for deal in won]
    if not won or not sum(days):
        assert row.velocity is None
        return
    told = len(standing) * (len(won) / len(closed)) * float(sum(d.amount_base for d in won))
    told /= len(won) * (sum(days) / len(days))
    assert float(row.velocity) == pytest.approx(told, abs=0.01)


def test_velocity_of_a_known_set(people):
    """4 open x 50 % x 1000 / 10 days = 200 a day, now and at the end of a period that is over."""
    start = NOW - timedelta(days=20)
    by = people.admin
    for amount, won in ((500, True), (1500, True), (1, False), (1, False)):
        deal = factories.deal(people.manager, amount=amount, created_at=start)
        now = start + timedelta(days=10)
        if won:
            win_deal(deal_id=deal.pk, by=by, now=now)
        else:
            lose_deal(deal_id=deal.pk, reason=factories.loss_reason(), by=by, now=now)
    open_ones = [factories.deal(people.manager, created_at=start) for _ in range(4)]
    asked = Asked(user=people.head, period=Period(), now=NOW)
    [row], total = paces(asked)
    assert row.velocity == total.velocity == 200
    then = Period(start.date(), (start + timedelta(days=12)).date())
    for deal in open_ones:
        win_deal(deal_id=deal.pk, by=by, now=NOW)
    past = paces(Asked(user=people.head, period=then, now=NOW))[1]
    assert (past.open, past.velocity) == (4, 200)


def stories(people, seed: int) -> None:
    """Deals that walk through the stages at random speed; some come back after a loss."""
    Deal.objects.update(deleted_at=NOW)
    chance = Random(seed)
    stages = list(factories.pipeline().stages.order_by("position"))
    by = people.admin
    for _ in range(16):
        now = NOW - timedelta(days=chance.randint(20, 500))
        owner = chance.choice([people.manager, people.below, people.outsider])
        deal = factories.deal(owner, amount=chance.randint(1, 99), created_at=now)
        for stage in chance.sample(stages, chance.randint(0, 3)):
            now = min(NOW, now + timedelta(days=chance.randint(0, 9), hours=chance.randint(0, 23)))
            move_deal(deal_id=deal.pk, stage_id=stage.pk, by=by, now=now)
        if chance.random() < 0.2:
            lose_deal(deal_id=deal.pk, reason=factories.loss_reason(), by=by, now=now)
            reopen_deal(deal_id=deal.pk, by=by, now=now)
        if chance.random() < 0.6:
            now = min(NOW, now + timedelta(days=chance.randint(0, 9)))
            win_deal(deal_id=deal.pk, by=by, now=now)


def read_norms(viewer) -> dict:
    """Days of ended visits by stage, of deals won within a year."""
    found: dict = {}
    for deal in Deal.objects.visible_to(viewer).won():
        if not NOW - timedelta(days=365) <= deal.closed_at < NOW:
            continue
        moves = [move for move in deal.moves.order_by("at", "pk") if move.at < NOW]
        for move, after in pairwise(moves):
            if move.kind in ("entered", "moved", "reopened"):
                days = (after.at - move.at).total_seconds() / 86400
                found.setdefault(move.to_stage_id, []).append(days)
    return found


@few_examples
@given(seed=st.integers(0, 9999))
def test_norms_and_deals_to_push_equal_a_plain_reading(people, seed):
    stories(people, seed)
    today = timezone.localdate(NOW)
    push_module.MIN_VISITS = 3
    try:
        for viewer in (people.head, people.admin):
            asked = Asked(user=viewer, now=NOW)
            told, found = read_norms(viewer), norms(asked)
            for norm in found.values():
                days = told.get(norm.stage, [])
                assert norm.visits == len(days)
                if len(days) < 3:
                    assert norm.days is None
                else:
                    assert norm.days == pytest.approx(float(np.percentile(days, 90)), abs=1e-6)
            late = {
                deal.pk
                for deal in Deal.objects.visible_to(viewer).open()
                if (norm := found[deal.stage_id].days) is not None
                and (today - timezone.localdate(deal.stage_entered_at)).days > norm
            }
            listed = open_deals(asked).filter(to_push(found, today))
            assert set(listed.values_list("pk", flat=True)) == late
            rows = push_rows(asked, found)
            assert sum(row.push.count for row in rows) == len(late)
            assert sum(row.stepless for row in rows) == len(late)
            assert sum(row.open.count for row in rows) == open_deals(asked).count()
    finally:
        push_module.MIN_VISITS = 10


def late_company(people) -> None:
    """Twelve quick sales, then two deals that stand for a month."""
    start = timezone.now() - timedelta(days=60)
    for number in range(12):
        deal = factories.deal(people.manager, amount=10, created_at=start)
        win_deal(deal_id=deal.pk, by=people.admin, now=start + timedelta(days=1 + number / 10))
    for amount in (500, 700):
        made = factories.deal(people.manager, amount=amount, created_at=start)
    factories.deal(people.manager, created_at=timezone.now())
    factories.activity(people.manager, deal=made)


def test_push_is_a_list_to_act_on(people, sign_in):
    late_company(people)
    client = sign_in(people.head)
    page = client.get(reverse("reports:push"))
    report = page.context["report"]
    assert [row["amount"] for row in report.sheets[1].rows] == [Decimal(700), Decimal(500)]
    assert "activities/add/?record=deal:" in page.content.decode()
    assert check_links(client, reverse("reports:push"), {}) >= 3
    check_files(client, reverse("reports:push"), {}, ("xlsx", "csv"))
    found = json.loads(run("push", "head@example.com"))
    assert (found["push"], found["rows"][0]["without_step"]) == (2, 1)
    assert found["rows"][0]["norm_days"] == 2.0
    page = client.get(reverse("reports:push"), {"owner": people.colleague.pk})
    assert page.context["report"].values["push"] == 0


def test_every_number_of_the_velocity_opens_as_many_rows(people, sign_in):
    random_deals(people, 9, 30)
    client = sign_in(people.admin)
    days = {"from": PERIOD.first, "to": PERIOD.last}
    assert check_links(client, reverse("reports:velocity"), {**days, "by": "source"}) > 6
    assert check_links(client, reverse("reports:velocity"), {"period": "all"}) > 6
    check_files(client, reverse("reports:velocity"), days, ("xlsx", "pdf"))


def test_no_data_and_bad_values(people, sign_in):
    client = sign_in(people.head)
    for name in ("velocity", "push"):
        assert client.get(reverse(f"reports:{name}")).context["report"].empty
    factories.deal(people.manager, status="won", amount=5, closed_at=NOW, created_at=NOW)
    factories.deal(people.manager)
    assert json.loads(run("velocity", "head@example.com"))["velocity"] is None
    check_bad_values(client, reverse("reports:velocity"))
    for query in ("pipeline=%00", "owner=abc", "source=x", "period=never&from=z"):
        assert client.get(f"{reverse('reports:push')}?{query}").status_code == 200
