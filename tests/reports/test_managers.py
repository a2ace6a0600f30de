"""What owners did, against a plain reading of the rows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.models import Phone
from deals.models import Deal
from reports.asking import Asked
from reports.managers import managers as managers_of
from reports.managers import sales as sales_of
from reports.managers import worked_deals
from reports.periods import Period
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
SUMS = (
    "new",
    "worked",
    "won",
    "won_amount",
    "lost",
    "calls",
    "meetings",
    "tasks_done",
    "tasks_late",
)


def managers(**asked):
    return managers_of(Asked(**asked))


def sales(by="manager", **asked):
    return sales_of(Asked(**asked), by)


@pytest.fixture
def busy(people):
    """Won, lost and open deals and done work of everybody and of nobody, in two months."""
    owners = [people.manager, people.colleague, people.below, people.outsider, None]
    for number in range(30):
        owner = owners[number % 5]
        closed = NOW - timedelta(days=number * 2)
        outcome = [
            {"status": "won", "closed_at": closed},
            {"status": "lost", "closed_at": closed, "loss_reason": factories.loss_reason()},
            {},
        ][number % 3]
        factories.deal(
            owner,
            amount=Decimal("10.10") * number,
            created_at=closed - timedelta(days=number),
            **outcome,
        )
        kind = ("call", "meeting", "task", "note")[number % 4]
        due = NOW - timedelta(days=number % 3)
        factories.activity(owner, kind=kind, due_at=due, done_at=NOW - timedelta(days=1))
    return people


def test_rows_equal_a_plain_reading(busy):
    found = managers(user=busy.head, period=NOVEMBER)
    row = next(row for row in found.rows if row.owner == busy.manager.pk)
    own = Deal.objects.filter(owner=busy.manager)
    inside = [deal for deal in own if deal.closed_at and deal.closed_at >= NOVEMBER.start]
    won = [deal.amount_base for deal in inside if deal.status == "won"]
    lost = [deal for deal in inside if deal.status == "lost"]
    assert (row.won, row.lost, row.won_amount) == (len(won), len(lost), sum(won))
    rate = Decimal(100 * len(won)) / (len(won) + len(lost))
    assert row.win_rate == pytest.approx(rate, abs=Decimal("0.05"))
    assert row.average_won == pytest.approx(sum(won) / len(won), abs=Decimal("0.005"))


def test_own_numbers_equal_those_the_head_sees(busy):
    whole = managers(user=busy.head, period=NOVEMBER)
    for person in (busy.manager, busy.colleague):
        own = managers(user=person, period=NOVEMBER)
        told = next(row for row in whole.rows if row.owner == person.pk)
        assert [getattr(own.total, name) for name in SUMS] == [getattr(told, name) for name in SUMS]
        assert own.total.median_cycle_days == told.median_cycle_days


def test_total_is_the_sum_over_owners_and_over_visible_deals(busy):
    for viewer in (busy.head, busy.admin, busy.manager):
        found = managers(user=viewer, period=NOVEMBER)
        for name in SUMS:
            assert getattr(found.total, name) == sum(getattr(row, name) for row in found.rows)
        seen = Deal.objects.visible_to(viewer).won().filter(NOVEMBER.within("closed_at"))
        assert found.total.won_amount == sum(deal.amount_base for deal in seen)


def test_sales_by_manager_and_by_month_add_up_alike(busy):
    found = sales(user=busy.head, period=Period())
    by_month = sum(row.won_amount for row in found.by_month)
    assert by_month == sum(row.won_amount for row in found.rows) == found.total.won_amount
    assert [row.month for row in found.by_month] == sorted(row.month for row in found.by_month)
    assert found.total.won_amount == managers(user=busy.head, period=Period()).total.won_amount


def test_nothing_closed_has_no_rate_and_no_average(people):
    factories.deal(people.manager)
    row = managers(user=people.head, period=NOVEMBER).rows[0]
    assert (row.new, row.won, row.win_rate, row.average_won) == (1, 0, None, None)
    assert row.median_cycle_days is None


def test_median_cycle_is_from_creation_to_winning(people):
    for days in (2, 4, 30):
        created = NOW - timedelta(days=days)
        factories.deal(people.manager, created_at=created, status="won", closed_at=NOW)
    assert managers(user=people.head, period=NOVEMBER).total.median_cycle_days == 4.0


def test_late_is_done_after_due(people):
    for shift in (-1, 0, 1):
        factories.activity(people.manager, due_at=NOW, done_at=NOW + timedelta(hours=shift))
    found = managers(user=people.head, period=NOVEMBER)
    assert (found.total.tasks_done, found.total.tasks_late) == (3, 1)


@pytest.mark.parametrize("by", ["manager", "department", "source", "pipeline", "month"])
def test_sales_by_anything_have_one_total(busy, by):
    found = sales(by, user=busy.head, period=Period())
    assert sum(row.won_amount for row in found.rows) == found.total.won_amount > 0
    assert found.total.won == sales(user=busy.head, period=Period()).total.won


def test_in_work_are_deals_open_on_some_moment_of_the_period(busy):
    asked = Asked(user=busy.head, period=NOVEMBER)
    told = [
        deal.pk
        for deal in Deal.objects.visible_to(busy.head)
        if deal.created_at < NOVEMBER.end
        and (deal.closed_at is None or deal.closed_at >= NOVEMBER.start)
    ]
    assert sorted(worked_deals(asked).values_list("pk", flat=True)) == sorted(told)
    assert managers_of(asked).total.worked == len(told)


def test_median_sale_and_first_answer(people):
    for number, amount in enumerate((100, 300, 1000)):
        factories.deal(people.manager, amount=amount, status="won", closed_at=NOW)
        lead = factories.lead(people.manager, created_at=NOW)
        for minutes in (number * 10 + 5, 500):
            done = NOW + timedelta(minutes=minutes)
            factories.activity(people.manager, kind="call", lead=lead, done_at=done)
        factories.activity(people.manager, kind="note", lead=lead, done_at=NOW)
    now = NOW + timedelta(minutes=45)
    found = managers(user=people.head, period=NOVEMBER, now=now)
    for row in (found.rows[0], found.total):
        assert (row.median_won, row.first_answer_minutes, row.waiting) == (300, 15, 0)
    factories.lead(people.manager, created_at=NOW)
    gone = {"status": "rejected", "closed_at": NOW + timedelta(minutes=40)}
    factories.lead(people.manager, created_at=NOW, **gone)
    found = managers(user=people.head, period=NOVEMBER, now=now)
    for row in (found.rows[0], found.total):
        assert (row.first_answer_minutes, row.first_answer_p90, row.waiting) == (25, 43, 1)


def test_department_and_source_narrow(busy):
    regions = managers(user=busy.head, period=Period(), department=busy.regions)
    assert [row.owner for row in regions.rows] == [busy.below.pk]
    Deal.objects.filter(owner=busy.manager).update(source="Fair")
    found = managers(user=busy.head, period=Period(), source="Fair")
    assert sum(row.new for row in found.rows) == Deal.objects.filter(owner=busy.manager).count()


def test_revenue_before_is_of_the_compared_period(busy):
    before = Period(date(2026, 10, 2), date(2026, 10, 31))
    found = managers(user=busy.head, period=NOVEMBER, before=before)
    past = managers(user=busy.head, period=before)
    assert found.total.previous_won_amount == past.total.won_amount > 0


def test_calls_are_told_by_their_results(people, sign_in):
    for result, duration in (
        ("talked", 60),
        ("call_back", None),
        ("no_answer", 20),
        ("", 30),
        ("", 0),
        ("", None),
    ):
        factories.activity(
            people.manager, kind="call", result=result, duration=duration, done_at=NOW
        )
    row = managers(user=people.head, period=NOVEMBER).rows[0]
    assert (row.calls, row.connected, row.talked_seconds) == (6, 3, 90)
    assert (row.no_answer, row.call_back) == (1, 1)
    client = sign_in(people.head)
    days = {"from": NOVEMBER.first, "to": NOVEMBER.last}
    sheet = client.get(reverse("reports:managers"), days).context["report"].sheets[1]
    for name, count in (("calls", 6), ("connected", 3), ("no_answer", 1), ("call_back", 1)):
        assert len(client.get(sheet.urls[0][name]).context["rows"]) == count, name


def test_waiting_leads_open_by_their_number(people, sign_in):
    for owner in (people.manager, people.manager, people.colleague, people.outsider):
        factories.lead(owner, created_at=NOW)
    client = sign_in(people.head)
    days = {"from": NOVEMBER.first, "to": NOVEMBER.last}
    report = client.get(reverse("reports:managers"), days).context["report"]
    sheet = report.sheets[1]
    found = {row["name"]: row["waiting"] for row in sheet.rows}
    assert found[people.manager.full_name] == 2
    for row, urls in zip(sheet.rows, sheet.urls, strict=True):
        assert client.get(urls["waiting"]).context["count"] == row["waiting"]
    assert client.get(sheet.total_urls["waiting"]).context["count"] == sheet.total["waiting"] == 3


def test_quality_shares_open_exactly_what_is_to_be_mended(people, sign_in):
    client_card = factories.company(people.manager)
    factories.deal(people.manager, amount=0, company=None)
    good = factories.deal(people.manager, amount=10, company=client_card)
    factories.activity(people.manager, deal=good)
    for number in ("+79161234567", "call me"):
        person = factories.contact(people.manager)
        Phone.objects.create(contact=person, number=number, e164=number if "+" in number else "")
    client = sign_in(people.head)
    page = client.get(reverse("reports:managers"), {"period": "all", "part": "quality"})
    [sheet] = page.context["report"].sheets
    own = next(row for row in sheet.rows if row["name"] == people.manager.full_name)
    shares = ("with_amount", "with_client", "with_step", "phones_right")
    assert [own[name] for name in shares] == [50, 50, 50, 50]
    urls = sheet.urls[sheet.rows.index(own)]
    for name in shares[:2] + shares[3:]:
        assert client.get(urls[name]).context["page_obj"].paginator.count == 1, name
    assert client.get(urls["with_step"]).context["totals"].count == 1
    assert client.get(urls["open"]).context["totals"].count == 2
