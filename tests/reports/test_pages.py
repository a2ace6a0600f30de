"""The pages: every number links to exactly the rows it counts; bad values are named, not fatal."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from deals.services.moving import lose_deal, move_deal, win_deal
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
CELL = re.compile(r'<td class="r">\s*<a href="([^"]+)">([\d,\xa0]+)</a>')


@pytest.fixture
def sold(people):
    """Deals at every stage with every outcome, of three owners and of nobody."""
    stages = list(factories.pipeline().stages.order_by("position"))
    reason = factories.loss_reason()
    owners = [people.manager, people.colleague, people.below, None]
    for number in range(24):
        owner = owners[number % 4]
        made = factories.deal(owner, amount=100 + number, created_at=NOW - timedelta(days=9))
        by, now = people.admin, NOW - timedelta(days=5)
        for stage in stages[1 : 1 + number % 5]:
            move_deal(deal_id=made.pk, stage_id=stage.pk, by=by, now=now)
        if number % 3 == 0:
            lose_deal(deal_id=made.pk, reason=reason, by=by, now=NOW)
        elif number % 3 == 1:
            win_deal(deal_id=made.pk, by=by, now=NOW)
        kind = ("call", "meeting", "task")[number % 3]
        factories.activity(owner, kind=kind, due_at=NOW - timedelta(days=1), done_at=NOW)
    factories.deal(people.outsider, amount=5000)
    return people


def cells(page) -> list[tuple[str, int]]:
    """Address and number of every linked count of the page's table."""
    text = page.content.decode()
    return [
        (unescape(url), int(re.sub(r"[,\xa0]", "", count))) for url, count in CELL.findall(text)
    ]


@pytest.mark.parametrize("name", ["funnel", "managers"])
@pytest.mark.parametrize("who", ["head", "analyst"])
def test_linked_lists_hold_as_many_rows_as_the_cell_says(sold, sign_in, name, who):
    client = sign_in(getattr(sold, who))
    found = cells(client.get(reverse(f"reports:{name}"), DAYS))
    assert len(found) > 20
    for url, count in found:
        page = client.get(url)
        if url.startswith("/deals/"):
            assert page.context["totals"].count == count, url
        else:
            assert len(page.context["rows"]) == count, url


def test_picture_shows_the_numbers_of_the_table(sold, sign_in):
    page = sign_in(sold.head).get(reverse("reports:funnel"), DAYS)
    steps = page.context["funnel"].steps
    assert [bar["count"] for bar in page.context["bars"]] == [
        *(step.entered.count for step in steps),
        page.context["funnel"].won.count,
    ]
    assert "style=" not in page.content.decode().split("<main")[-1]


def test_owner_and_as_of_narrow_the_page(sold, sign_in):
    client = sign_in(sold.head)
    params = {**DAYS, "owner": sold.manager.pk, "as_of": "2026-11-12"}
    page = client.get(reverse("reports:funnel"), params)
    assert page.context["funnel"].entered.count == 6
    assert page.context["funnel"].open.count == 6
    assert not cells(page)


@pytest.mark.parametrize("name", ["funnel", "managers"])
@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01",
        "from=2026-11-20&to=2026-11-01",
        "period=never",
        "pipeline=99999999999999999999",
        "pipeline=%00",
        "owner=abc",
        "from=0001-01-01&to=9999-12-31",
        "as_of=0001-01-01",
        "from=1900-01-01&to=2200-12-31",
        "from=&to=",
        "from=1900-01-01",
        "to=2200-12-31",
    ],
)
def test_bad_values_are_named_and_defaults_used(sold, sign_in, name, query):
    page = sign_in(sold.head).get(f"{reverse(f'reports:{name}')}?{query}")
    assert page.status_code == 200
    if any(wrong in query for wrong in ("-13-", "never", "99999", "%00", "abc", "9999", "11-20")):
        assert 'role="alert"' in page.content.decode()


def test_foreign_owner_is_not_a_choice(sold, sign_in):
    page = sign_in(sold.head).get(reverse("reports:funnel"), {"owner": sold.outsider.pk})
    assert "owner" in page.context["errors"]


@pytest.mark.parametrize("preset", ["this_month", "last_month", "quarter", "year", "all"])
def test_presets_open(sold, sign_in, preset):
    page = sign_in(sold.head).get(reverse("reports:managers"), {"period": preset})
    assert page.status_code == 200
    assert [current for _, _, current in page.context["presets"]].count(True) == 1


@pytest.mark.parametrize("name", ["index", "funnel", "managers"])
def test_only_holders_of_the_right_enter(people, sign_in, name):
    url = reverse(f"reports:{name}")
    assert sign_in(people.head).get(url).status_code == 200
    assert sign_in(people.manager).get(url).status_code == 403


def test_pages_ask_a_fixed_number_of_queries(sold, sign_in, django_assert_max_num_queries):
    client = sign_in(sold.head)
    with django_assert_max_num_queries(32):
        client.get(reverse("reports:funnel"), DAYS)
    with django_assert_max_num_queries(32):
        client.get(reverse("reports:managers"), DAYS)
