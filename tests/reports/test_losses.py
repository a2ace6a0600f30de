"""Lost deals against a plain reading of the rows, and the rows behind every number."""

import json
from collections import Counter
from decimal import Decimal
from statistics import median

import pytest
from django.core.management import CommandError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from deals.models import Deal
from reports.asking import Asked
from reports.losses.counting import BY, losses
from tests import factories
from tests.factories import NOW
from tests.people import make_role, make_user
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import PERIOD, few_examples, random_deals

pytestmark = pytest.mark.django_db
URL = "reports:losses"
DAYS = {"from": PERIOD.first, "to": PERIOD.last}
VALUE = {
    "reason": lambda deal: deal.loss_reason_id,
    "competitor": lambda deal: deal.competitor_id,
    "stage": lambda deal: deal.stage_id,
    "manager": lambda deal: deal.owner_id,
    "source": lambda deal: deal.source,
    "department": lambda deal: deal.owner.department_id if deal.owner else None,
    "pipeline": lambda deal: deal.pipeline_id,
}


def closed_in(viewer, period, outcome):
    rows = Deal.objects.visible_to(viewer).filter(status=outcome).select_related("owner")
    return [deal for deal in rows if period.start <= deal.closed_at < period.end]


@few_examples
@given(seed=st.integers(0, 9999))
def test_losses_equal_a_plain_reading(people, seed):
    random_deals(people, seed)
    for viewer in (people.head, people.admin):
        lost, won = (closed_in(viewer, PERIOD, outcome) for outcome in ("lost", "won"))
        before = Counter()
        for by in BY:
            value = VALUE[by]
            asked = Asked(user=viewer, period=PERIOD, before=PERIOD.previous)
            found = losses(asked, by)
            told = {row.key: row for row in found.rows}
            counts = Counter(value(deal) for deal in lost)
            before = Counter(value(deal) for deal in closed_in(viewer, PERIOD.previous, "lost"))
            assert {key: row.lost.count for key, row in told.items() if row.lost.count} == counts
            assert {k: row.previous_lost for k, row in told.items() if row.previous_lost} == before
            for key in counts:
                mine = [deal for deal in lost if value(deal) == key]
                assert told[key].lost.amount == sum(deal.amount_base for deal in mine)
                days = [(d.closed_at - d.created_at).total_seconds() / 86400 for d in mine]
                assert told[key].median_days == pytest.approx(median(days), abs=0.051)
                other = VALUE[found.other]
                assert dict(told[key].across) == Counter(other(deal) for deal in mine)
                rated = [deal for deal in won if value(deal) == key]
                if by not in ("reason", "competitor", "stage"):
                    assert told[key].won == len(rated)
            assert (found.total.lost.count, found.total.won) == (len(lost), len(won))
            assert sum(month.lost.count for month in found.months) == len(lost)
            assert sum(month.won for month in found.months) == len(won)
            for month in found.months:
                assert sum(month.parts.values()) == month.lost.count


def test_every_number_opens_as_many_rows(people, sign_in):
    random_deals(people, 7, 40)
    for who, by in (("head", "reason"), ("admin", "source")):
        client = sign_in(getattr(people, who))
        assert check_links(client, reverse(URL), {**DAYS, "by": by}) > 15
    client = sign_in(people.admin)
    narrow = {**DAYS, "department": people.sales.pk, "source": "Fair", "compare": "none"}
    for by in ("manager", "department"):
        assert check_links(client, reverse(URL), {**narrow, "by": by}) > 3
    check_files(client, reverse(URL), DAYS)


def test_rates_and_shares_of_a_small_month(people):
    for number, reason in enumerate(("Price", "Price", "Silence")):
        factories.deal(
            people.manager,
            amount=Decimal(100 + number),
            status="lost",
            closed_at=NOW,
            loss_reason=factories.loss_reason(reason),
        )
    factories.deal(people.manager, amount=9, status="won", closed_at=NOW)
    found = json.loads(run("losses", "head@example.com"))
    assert (found["lost"], found["lost_amount"], found["loss_rate"]) == (3, "303.00", "75.0")
    assert [(row["name"], row["share"]) for row in found["rows"]] == [
        ("Price", "66.7"),
        ("Silence", "33.3"),
    ]
    assert found["rows"][0]["average_lost"] == "100.50"
    by_manager = json.loads(run("losses", "head@example.com", **{"--by": "manager"}))
    assert by_manager["rows"][0]["loss_rate"] == "75.0"
    with pytest.raises(CommandError):
        run("losses", "head@example.com", **{"--by": "month"})


def test_empty_bad_and_century_long_periods_are_clear_pages(people, sign_in):
    client = sign_in(people.head)
    assert "No deals were lost" in client.get(reverse(URL), DAYS).content.decode()
    random_deals(people, 3, 6)
    check_bad_values(client, reverse(URL))
    for query in (
        "what=other&report=losses",
        "what=lost&report=x",
        "what=lost&report=losses&lack=y",
    ):
        assert client.get(f"{reverse('reports:deals')}?{query}").status_code == 404


def test_who_may_not_see_sources_is_not_offered_them(people, sign_in):
    role = make_role("Blind", 4, rights=("view_reports",))
    role.field_rules.create(record_type="deal", field="source", level=0)
    random_deals(people, 5, 6)
    client = sign_in(make_user("blind", people.sales, role))
    page = client.get(reverse(URL), {**DAYS, "by": "source", "source": "Fair"})
    assert "source" not in page.context["form"].fields
    assert page.context["report"].values["by"] == "reason"


def test_the_page_asks_a_fixed_number_of_queries(people, sign_in, django_assert_max_num_queries):
    random_deals(people, 1, 30)
    with django_assert_max_num_queries(38):
        sign_in(people.head).get(reverse(URL), DAYS)
