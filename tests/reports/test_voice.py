"""What customers say against a plain reading, and the rows behind its numbers."""

import json
from datetime import timedelta
from random import Random

import pytest

from activities.models import Activity, ActivityMark
from activities.services import set_marks
from deals.models import Deal
from reports.asking import Asked
from reports.voice.counting import BY, marked, marked_deals, voice
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import PERIOD

pytestmark = pytest.mark.django_db
URL = "/reports/voice/"
VALUE = {
    "mark": lambda row: row.mark_id,
    "kind": lambda row: row.mark.kind,
    "manager": lambda row: row.activity.owner_id,
}


@pytest.fixture
def talks(people):
    chance = Random(7)
    marks = [
        factories.mark(),
        factories.mark("Price", "price"),
        factories.mark("Rival", "competitor"),
    ]
    deals = [
        factories.deal(owner, status=status, closed_at=NOW if status != "open" else None,
                       loss_reason=factories.loss_reason() if status == "lost" else None)
        for owner in (people.manager, people.below, people.outsider)
        for status in ("open", "won", "lost")
    ]  # fmt: skip
    for number in range(60):
        deal = chance.choice([*deals, None])
        done = PERIOD.start + timedelta(days=chance.uniform(-40, 28))
        row = factories.activity(
            chance.choice([people.manager, people.below, people.outsider]),
            kind=chance.choice(["call", "note", "meeting"]),
            body=f"Words {number}",
            deal=deal,
            due_at=None,
            done_at=done,
            deleted_at=NOW if number % 13 == 0 else None,
        )
        chosen = chance.sample(marks, chance.randint(0, 2))
        set_marks(activity=row, marks=chosen, by=people.admin, now=NOW)
    return people


def test_counts_equal_a_plain_reading(talks):
    for viewer in (talks.manager, talks.head, talks.admin):
        asked = Asked(user=viewer, period=PERIOD, before=PERIOD.previous, now=NOW)
        seen = set(Activity.objects.visible_to(viewer).values_list("pk", flat=True))
        deals = {deal.pk: deal for deal in Deal.objects.visible_to(viewer)}
        every = ActivityMark.objects.select_related("activity", "mark")
        rows = [row for row in every if row.activity_id in seen]
        for by in BY:
            found = voice(asked, by)
            for line in [*found.rows, found.total]:
                mine = [row for row in rows if line is found.total or VALUE[by](row) == line.key]
                here = [row for row in mine if PERIOD.start <= row.activity.done_at < PERIOD.end]
                assert line.said == len({row.activity_id for row in here})
                hung = {row.activity.deal_id for row in here} & set(deals)
                assert line.deals == len(hung)
                assert line.lost == sum(deals[pk].status == "lost" for pk in hung)
                keys = {} if line is found.total else {by: line.key}
                assert marked(asked, **keys).count() == line.said
                assert marked_deals(asked, **keys).count() == line.deals
            assert sum(month.said for month in found.months) == found.total.said


def test_numbers_open_their_rows(talks, sign_in):
    client = sign_in(talks.head)
    days = {"from": PERIOD.first.isoformat(), "to": PERIOD.last.isoformat()}
    for by in BY:
        assert check_links(client, URL, {**days, "by": by}) > 4
    check_files(client, URL, days)
    check_bad_values(client, URL, ("source",))


def test_quotes_name_only_records_one_sees(talks, sign_in):
    page = sign_in(talks.manager if talks.manager.has_right("view_reports") else talks.head).get(
        URL, {"from": PERIOD.first.isoformat(), "to": PERIOD.last.isoformat()}
    )
    seen = set(Activity.objects.visible_to(page.wsgi_request.user).values_list("body", flat=True))
    told = {quote["text"] for quote in page.context["report"].values["quotes"]}
    assert told
    assert told <= seen


def test_command_says_what_the_page_says(talks, sign_in):
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    page = sign_in(talks.head).get(URL, {**days, "by": "kind"})
    printed = json.loads(run("voice", talks.head.email, **{"--by": "kind"}))
    assert printed["rows"] == json.loads(
        json.dumps(page.context["report"].values["rows"], default=str)
    )
    assert printed["said"] == page.context["report"].values["said"]


def test_page_without_marks_says_what_to_do(people, sign_in):
    page = sign_in(people.head).get(URL)
    assert "Nothing was marked" in page.content.decode()
    assert sign_in(people.head).get("/reports/voice/rows/?mark=abc").status_code == 404
