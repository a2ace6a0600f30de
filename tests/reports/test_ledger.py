"""Retention, bills and ABC against a plain reading of the ledger, and on the CDNOW sample."""

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from statistics import median

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from deals.models import Purchase
from reports.asking import Asked
from reports.ledger import abc as abc_module
from reports.ledger import bills as bills_module
from reports.ledger import retention as retention_module
from reports.ledger.abc import abc, listed, moved
from reports.ledger.bills import bills
from reports.ledger.retention import cohort_buyers, retention
from reports.ledger.rows import Buyers, bought, buyers
from reports.periods import Period, months_later
from reports.purchases import Source, visible_purchases
from tests import factories
from tests.factories import NOW
from tests.reports import cdnow
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import few_examples, random_deals

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
SPAN = Period(date(2026, 7, 10), date(2026, 10, 25))
WHOLE = {"user": None, "as_of": TODAY, "now": NOW}


def shop(people, seed: int) -> None:
    """Clients of three owners with purchases and returns within ten months."""
    Purchase.objects.all().delete()
    chance = Random(seed)
    owners = [people.manager, people.below, people.outsider]
    for number in range(9):
        make = factories.company if number % 2 else factories.contact
        client = make(chance.choice(owners))
        for _ in range(chance.randint(1, 6)):
            day = TODAY - timedelta(days=chance.randint(0, 300))
            amount = chance.choice((10_000, 10_000, 2_550, 99_999, -5_000, 0))
            factories.purchase(client, day, amount)


def days_of(viewer, last=TODAY) -> dict:
    """Net sum of every day of every client the viewer sees, up to the day."""
    found: dict = defaultdict(lambda: defaultdict(Decimal))
    for row in visible_purchases(viewer, last).rows(
        "SELECT company_id, contact_id, day, amount FROM purchase"
    ):
        found[row["company_id"], row["contact_id"]][row["day"]] += row["amount"]
    return {client: dict(sorted(days.items())) for client, days in found.items()}


def visits(days: dict) -> list:
    """Days with a purchase."""
    return [day for day, amount in days.items() if amount >= 0]


