"""What was done on a day, against a plain reading of activities and moves."""

import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activities.models import Activity
from deals.models import Deal, StageMove
from deals.services.moving import lose_deal, move_deal, win_deal
from reports.asking import Asked
from reports.days.counting import COUNTED, acts_behind, what_was_done
from reports.periods import Period
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import few_examples

pytestmark = pytest.mark.django_db
DAY = Period(NOW.date(), NOW.date())
KINDS = ("call", "meeting", "email", "task", "note")


def busy_day(people, seed: int, count: int = 40) -> None:
    """Acts of everybody and of nobody around the day, some before and after it."""
    chance = Random(seed)
    owners = [people.manager, people.colleague, people.outsider, None]
    for _ in range(count):
        kind = chance.choice(KINDS)
        call = {"result": chance.choice(("", "talked", "no_answer", "call_back"))}
        call["duration"] = chance.choice((None, 0, 61, 300))
        at = NOW + timedelta(minutes=chance.randint(-1500, 1500))
        owner = chance.choice(owners)
        deal = factories.deal(owner) if chance.random() < 0.5 else None
        made = call if kind == "call" else {}
        factories.activity(owner, kind=kind, deal=deal, done_at=at, **made)
    for _ in range(count // 2):
        owner = chance.choice(owners)
        by = chance.choice([people.admin, people.head])
        at = NOW + timedelta(minutes=chance.randint(-800, 800))
        deal = factories.deal(owner, created_at=at - timedelta(days=1))
        stages = list(deal.pipeline.stages.all())
        move_deal(deal_id=deal.pk, stage_id=stages[1].pk, by=by, now=at)
        end = chance.choice(("", "won", "lost"))
        if end == "won":
            win_deal(deal_id=deal.pk, by=by, now=at)
        elif end:
            lose_deal(deal_id=deal.pk, reason=factories.loss_reason(), by=by, now=at)


def read(viewer) -> Counter:
    """The counts by (what, person, hour) by plain Python."""
    found: Counter = Counter()
    for row in Activity.objects.visible_to(viewer):
        at = row.done_at and timezone.localtime(row.done_at)
        if not at or at.date() != DAY.first:
            continue
        found[f"{row.kind}s", row.owner_id, at.hour] += 1
        lasted = not row.result and (row.duration or 0) > 0
        if row.kind == "call" and (row.result in ("talked", "call_back") or lasted):
            found["connected", row.owner_id, at.hour] += 1
            found["talked", row.owner_id, at.hour] += row.duration or 0
    seen = set(Deal.objects.visible_to(viewer).values_list("pk", flat=True))
    for move in StageMove.objects.filter(deal__in=seen):
        at = timezone.localtime(move.at)
        if move.kind in ("moved", "won", "lost") and at.date() == DAY.first:
            found[move.kind, move.by_id, at.hour] += 1
    return found


@few_examples
@given(seed=st.integers(0, 9999), zone=st.sampled_from(["Europe/Kyiv", "Asia/Vladivostok"]))
def test_cells_equal_a_plain_reading(people, seed, zone):
    busy_day(people, seed)
    with timezone.override(ZoneInfo(zone)):
        for viewer in (people.head, people.manager, people.admin):
            day = what_was_done(Asked(user=viewer, period=DAY, now=NOW))
            told = Counter(
                {
                    (name, person, hour): getattr(done, name)
                    for (person, hour), done in day.cells.items()
                    for name in (*COUNTED, "talked")
                    if getattr(done, name)
                }
            )
            assert told == +read(viewer)
            for name in COUNTED:
                whole = sum(getattr(done, name) for done in day.people.values())
                assert whole == sum(getattr(done, name) for done in day.hours.values())
                assert whole == getattr(day.total, name)


def test_an_owner_and_a_department_narrow_by_who_did_it(people):
    busy_day(people, 3)
    asked = Asked(user=people.admin, period=DAY, now=NOW)
    whole = what_was_done(asked)
    own = what_was_done(asked.of(owner=people.manager))
    assert set(own.people) == {people.manager.pk}
    assert own.total == whole.people[people.manager.pk]
    unit = what_was_done(asked.of(department=people.manager.department))
    assert people.outsider.pk not in unit.people
    assert people.manager.pk in unit.people


def test_an_hour_that_the_clock_repeats_is_one(people):
    """On 25 October 2026 the hour from 3 to 4 came twice in Kyiv."""
    with timezone.override(ZoneInfo("Europe/Kyiv")):
        for hour in (0, 1):
            at = datetime(2026, 10, 25, hour, 30, tzinfo=ZoneInfo("UTC"))
            factories.activity(people.manager, kind="call", done_at=at)
        day = Period(datetime(2026, 10, 25).date(), datetime(2026, 10, 25).date())
        asked = Asked(user=people.head, period=day)
        found = what_was_done(asked)
        assert {hour: done.calls for hour, done in found.hours.items()} == {3: 2}
        assert acts_behind(asked, "calls", 3, None)[0].count() == 2


def test_every_number_opens_exactly_its_acts(people, sign_in):
    busy_day(people, 5)
    client = sign_in(people.admin)
    url, on = reverse("reports:day"), {"on": DAY.first}
    assert check_links(client, url, on) > 10
    check_files(client, url, on)
    picture = client.get(url, on).context["lines"]
    cells = [cell for line in picture for cell in line["cells"] if cell["count"]]
    for cell in cells[:: max(1, len(cells) // 6)]:
        assert client.get(cell["url"]).context["count"] == cell["count"]
    own = client.get(url, {**on, "owner": people.manager.pk}).context["report"]
    assert [row["name"] for row in own.sheets[0].rows] == [people.manager.full_name]


def test_the_command_prints_what_the_page_shows(people, sign_in):
    busy_day(people, 7)
    page = sign_in(people.head).get(reverse("reports:day"), {"on": DAY.first})
    told = json.loads(run("day", "head@example.com", **{"--on": f"{DAY.first}"}))
    shown = page.context["report"].values
    assert told["on"] == f"{DAY.first}"
    assert told["rows"] == shown["rows"]
    assert told["cells"] == shown["cells"]
    assert told["acts"] == sum(row["acts"] for row in told["hours"])


def test_bad_values_are_named_and_an_empty_day_says_so(people, sign_in):
    client = sign_in(people.head)
    url = reverse("reports:day")
    assert client.get(url).context["report"].empty
    check_bad_values(client, url, ("from", "period", "to"))
    assert 'role="alert"' in client.get(url, {"on": "2026-13-01"}).content.decode()
    for query in ("hour=24", "what=all", "who=abc", "who=99999999999999999"):
        assert client.get(f"{reverse('reports:day_acts')}?{query}").status_code == 404
    assert client.get(url, {"on": "1900-01-01"}).status_code == 200
    assert client.get(url, {"on": "2200-12-31"}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_people(
    people, sign_in, django_assert_max_num_queries
):
    busy_day(people, 1, 10)
    asked = Asked(user=people.admin, period=DAY, now=NOW)
    what_was_done(asked)
    with django_assert_max_num_queries(8):
        what_was_done(asked)
