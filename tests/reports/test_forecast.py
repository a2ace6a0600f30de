"""The forecast against a plain reading of the moves, its replay, and the rows behind numbers."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal, MoveKind, StageMove
from reports.asking import Asked
from reports.forecast import rates as chances
from reports.forecast.keeping import days_to_test, keep, keep_fits
from reports.forecast.report import forecast_report
from reports.forecast.testing import back_test
from reports.forecast.weighing import behind, interval, rates_of, weigh, weighed_by
from reports.models import ForecastFit
from tests import factories
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
KYIV = ZoneInfo("Europe/Kyiv")
STANDING = {"entered", "moved", "reopened"}
URL = "reports:forecast"


def history(people, seed: int, count: int, outcomes=("won", "lost", "lost", "open")) -> None:
    """Deals of two years with moves there and back, reopened ones, gone ones."""
    chance = Random(seed)
    pipeline = factories.pipeline()
    stages = list(pipeline.stages.all())
    end = datetime(2026, 11, 20, 9, tzinfo=KYIV)
    moves = []
    for number in range(count):
        at = end - timedelta(days=chance.random() * 700)
        deal = factories.deal(
            chance.choice([people.manager, people.colleague, people.outsider]),
            created_at=at,
            amount=Decimal(chance.randint(0, 900_000)) / 100,
            source=chance.choice(["Fair", ""]),
            deleted_at=end if number % 17 == 0 else None,
        )
        stage, closed = stages[0], ""
        for _ in range(chance.randint(1, 4)):
            at += timedelta(days=chance.random() * 30 + 0.01)
            if at >= end:
                break
            target = chance.choice(stages)
            moves.append(move(deal, MoveKind.MOVED, stage, target, at))
            stage = target
        kind = chance.choice(outcomes)
        at += timedelta(days=chance.random() * 20 + 0.01)
        if kind != "open" and at < end:
            moves.append(move(deal, kind, stage, stage, at))
            closed = kind
            back = at + timedelta(days=10)
            if number % 11 == 0 and back < end:
                moves.append(move(deal, MoveKind.REOPENED, stage, stage, back))
                closed = ""
        facts = {"stage": stage, "status": closed or "open"}
        if closed:
            reason = factories.loss_reason() if closed == "lost" else None
            facts |= {"closed_at": at, "loss_reason": reason}
        Deal.objects.filter(pk=deal.pk).update(**facts)
    StageMove.objects.bulk_create(moves)


def move(deal, kind, was, to, at) -> StageMove:
    return StageMove(deal=deal, kind=kind, from_stage=was, to_stage=to, at=at)


def stories():
    """Moves of every deal that is not in the trash."""
    found = defaultdict(list)
    rows = StageMove.objects.filter(deal__deleted_at__isnull=True).select_related("deal")
    for row in rows.order_by("at", "pk"):
        found[row.deal].append(row)
    return found


def state(story, moment):
    """Kind and stage of the last move before the moment."""
    past = [row for row in story if row.at < moment]
    return (past[-1].kind, past[-1].to_stage_id) if past else ("", None)


def quantile(values, share):
    values = sorted(values)
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def plain_fit(day, horizon):
    """Readings and wins by stage and age, read one by one."""
    until = datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    told = {deal: [row for row in story if row.at < until] for deal, story in stories().items()}
    cycles = [
        (story[-1].at - deal.created_at).total_seconds() / 86400
        for deal, story in told.items()
        if story and story[-1].kind == "won"
    ]
    cuts = [quantile(cycles, share) for share in (0.25, 0.5, 0.75, 0.9, 0.99)]
    edges = sorted({max(1, int(-(-cut // 1))) for cut in cuts[:4]} | {int(cuts[4]) + 1})
    read = defaultdict(lambda: [0, 0])
    for week in range(104):
        at = until - timedelta(days=horizon) - timedelta(weeks=week)
        for deal, story in told.items():
            kind, stage = state(story, at)
            if kind in STANDING:
                age = (at - deal.created_at).days
                pair = read[stage, sum(edge <= age for edge in edges)]
                pair[0] += 1
                pair[1] += state(story, at + timedelta(days=horizon))[0] == "won"
    return edges, {key: tuple(pair) for key, pair in read.items()}


def test_chances_equal_a_plain_reading_of_the_moves(people):
    history(people, 3, 160)
    for horizon in (30, 90):
        edges, read = plain_fit(TODAY, horizon)
        (found,) = chances.fit(TODAY, horizon).values()
        assert found.is_known
        assert found.rots_after == edges[-1] - 1
        lows = [0, *edges]
        got = {(s.stage, lows.index(s.low)): (s.read, s.won) for s in found.spans if s.read}
        assert got == read
        live = {key: pair for key, pair in read.items() if key[1] < len(edges)}
        n, won = (sum(pair[at] for pair in live.values()) for at in (0, 1))
        whole = (won + 1) / (n + 2)
        for span in found.spans:
            mine = [pair for (stage, _), pair in live.items() if stage == span.stage]
            stage = (sum(w for _, w in mine) + 20 * whole) / (sum(n for n, _ in mine) + 20)
            n, won = read.get((span.stage, lows.index(span.low)), (0, 0))
            expected = 0 if span.is_rotten else (won + 20 * stage) / (n + 20)
            assert float(span.chance) == pytest.approx(expected, abs=0.00006)
    assert chances._unpacked(chances.packed({1: found})) == {found.pipeline: found}


def plain_forecast(viewer, moment, rates):
    """Sum of products over the visible deals open at the moment, each to the kopeck."""
    spans = [span for row in rates.values() for span in row.spans]
    seen = set(Deal.objects.visible_to(viewer).values_list("pk", flat=True))
    total, spread, count, rotten = Decimal(0), 0.0, 0, 0
    for deal, story in stories().items():
        kind, stage = state(story, moment)
        if deal.pk not in seen or kind not in STANDING:
            continue
        age = (moment - deal.created_at).days
        (span,) = [s for s in spans if s.stage == stage and s.low <= age < s.high]
        count += 1
        rotten += span.is_rotten
        total += (deal.amount_base * span.chance).quantize(Decimal("0.01"), ROUND_HALF_UP)
        spread += float(span.chance * (1 - span.chance)) * float(deal.amount_base) ** 2
    return total, spread, count, rotten


def test_forecast_is_a_sum_of_products_and_its_replay_is_the_back_test(people):
    history(people, 5, 160)
    timezone.activate(KYIV)
    now = datetime(2026, 11, 20, 12, tzinfo=KYIV)
    for day in days_to_test(TODAY, 90)[-3:]:
        keep(day, 90, now)
    for viewer in (people.head, people.admin):
        for as_of in (None, date(2026, 6, 30)):
            asked = Asked(user=viewer, now=now, as_of=as_of, options={"horizon": "90"})
            rates = rates_of(asked)
            expected = plain_forecast(viewer, (asked.until or now).astimezone(UTC), rates)
            for by in ("stage", "manager", "source"):
                rows = weighed_by(asked, rates, by)
                assert sum(row.expected for row in rows) == expected[0]
                assert sum(row.variance for row in rows) == pytest.approx(expected[1])
                assert sum(row.live.count + row.rotten.count for row in rows) == expected[2]
                assert sum(row.rotten.count for row in rows) == expected[3]
        tested = back_test(Asked(user=viewer, now=now, options={"horizon": "90"}))
        assert [row.day for row in tested] == days_to_test(TODAY, 90)[-3:]
        for row in tested:
            then = Asked(
                user=viewer,
                now=now,
                as_of=row.day - timedelta(days=1),
                options={"horizon": "90"},
            )
            values = forecast_report(then).values
            assert values["expected"] == row.expected
            assert values["live"] + values["rotting"] == row.open.count
            assert (values["low"], values["high"]) == (row.low, row.high)
            ids = set(behind(then, "open", rates_of(then)).values_list("pk", flat=True))
            later = then.until.astimezone(UTC) + timedelta(days=90)
            won = [
                deal
                for deal, story in stories().items()
                if deal.pk in ids and state(story, later)[0] == "won"
            ]
            assert row.won.count == len(won) == behind(then, "won", rates_of(then)).count()
            assert row.won.amount == sum((deal.amount_base for deal in won), Decimal(0))


def test_range_agrees_with_ten_thousand_draws():
    chance = Random(1)
    deals = [(chance.random(), chance.randint(1, 900)) for _ in range(200)]
    said = sum(Decimal(str(p)) * v for p, v in deals)
    low, high = interval(said, sum(p * (1 - p) * v * v for p, v in deals), Decimal(10**9))
    draws = sorted(sum(v for p, v in deals if chance.random() < p) for _ in range(4000))
    assert float(low) == pytest.approx(draws[400], rel=0.01)
    assert float(high) == pytest.approx(draws[3600], rel=0.01)
    assert interval(Decimal(1), 10**9, Decimal(5)) == (0, 5)


def test_every_number_opens_as_many_deals_and_files_are_made(people, sign_in):
    history(people, 7, 160)
    for day in days_to_test(timezone.localdate(), 90):
        keep(day, 90, timezone.now())
    keep(timezone.localdate(), 90, timezone.now())
    client = sign_in(people.admin)
    for by in ("stage", "manager", "source"):
        assert check_links(client, reverse(URL), {"by": by}) > 15
    assert check_links(client, reverse(URL), {"as_of": "2026-06-30", "owner": people.manager.pk})
    check_files(client, reverse(URL), {})
    known = sign_in(people.head).get(reverse(URL)).context["report"]
    assert known.values["own_chances"]
    assert not [sheet for sheet in known.sheets if sheet.key.startswith("read_")]
    found = json.loads(run("forecast", "admin@example.com", **{"--by": "manager"}))
    assert found["expected"] == str(client.get(reverse(URL)).context["report"].values["expected"])


def test_short_history_takes_the_typed_probability(people, sign_in):
    client = sign_in(people.head)
    assert "There are no open deals" in client.get(reverse(URL)).content.decode()
    factories.deal(people.manager, amount=1000)
    page = client.get(reverse(URL))
    assert "history is too short" in page.content.decode()
    values = page.context["report"].values
    assert (values["live"], values["expected"], values["own_chances"]) == (1, 200, False)
    check_bad_values(client, reverse(URL), ("from=", "period="))
    assert client.get(reverse("reports:forecast_rows"), {"what": "x"}).status_code == 404


def test_all_lost_history_promises_next_to_nothing(people):
    history(people, 9, 140, ("lost", "lost", "open"))
    asked = Asked(user=people.admin, now=datetime(2026, 11, 20, 12, tzinfo=KYIV))
    values = forecast_report(asked).values
    assert values["own_chances"]
    assert values["live"] > 0
    assert values["rotting"] == 0
    assert values["expected"] < values["live_amount"] / 100
    rows = weigh(behind(asked, "open", {}), {}, asked.now)
    assert {row.chance for row in rows} == {0}


def test_fits_are_kept_once_a_day_and_made_anew_after_a_week(people):
    now = datetime(2026, 11, 20, 12, tzinfo=KYIV)
    assert keep_fits(today=TODAY, now=now) == 39
    assert keep_fits(today=TODAY, now=now) == 0
    assert keep_fits(today=TODAY + timedelta(days=1), now=now + timedelta(days=1)) == 3
    assert ForecastFit.objects.count() == 39
    assert keep_fits(today=TODAY + timedelta(days=8), now=now + timedelta(days=8)) == 39


def test_the_page_asks_a_fixed_number_of_queries(people, sign_in, django_assert_max_num_queries):
    history(people, 11, 60)
    client = sign_in(people.head)
    with django_assert_max_num_queries(36):
        client.get(reverse(URL))
    with django_assert_max_num_queries(26):
        assert client.get(reverse("reports:forecast_rows")).context["count"] > 2