@few_examples
@given(seed=st.integers(0, 9999), step=st.sampled_from(["month", "quarter"]))
def test_retention_equals_a_plain_reading(people, seed, step):
    shop(people, seed)
    months = {"month": 1, "quarter": 3}[step]
    for viewer in (people.head, people.admin):
        asked = Asked(user=viewer, period=SPAN, as_of=TODAY, now=NOW)
        found = retention(asked, step)
        came = {
            client: visits(days)
            for client, days in days_of(viewer).items()
            if visits(days) and SPAN.first <= visits(days)[0] <= SPAN.last
        }

        def begin(day):
            return day.replace(day=1, month=(day.month - 1) // months * months + 1)

        assert {row.first for row in found.cohorts} == {begin(d[0]) for d in came.values()}
        for row in found.cohorts:
            cohort = [days for days in came.values() if begin(days[0]) == row.first]
            assert row.size == len(cohort)
            assert row.size == buyers(asked, cohort_buyers(asked, row.first, step))[0]
            for number, count in enumerate(row.customers):
                at = months_later(row.first, months * number)
                told = sum(any(begin(day) == at for day in days) for days in cohort)
                assert count == told, (row.first, number)
                if number:
                    wanted = cohort_buyers(asked, row.first, step, number)
                    assert buyers(asked, wanted)[0] == count
        times = Counter(len(days) for days in came.values())
        for band in found.bands:
            told = sum(n for count, n in times.items() if band.least <= count <= band.most)
            assert band.customers == told
        gaps = [(b - a).days for d in came.values() for a, b in pairwise(d)]
        assert found.gap_days == (median(gaps) if gaps else None)
        second = [(days[1] - days[0]).days for days in came.values() if len(days) > 1]
        assert found.second_days == (median(second) if second else None)


@few_examples
@given(seed=st.integers(0, 9999))
def test_bills_and_classes_equal_a_plain_reading(people, seed):
    shop(people, seed)
    for viewer in (people.head, people.admin):
        asked = Asked(user=viewer, period=SPAN, before=SPAN.previous, as_of=TODAY, now=NOW)
        clients = days_of(viewer)
        check_bills(asked, clients)
        check_classes(asked, clients)


def check_bills(asked, clients) -> None:
    months, total = bills(asked)
    rows = [
        (client, day, amount, day > min(visits(days), default=day))
        for client, days in clients.items()
        for day, amount in days.items()
        if SPAN.first <= day <= SPAN.last
    ]
    bought_rows = [row for row in rows if row[2] >= 0]
    assert total.purchases == len(bought_rows) == bought(asked, "purchases", *edges())[0]
    assert (
        total.repeat == sum(row[3] for row in bought_rows) == bought(asked, "repeat", *edges())[0]
    )
    assert total.customers == len({row[0] for row in bought_rows})
    assert total.gross == sum(row[2] for row in bought_rows)
    assert total.returns == len(rows) - len(bought_rows) == bought(asked, "returns", *edges())[0]
    assert total.net == sum(row[2] for row in rows)
    sums = [row[2] for row in bought_rows]
    assert total.median == (pytest.approx(median(sums), abs=Decimal("0.006")) if sums else None)
    first = Buyers(first_from=SPAN.first, first_to=SPAN.last)
    assert total.new == buyers(asked, first)[0] == sum(month.new for month in months)
    for name in ("purchases", "repeat", "gross", "returns", "net"):
        assert sum(getattr(month, name) for month in months) == getattr(total, name)


def edges():
    return SPAN.first, SPAN.last


def classes_of(clients, period, cuts=(80, 95)) -> dict:
    """The class of every client with a row in the period, one after another."""
    sums = {
        client: sum(amount for day, amount in days.items() if period.first <= day <= period.last)
        for client, days in clients.items()
        if any(period.first <= day <= period.last for day in days)
    }
    whole = sum(max(total, 0) for total in sums.values())
    found = {}
    for client, total in sums.items():
        ahead = sum(other for other in sums.values() if other > total)
        share = 100 * ahead / whole if whole else 0
        found[client] = "C" if total <= 0 or share >= cuts[1] else "B" if share >= cuts[0] else "A"
    return found


def check_classes(asked, clients) -> None:
    found = abc(asked)
    now, was = classes_of(clients, SPAN), classes_of(clients, SPAN.previous)
    assert {row.name: row.customers for row in found.classes if row.customers} == Counter(
        now.values()
    )
    for row in found.classes:
        assert listed(asked, (80, 95), [row.name])[0] == row.customers
    told = Counter((was.get(c, ""), now.get(c, "")) for c in {*now, *was})
    assert found.moves == told
    for (before, after), count in told.items():
        assert moved(asked, (80, 95), before, after)[0] == count
    _months, total = bills(asked)
    assert found.amount == total.net


@pytest.fixture
def sample(monkeypatch):
    """The CDNOW sample in place of the ledger."""
    rows = [
        (customer, day, amount)
        for customer, days in cdnow.purchases().items()
        for day, amount in days.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE cdnow (id bigint, day date, amount numeric(12, 2))")
        cursor.executemany("INSERT INTO cdnow VALUES (%s, %s, %s)", rows)
    text = "SELECT id, NULL::bigint, day, amount FROM cdnow WHERE day <= '{}'"
    for module in (retention_module, bills_module, abc_module):
        monkeypatch.setattr(module, "ledger", lambda asked: Source(text.format(asked.as_of)))
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cdnow")


def test_cdnow_sample_gives_the_published_counts(people, sample):
    end = cdnow.CALIBRATION_END
    asked = Asked(user=people.admin, as_of=end, now=NOW)
    found = retention(asked)
    assert (found.customers, found.repeat) == (2357, 946)
    _months, total = bills(asked)
    assert (total.customers, total.repeat, total.new) == (2357, 2457, 2357)
    holdout = Asked(
        user=people.admin,
        as_of=date(1998, 6, 30),
        now=NOW,
        period=Period(end + timedelta(days=1), date(1998, 6, 30)),
    )
    _months, after = bills(holdout)
    assert (after.purchases, after.repeat, after.new) == (1882, 1882, 0)
    assert after.net == pytest.approx(Decimal("70976.39"), abs=Decimal("0.01"))
    whole = Asked(user=people.admin, as_of=date(1998, 6, 30), now=NOW)
    assert bills(whole)[1].net == Decimal("244091.94")
    assert abc(whole).amount == Decimal("244091.94")
    assert sum(row.customers for row in abc(whole).classes) == 2357


def test_equal_sums_are_in_one_class(people):
    for _ in range(5):
        factories.purchase(factories.company(people.manager), TODAY, 10_000)
    found = abc(Asked(user=people.admin, as_of=TODAY, now=NOW))
    assert [row.customers for row in found.classes] == [5, 0, 0]


def test_a_filter_leaves_only_purchases_of_its_deals(people):
    random_deals(people, 4, 30)
    factories.purchase(factories.company(people.manager), TODAY, 10_000)
    whole = bills(Asked(user=people.admin, as_of=TODAY, now=NOW))[1]
    parts = [
        bills(Asked(user=people.admin, as_of=TODAY, now=NOW, owner=person))[1].gross
        for person in (people.manager, people.colleague, people.below, people.outsider)
    ]
    nobody = Purchase.objects.filter(deal__owner=None, deal__isnull=False, deal__deleted_at=None)
    rest = Decimal(sum(row.amount for row in nobody)) / 100
    assert sum(parts) + rest + 100 == whole.gross


def test_every_number_opens_as_many_rows(people, sign_in):
    shop(people, 8)
    random_deals(people, 8)
    days = {"from": "2026-02-01", "to": "2026-11-20"}
    for who, name in (("head", "retention"), ("admin", "purchases"), ("admin", "abc")):
        client = sign_in(getattr(people, who))
        assert check_links(client, reverse(f"reports:{name}"), days) > 3, name
        kinds = ("xlsx", "pdf") if name == "retention" else ("xlsx",)
        check_files(client, reverse(f"reports:{name}"), days, kinds)
    assert check_links(client, reverse("reports:abc"), {**days, "a": "20", "b": "50"}) > 3
    for query in ("least=x", "first_from=0001-01-01", "hit_to=abc", "most=-1"):
        assert client.get(f"{reverse('reports:buyers')}?{query}").status_code == 404
    assert client.get(f"{reverse('reports:bought')}?kind=gifts").status_code == 404
    for query in ("class=D", "was=A", "now=x&was=A"):
        assert client.get(f"{reverse('reports:abc_clients')}?{query}").status_code == 404
    for page in ("0", "99", "x", "9999999999"):
        assert client.get(reverse("reports:buyers"), {"page": page}).status_code == 200
        assert client.get(reverse("reports:abc_clients"), {"page": page}).status_code == 200


def test_no_data_one_purchase_only_returns_and_bad_values(people, sign_in):
    client = sign_in(people.admin)
    names = ("retention", "purchases", "abc")
    for name in names:
        assert client.get(reverse(f"reports:{name}")).context["report"].empty
    buyer = factories.company(people.manager)
    factories.purchase(buyer, TODAY, -100)
    found = json.loads(run("abc", "admin@example.com"))
    assert [row["customers"] for row in found["rows"]] == [0, 0, 1]
    assert json.loads(run("retention", "admin@example.com"))["customers"] == 0
    assert json.loads(run("purchases", "admin@example.com"))["net"] == "-1.00"
    factories.purchase(buyer, TODAY, 100)
    for name in names:
        check_bad_values(client, reverse(f"reports:{name}"))
    page = client.get(reverse("reports:abc"), {"a": "90", "b": "80"})
    assert 'role="alert"' in page.content.decode()
    assert page.context["report"].values["cuts"] == [80, 95]
