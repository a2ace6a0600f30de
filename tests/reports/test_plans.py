"""Plan and fact: working days, pace, suggestions, rights."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from reports.asking import Asked
from reports.models import Plan
from reports.periods import Period
from reports.plans import bars, plan_days, plan_rows, set_plan, suggest, working_days
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def plan(people, owner=None, department=None, amount=1000, day=NOVEMBER.first):
    return set_plan(
        period="month",
        day=day,
        owner=owner,
        department=department,
        amount=Decimal(amount),
        count=3,
        by=people.head,
        now=NOW,
    )


def won(owner, amount, at=NOW):
    factories.deal(owner, amount=amount, created_at=at, status="won", closed_at=at)


def test_periods_of_a_day():
    assert plan_days("month", date(2028, 2, 29)) == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert plan_days("quarter", date(2026, 12, 31)) == Period(date(2026, 10, 1), date(2026, 12, 31))


def test_working_days_are_counted_one_by_one():
    for start in range(9):
        for length in range(-2, 40):
            first = date(2026, 11, 1) + timedelta(days=start)
            days = [first + timedelta(days=at) for at in range(length)]
            expected = sum(day.weekday() < 5 for day in days)
            assert working_days(first, first + timedelta(days=length - 1)) == expected


def test_fact_pace_and_what_is_missing(people):
    plan(people, owner=people.manager)
    plan(people, department=people.sales, amount=5000)
    won(people.manager, 300)
    won(people.below, 200)
    won(people.outsider, 900)
    asked = Asked(user=people.head, period=NOVEMBER, now=NOW)
    department, row = plan_rows(asked, "month", [people.manager], [people.sales], company=False)
    assert (department.fact, department.count, department.done) == (500, 2, 10)
    assert (row.fact, row.done) == (300, 30)
    assert row.forecast == Decimal("420.00")  # 15 of 21 working days are gone
    assert row.per_day == Decimal("116.67")  # 700 over 6 working days


def test_without_plan_nothing_is_divided(people):
    asked = Asked(user=people.head, period=NOVEMBER, now=NOW)
    [row] = plan_rows(asked, "month", [people.manager], [], company=False)
    assert (row.done, row.per_day, row.forecast, row.suggestion.kind) == (None, None, 0, "none")
    plan(people, owner=people.manager, amount=0)
    assert plan_rows(asked, "month", [people.manager], [], company=False)[0].done is None


def test_suggestion_shows_the_numbers_it_is_made_of():
    short = {date(2026, month, 1): Decimal(100 * month) for month in (7, 8, 9, 10)}
    found = suggest(short, NOVEMBER)
    assert (found.kind, found.months, found.amount) == ("mean", [1000, 900, 800], 900)
    long = {date(2024, 11, 1): Decimal(1000), date(2025, 11, 1): Decimal(1200)}
    found = suggest(long, NOVEMBER)
    assert (found.kind, found.same, found.growth) == ("season", 1200, Decimal("1.20"))
    assert found.amount == 1440
    assert suggest({}, NOVEMBER).kind == "none"


def test_page_sets_plans_within_what_one_sees(people, sign_in):
    factories.deal(people.manager)
    head = sign_in(people.head)
    url = reverse("reports:plan_set")
    post = {"period": "month", "day": "2026-11-15", "amount": "1 500,50", "count": "2"}
    assert head.post(url, {**post, "owner": people.manager.pk}).status_code == 302
    assert head.post(url, {**post, "owner": people.manager.pk}).status_code == 302
    stored = Plan.objects.get()
    assert (stored.first, stored.amount) == (date(2026, 11, 1), Decimal("1500.50"))
    for bad in (
        {"owner": people.outsider.pk},
        {"department": people.service.pk},
        {},
        {"owner": people.manager.pk, "department": people.sales.pk},
        {"owner": people.manager.pk, "amount": "-1"},
        {"owner": people.manager.pk, "day": "2026-13-01"},
        {"owner": people.manager.pk, "count": "x"},
    ):
        assert head.post(url, {**post, **bad}).status_code == 422
    assert Plan.objects.count() == 1
    assert sign_in(people.admin).post(url, post).status_code == 302
    assert sign_in(people.manager).post(url, post).status_code == 403


def test_every_won_number_opens_as_many_deals(people, sign_in):
    for amount in (100, 200, 300):
        won(people.manager, amount)
    won(people.below, 50)
    plan(people, owner=people.manager)
    client = sign_in(people.head)
    page = client.get(reverse("reports:plan"), {"kind": "month", "day": "2026-11-10"})
    sheet = page.context["report"].sheets[0]
    assert sum(row["won"] for row in sheet.rows) > 4
    for row, urls in zip(sheet.rows, sheet.urls, strict=True):
        assert client.get(urls["won"]).context["totals"].count == row["won"]
        assert client.get(urls["name"]).status_code == 200


@pytest.mark.parametrize(
    "query", ["kind=x", "day=0001-01-01", "day=%00", "kind=quarter&day=2200-12-31"]
)
def test_bad_parameters_give_a_page(people, sign_in, query):
    assert sign_in(people.head).get(f"{reverse('reports:plan')}?{query}").status_code == 200
    assert sign_in(people.head).get(f"{reverse('reports:plan_set')}?{query}").status_code == 200


def test_bar_is_on_the_day_of_the_manager_and_of_the_head(people, sign_in):
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC)):
        plan(people, owner=people.manager)
        plan(people, department=people.sales)
        people.sales.head = people.head
        people.sales.save()
        won(people.manager, 250, at=NOW - timedelta(hours=1))
        assert [row.done for row in bars(people.manager, people.manager, NOW)] == [25]
        assert [row.department for row in bars(people.head, people.head, NOW)] == [people.sales]
        assert bars(people.colleague, people.colleague, NOW) == []
        page = sign_in(people.manager).get("/").content.decode()
        assert "Plan of the month" in page
        assert "25" in page
