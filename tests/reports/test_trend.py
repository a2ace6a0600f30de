"""One manager's twelve months and the median of the department, against a plain reading."""

import json
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from statistics import median

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activities.models import Activity
from deals.models import Deal
from reports.asking import Asked
from reports.models import Plan
from reports.trend.counting import FIGURES, Month, months_of, trend
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import few_examples

pytestmark = pytest.mark.django_db


def a_year(people, seed: int) -> None:
    """Deals and work of a year and a half of two colleagues and others."""
    chance = Random(seed)
    owners = [people.manager, people.colleague, people.outsider, None]
    for _ in range(40):
        owner, day = chance.choice(owners), timedelta(days=chance.randint(0, 500))
        closed = NOW - day
        status = chance.choice(("won", "lost", "open"))
        over = {} if status == "open" else {"status": status, "closed_at": closed}
        if status == "lost":
            over["loss_reason"] = factories.loss_reason()
        start = closed - timedelta(days=chance.randint(0, 90))
        amount = Decimal(chance.choice((0, 500, 99999)))
        factories.deal(owner, amount=amount, created_at=start, **over)
        kind, due = chance.choice(("call", "meeting", "task")), closed
        done = due + timedelta(hours=chance.choice((-5, 5)))
        factories.activity(owner, kind=kind, due_at=due, done_at=done)


def read(viewer, person, first: date) -> Month:
    """One month of a person by plain Python."""
    found = Month()

    def inside(moment) -> bool:
        return bool(moment) and timezone.localdate(moment).replace(day=1) == first

    days = []
    for deal in Deal.objects.visible_to(viewer).filter(owner=person):
        found.new += inside(deal.created_at)
        if deal.status == "open" or not inside(deal.closed_at):
            continue
        if deal.status == "won":
            found.won += 1
            found.won_amount += deal.amount_base
            days.append((deal.closed_at - deal.created_at).total_seconds() / 86400)
        else:
            found.lost += 1
    found.cycle_days = round(median(days), 1) if days else None
    for row in Activity.objects.visible_to(viewer).filter(owner=person):
        if inside(row.done_at):
            found.calls += row.kind == "call"
            found.meetings += row.kind == "meeting"
            found.tasks_late += row.kind == "task" and row.done_at > row.due_at
    return found


@few_examples
@given(seed=st.integers(0, 9999))
def test_months_and_medians_equal_a_plain_reading(people, seed):
    a_year(people, seed)
    asked = Asked(user=people.admin, now=NOW)
    found = trend(asked, people.manager)
    department = people.manager.department
    same = list(type(people.manager).objects.filter(department=department, is_active=True))
    assert found.peers == len(same) > 1
    for first in months_of(asked):
        assert found.months[first] == read(people.admin, people.manager, first)
        months = [read(people.admin, person, first) for person in same]
        for name in FIGURES:
            values = [getattr(month, name) for month in months]
            values = [float(value) for value in values if value is not None]
            told = found.medians[first][name]
            if values:
                assert float(told) == pytest.approx(median(values), abs=0.06), name
            else:
                assert told is None


def test_twelve_months_end_with_the_present_one():
    firsts = months_of(Asked(user=None, now=NOW))
    assert len(firsts) == 12
    assert firsts[-1] == NOW.date().replace(day=1)
    assert firsts[0] == date(NOW.year - 1, 12, 1)


def test_who_sees_only_himself_is_not_compared(people):
    a_year(people, 1)
    found = trend(Asked(user=people.manager, now=NOW), people.manager)
    assert found.medians == {}


def test_a_plan_stands_beside_the_fact(people, sign_in):
    first = timezone.localdate().replace(day=1)
    Plan.objects.create(
        period="month", first=first, owner=people.manager, amount=200, changed_at=NOW
    )
    won = {"status": "won", "closed_at": timezone.now()}
    factories.deal(people.manager, amount=50, created_at=timezone.now(), **won)
    page = sign_in(people.head).get(reverse("reports:manager"), {"owner": people.manager.pk})
    row = page.context["report"].values["rows"][-1]
    assert (row["won"], row["plan_amount"], row["done"]) == (1, Decimal(200), Decimal(25))


def test_the_page_opens_from_the_managers_and_every_number_opens_its_rows(people, sign_in):
    a_year(people, 4)
    client = sign_in(people.head)
    every = client.get(reverse("reports:managers"), {"period": "all"}).context["report"]
    url = next(line["name"] for line in every.sheets[0].urls if "name" in line)
    page = client.get(url)
    assert page.status_code == 200
    assert page.context["charts"]
    chosen = {"owner": people.manager.pk}
    assert check_links(client, reverse("reports:manager"), chosen) > 10
    check_files(client, reverse("reports:manager"), chosen)
    told = json.loads(run("manager", "head@example.com", **{"--owner": people.manager.email}))
    shown = client.get(reverse("reports:manager"), chosen).context["report"].values
    assert [row["won"] for row in told["rows"]] == [row["won"] for row in shown["rows"]]


def test_an_unseen_person_is_named_as_wrong_and_left_out(people, sign_in):
    client = sign_in(people.head)
    page = client.get(reverse("reports:manager"), {"owner": people.outsider.pk})
    assert 'role="alert"' in page.content.decode()
    assert page.context["report"].question == people.head.full_name
    check_bad_values(client, reverse("reports:manager"), ("from", "period", "to"))
