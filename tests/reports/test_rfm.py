"""RFM scores and customer values: numbers, scope, pages."""

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.urls import reverse

from accounts.models import RoleGrant
from deals.models import Deal, Purchase
from deals.services import keep_purchases
from records.rights import Scope
from reports import clv, rfm, scores, services
from reports.models import CustomerScore, CustomerValue, CustomerValueRun
from reports.purchases import Source, all_purchases, visible_purchases
from reports.tasks import refresh_customer_values
from tests import factories
from tests.reports import cdnow

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)


def won(owner, at: datetime, amount: int = 100, **fields) -> Deal:
    return factories.deal(owner, status="won", closed_at=at, amount=amount, **fields)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def cdnow_source():
    rows = [
        (customer, day, amount)
        for customer, days in cdnow.purchases().items()
        for day, amount in days.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE cdnow (id bigint, day date, amount numeric(12, 2))")
        cursor.executemany("INSERT INTO cdnow VALUES (%s, %s, %s)", rows)
    yield Source("SELECT id, NULL::bigint, day, amount FROM cdnow")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cdnow")


def shop(owner, seed: int = 5, customers: int = 40, until: date = DAY) -> None:
    """Customers with one to five purchases; companies and people in turn."""
    chance = random.Random(seed)
    deals = []
    pipeline = factories.pipeline()
    for number in range(customers):
        buyer = (
            {"company": factories.company(owner, name=f"Shop {number}")}
            if number % 2
            else {"contact": factories.contact(owner, first_name=f"Buyer {number}")}
        )
        for _purchase in range(chance.randint(1, 5)):
            moment = at(until - timedelta(days=chance.randint(0, 500)))
            amount = Decimal(chance.randint(100, 99999))
            deals.append(
                Deal(
                    owner=owner,
                    created_at=moment,
                    title="Sale",
                    pipeline=pipeline,
                    stage=pipeline.stages.first(),
                    currency=factories.currency(),
                    amount=amount,
                    amount_base=amount,
                    stage_entered_at=moment,
                    status="won",
                    closed_at=moment,
                    **buyer,
                )
            )
    keep_purchases([deal.pk for deal in Deal.objects.bulk_create(deals)])


def by_hand(values: dict[int, int]) -> dict[int, int]:
    """The scores of the rule by an independent reading."""
    ordered = sorted(values.values())
    cuts = [ordered[-(-len(ordered) * step // 5) - 1] for step in (1, 2, 3, 4)]
    return {key: 1 + sum(cut < value for cut in cuts) for key, value in values.items()}


def test_cdnow_scores(cdnow_source):
    found = rfm.score(cdnow_source, date(1998, 7, 1))
    assert found.thresholds["r"] == [513, 487, 443, 153]
    assert found.thresholds["f"] == [1, 1, 2, 4]
    assert [float(cut) for cut in found.thresholds["m"]] == [15.36, 31.95, 59.25, 130.49]
    assert [found.counts["r"][s] for s in rfm.SCORES] == [482, 471, 463, 470, 471]
    assert [found.counts["f"][s] for s in rfm.SCORES] == [1218, 0, 403, 358, 378]
    assert [found.counts["m"][s] for s in rfm.SCORES] == [481, 462, 472, 471, 471]
    assert found.absent == {"f": [2]}
    known = {name: group.customers for name, group in found.segments.items()}
    assert known == {
        "hibernating": 869,
        "champions": 413,
        "sleeping": 349,
        "loyal": 310,
        "potential": known["potential"],
        "attention": 82,
        "risk": 81,
        "cannot_lose": 3,
        "new": known["new"],
        "promising": known["promising"],
    }
    assert known["potential"] == 250
    assert sum(known.values()) == 2357


def test_scores_equal_an_independent_reading(cdnow_source):
    days = cdnow.purchases()
    end = date(1998, 7, 1)
    r = by_hand({key: -(end - max(each)).days for key, each in days.items()})
    f = by_hand({key: len(each) for key, each in days.items()})
    found = rfm.score(cdnow_source, end)
    assert {pair: group.customers for pair, group in found.cells.items()} == Counter(
        (r[key], f[key]) for key in days
    )


def test_segments_are_a_partition():
    for r in rfm.SCORES:
        for f in rfm.SCORES:
            assert sum(r in rs and f in fs for rs, fs, _name in rfm.SEGMENT_MAP) == 1
    assert {name for *_pair, name in rfm.SEGMENT_MAP} == set(rfm.SEGMENTS) == set(rfm.ADVICE)


def test_a_purchase_is_a_won_deal_with_money_by_customer_and_local_day(people, settings):
    settings.TIME_ZONE = "Europe/Kyiv"
    company = factories.company(people.manager)
    contact = factories.contact(people.manager)
    won(people.manager, at(date(2026, 11, 1), 20), 10, company=company, contact=contact)
    won(people.manager, at(date(2026, 11, 1), 23), 20, company=company)  # already 2 November
    won(people.manager, at(date(2026, 11, 2), 9), 30, company=company)
    won(people.manager, at(date(2026, 11, 5)), 0, company=company)
    won(people.manager, at(date(2026, 11, 6)), 40, contact=contact)
    won(people.manager, at(date(2026, 11, 7)), 50)  # nobody's
    won(people.manager, at(DAY, 23), 60, company=company)  # the next local day
    factories.deal(people.manager, amount=70, company=company)
    won(people.manager, at(date(2026, 11, 8)), 80, company=company, deleted_at=at(DAY))
    source = all_purchases(DAY)
    rows = source.rows("SELECT * FROM purchase ORDER BY day")
    assert [(row["company_id"], row["contact_id"], row["day"], row["amount"]) for row in rows] == [
        (company.pk, None, date(2026, 11, 1), 10),
        (company.pk, None, date(2026, 11, 2), 50),
        (None, contact.pk, date(2026, 11, 6), 40),
    ]


def test_each_sees_customers_of_his_own_deals(people):
    won(people.manager, at(DAY), company=factories.company(people.manager))
    won(people.below, at(DAY), company=factories.company(people.below))
    won(people.outsider, at(DAY), company=factories.company(people.outsider))
    counts = {
        name: rfm.rfm_report(getattr(people, name), DAY)["customers"]
        for name in ("manager", "colleague", "head", "outsider", "admin")
    }
    assert counts == {"manager": 1, "colleague": 0, "head": 2, "outsider": 1, "admin": 3}


def test_person_without_deals_gets_an_empty_report(people):
    shop(people.manager, customers=3)
    RoleGrant.objects.filter(record_type="deal").delete()
    assert rfm.score(visible_purchases(people.admin, DAY), DAY).cells == {}


CELL = re.compile(r'<a href="([^"]+)" data-cell="\d\d" aria-label="[^"]*: (\d+)"')


@pytest.mark.parametrize("query", ["", "mode=fixed", "mode=fixed&days=20/40/60/400&times=1/2/3/4"])
def test_every_cell_opens_as_many_customers(people, sign_in, query):
    shop(people.manager, until=datetime.now(tz=UTC).date())
    client = sign_in(people.head)
    page = client.get(f"{reverse('reports:rfm')}?{query}")
    cells = CELL.findall(page.content.decode())
    assert len(cells) > 4
    assert sum(int(count) for _url, count in cells) == 40
    for url, count in cells:
        body = client.get(url.replace("&amp;", "&")).content.decode()
        assert body.count('<td class="main">') == int(count)
    sheet = page.context["report"].sheets[0]
    for row, urls in zip(sheet.rows, sheet.urls, strict=True):
        if row["customers"]:
            assert client.get(urls["customers"]).context["count"] == row["customers"]


def test_fixed_thresholds_score_like_the_rule_for_one_customer(people):
    shop(people.manager)
    source = visible_purchases(people.manager, DAY)
    rows = rfm.customers(source, DAY, rfm.pairs(), 0, rfm.FIXED)
    assert len(rows) == 40
    for row in rows:
        assert rfm.FIXED.scores(row["days"], row["count"]) == (row["r"], row["f"])
    assert rfm.FIXED.scores(29, 11) == (5, 5)
    assert rfm.FIXED.scores(30, 10) == (4, 4)
    assert rfm.FIXED.scores(365, 1) == (1, 1)


@pytest.mark.parametrize(
    "days", ["1/2/3", "4/3/2/1", "1/1/2/3", "x", "-1/2/3/4", "1/2/3/4/5", "%00"]
)
def test_thresholds_that_make_no_sense_are_named(people, sign_in, days):
    shop(people.manager, customers=3)
    page = sign_in(people.head).get(f"{reverse('reports:rfm')}?mode=fixed&days={days}")
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()


def test_months_are_stored_once_and_movements_add_up(people, sign_in):
    shop(people.manager, until=DAY)
    assert len(scores.store_missing(DAY)) == scores.KEPT_MONTHS
    assert scores.store_missing(DAY) == []
    months = scores.stored_months()
    assert months[:2] == [date(2026, 10, 1), date(2026, 9, 1)]
    for month in months[:2]:
        last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        found = rfm.score(all_purchases(last), last, rfm.FIXED)
        stored = CustomerScore.objects.filter(month=month)
        assert Counter(stored.values_list("r", "f")) == {
            pair: group.customers for pair, group in found.cells.items()
        }
    moved = scores.migrations(people.manager, months[1], months[0])
    assert sum(moved.values()) == CustomerScore.objects.filter(month=months[0]).count() > 0
    assert scores.migrations(people.outsider, months[1], months[0]) == {}
    client = sign_in(people.head)
    sheet = client.get(reverse("reports:rfm")).context["report"].sheets[-1]
    assert sheet.key == "movements"
    for row, urls in zip(sheet.rows, sheet.urls, strict=True):
        for name, url in urls.items():
            assert client.get(url).context["count"] == row[name]


def test_customers_link_only_to_cards_one_may_open(people, sign_in):
    mine = factories.company(people.manager, name="Mine")
    hidden = factories.company(people.outsider, name="Hidden")
    for company in (mine, hidden):
        won(people.manager, at(DAY), company=company)
    body = sign_in(people.head).get(reverse("reports:rfm_customers")).content.decode()
    assert mine.get_absolute_url() in body
    assert hidden.get_absolute_url() not in body
    assert "Hidden" not in body


@pytest.mark.parametrize(
    "query",
    ["r=9&f=x", "r=&f=0", "page=-1", "page=zz", "page=99999999999999999999", "segment=%00"],
)
def test_bad_parameters_are_ignored(people, sign_in, query):
    shop(people.manager, customers=3)
    client = sign_in(people.head)
    for name in ("rfm", "rfm_customers", "clv"):
        assert client.get(f"{reverse(f'reports:{name}')}?{query}").status_code == 200
    assert len(client.get(f"{reverse('reports:rfm_customers')}?{query}").context["rows"]) == 3


def test_pages_are_for_those_with_the_right(people, sign_in):
    for name in ("rfm", "rfm_customers", "clv"):
        address = reverse(f"reports:{name}")
        assert sign_in(people.manager).get(address).status_code == 403
        assert sign_in(people.analyst).get(address).status_code == 200
        assert "style=" not in sign_in(people.analyst).get(address).content.decode()


def refresh(as_of: date = DAY) -> CustomerValueRun:
    return services.refresh_customer_values(as_of=as_of, now=at(as_of))


def test_refresh_stores_a_run_once(people):
    shop(people.manager, customers=80)
    run = refresh()
    assert run.is_current
    assert run.finished_at
    assert run.customers == run.values.count() == 80
    assert {"mbg_nbd", "bg_nbd", "gamma_gamma", "horizon_weeks"} <= run.parameters.keys()
    assert refresh().pk == run.pk
    shop(people.manager, seed=6, customers=1)
    newer = refresh()
    assert newer.pk != run.pk
    assert CustomerValueRun.objects.get().pk == newer.pk
    assert CustomerValue.objects.count() == 81


def test_little_history_is_told_and_not_guessed(people, sign_in):
    shop(people.manager, customers=4)
    run = refresh()
    assert [warning["code"] for warning in run.warnings] == ["not_enough_history"]
    assert set(run.values.values_list("alive_probability", "lifetime_value")) == {(None, None)}
    page = sign_in(people.admin).get(reverse("reports:clv")).content.decode()
    assert "Not enough history" in page
    assert "not enough history" in page


def test_cdnow_imported_by_the_command_gives_the_published_fit(people, tmp_path, capsys):
    path = cdnow.as_table(tmp_path)
    for _time in (1, 2):
        call_command("import", "purchases", str(path), "--make", "contact")
    assert "created 6919" in capsys.readouterr().out
    assert Purchase.objects.count() == 6919
    assert Purchase.objects.aggregate(total=Sum("amount"))["total"] == 24409194
    run = refresh(cdnow.CALIBRATION_END)
    assert run.warnings == []
    assert run.parameters["mbg_nbd"]["r"] == pytest.approx(0.52484, abs=2e-3)
    assert run.parameters["bg_nbd"]["alpha"] == pytest.approx(4.413602, abs=5e-3)
    assert run.parameters["gamma_gamma"]["p"] == pytest.approx(6.24957, abs=0.01)
    assert run.parameters["correlation"] == pytest.approx(0.1139, abs=1e-3)
    chances = run.values.filter(purchases=1).values_list("alive_probability", flat=True)
    assert all(0.38 < chance < 0.45 for chance in chances)
    assert not clv.visible_values(run, people.manager).exists()
    assert len(clv.clv_report(people.admin)["rows"]) == 50
    found = rfm.score(visible_purchases(people.admin, date(1998, 7, 1)), date(1998, 7, 1))
    assert found.thresholds["f"] == [1, 1, 2, 4]
    assert found.segments["champions"].customers == 413


def test_returns_lower_the_money_and_are_no_purchase(people):
    buyer = factories.company(people.manager)
    for day, amount in ((1, 100_00), (3, -30_00), (4, 50_00), (4, -50_00)):
        factories.purchase(buyer, DAY.replace(day=day), amount)
    factories.purchase(factories.company(people.manager), DAY, -10_00)
    source = visible_purchases(people.manager, DAY)
    [row] = rfm.customers(source, DAY, rfm.pairs(), 0)
    assert (row["days"], row["count"], row["total"]) == (16, 2, 70)
    [summary] = services.summarise(DAY).rows
    assert (summary["x"], summary["t_x"], summary["age"]) == (1, 3, 19)
    assert (summary["revenue"], summary["mean"]) == (70, -30)


def test_value_page_shows_only_open_cards(people, sign_in):
    shop(people.manager, customers=60)
    shop(people.outsider, seed=7, customers=20)
    run = refresh()
    answer = sign_in(people.other_head).get(reverse("reports:clv"))
    assert answer.context["totals"]["customers"] == 20
    assert len(answer.context["rows"]) == 20
    assert {str(row["customer"].owner) for row in answer.context["rows"]} == {str(people.outsider)}
    assert clv.totals(clv.visible_values(run, people.admin))["customers"] == 80
    RoleGrant.objects.filter(record_type="contact", role__name="Head").update(scope=Scope.NONE)
    RoleGrant.objects.filter(record_type="contact").update(unassigned=False)
    fresh = type(people.other_head).objects.get(pk=people.other_head.pk)
    assert clv.totals(clv.visible_values(run, fresh))["customers"] == 10


def test_page_before_the_first_run(people, sign_in):
    assert "Not computed yet" in sign_in(people.admin).get(reverse("reports:clv")).content.decode()
    assert clv.clv_report(people.admin)["rows"] == []


def test_task_and_command(people, capsys):
    shop(people.manager, customers=3)
    refresh_customer_values()
    assert CustomerValueRun.objects.filter(is_current=True).count() == 1
    call_command("refresh_values", "--as-of", "2026-11-20")
    assert "not_enough_history" in capsys.readouterr().out


def test_warnings_have_words():
    for code in (
        "not_enough_history",
        "leaving_not_seen",
        "correlation",
        "spending_not_fitted",
        "returned",
    ):
        assert (
            clv.warning_words({"code": code, "customers": 1, "repeaters": 0, "value": 0.4}) != code
        )
    assert clv.warning_words({"code": "later"}) == "later"


def test_value_of_a_client_shared_with_strangers_is_not_told(people):
    """The stored sum holds every purchase: who may not see one of them does not see the sum."""
    shop(people.manager, customers=60)
    shared = factories.company(people.manager, name="Shared")
    person = factories.contact(people.manager)
    for buyer in ({"company": shared}, {"contact": person}):
        won(people.manager, at(DAY), **buyer)
        won(people.outsider, at(DAY - timedelta(days=9)), amount=777, **buyer)
    run = refresh()
    assert clv.totals(clv.visible_values(run, people.admin))["customers"] == 62
    values = clv.visible_values(run, people.head)
    assert values.count() == 60
    for value in values:
        bought = Deal.objects.visible_to(people.head).won()
        buyer = {"company": value.company_id, "contact": value.contact_id}
        assert value.revenue == sum(deal.amount_base for deal in bought.filter(**buyer))


@pytest.mark.parametrize("name", ["rfm_customers", "clv"])
def test_won_deals_of_a_client_open_as_many_deals(people, sign_in, name):
    shop(people.manager, customers=60, until=datetime.now(tz=UTC).date())
    services.refresh_customer_values(as_of=datetime.now(tz=UTC).date(), now=at(DAY))
    client = sign_in(people.head)
    page = client.get(reverse(f"reports:{name}"))
    cells = re.findall(r'href="(/deals/\?[^"]+status=won)">(\d+)<', page.content.decode())
    assert len(cells) == len(page.context["rows"]) >= 50
    for url, count in cells[::7]:
        deals = client.get(url.replace("&amp;", "&"))
        assert deals.context["totals"].count == int(count) > 0


def test_card_explains_the_segment_over_what_one_sees(people, sign_in):
    company = factories.company(people.manager)
    now = datetime.now(tz=UTC)
    won(people.manager, now - timedelta(days=40), 500, company=company)
    won(people.outsider, now - timedelta(days=2), 700, company=company)
    url = f"{reverse('reports:rfm_card')}?company={company.pk}"
    own = sign_in(people.manager).get(url).context
    assert (own["row"]["days"], own["row"]["count"], own["row"]["total"]) == (40, 1, 500)
    assert own["row"]["segment"] == "promising"
    everything = sign_in(people.admin).get(url).context
    assert (everything["row"]["days"], everything["row"]["count"]) == (2, 2)
    assert sign_in(people.outsider).get(url).context["row"] is None
    for query in ("", "?company=x", "?company=999999", f"?company={company.pk}&contact=%00"):
        answer = sign_in(people.manager).get(f"{reverse('reports:rfm_card')}{query}")
        assert answer.status_code == 200
