"""Sources: the cohort of leads against a plain reading, costs by days, pages and import."""

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from deals.models import Deal
from leads.models import Lead
from reports.asking import Asked
from reports.models import MarketingCost
from reports.periods import Period
from reports.sources.costs import part_of
from reports.sources.counting import Figures, sources
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import PERIOD, few_examples, random_deals

pytestmark = pytest.mark.django_db
URL = "reports:sources"
DAYS = {"from": PERIOD.first, "to": PERIOD.last}


def random_leads(people, seed: int, count: int = 20) -> None:
    """Leads of every status, some with a deal of whatever outcome."""
    random_deals(people, seed, 14)
    Lead.objects.update(deal=None, deleted_at=NOW)
    chance = Random(seed)
    deals = list(Deal.objects.alive())
    owners = [people.manager, people.below, people.outsider, None]
    places = [factories.source("Fair"), factories.source("Site form"), None]
    for _ in range(count):
        made = NOW - timedelta(days=chance.randint(0, 60))
        fields = {"status": chance.choice(("new", "working", "rejected"))}
        if deals and chance.random() < 0.6:
            fields = {"status": "converted", "closed_at": made, "deal": deals.pop()}
        factories.lead(
            chance.choice(owners),
            source=chance.choice(places),
            campaign=chance.choice(("", "", "Autumn")),
            created_at=made,
            **fields,
        )


def bought_first(viewer) -> set[int]:
    """Deals that are the first purchase of their customer among those the viewer sees."""
    first: dict = {}
    for deal in Deal.objects.visible_to(viewer).won().filter(amount_base__gt=0):
        customer = (deal.company_id, None if deal.company_id else deal.contact_id)
        if any(customer):
            mark = (deal.purchase.day, deal.purchase.pk, deal.pk)
            first[customer] = min(mark, first.get(customer, mark))
    return {mark[2] for mark in first.values()}


def read(viewer, period, by) -> dict:
    """Figures by source and campaign, lead by lead."""
    found: dict = defaultdict(Figures)
    firsts = bought_first(viewer)
    seen = set(Deal.objects.visible_to(viewer).values_list("pk", flat=True))
    for lead in Lead.objects.visible_to(viewer).select_related("deal"):
        if not period.start <= lead.created_at < period.end:
            continue
        deal = lead.deal if lead.deal_id in seen else None
        part = Figures(leads=1, converted=lead.status == "converted")
        part.open = bool(lead.is_open or (deal and deal.status == "open"))
        if deal and deal.status == "won":
            part.won, part.revenue, part.new = 1, deal.amount_base, deal.pk in firsts
        found[lead.source_id, lead.campaign if by == "campaign" else None].add(part)
    return dict(found)


@few_examples
@given(seed=st.integers(0, 9999))
def test_cohort_equals_a_plain_reading(people, seed):
    random_leads(people, seed)
    for viewer in (people.head, people.admin):
        for by in ("source", "campaign"):
            asked = Asked(user=viewer, period=PERIOD, before=PERIOD.previous, now=NOW)
            found = sources(asked, by)
            told = read(viewer, PERIOD, by)
            shown = {(row.source, row.campaign): row for row in found.rows if row.leads}
            assert shown.keys() == told.keys()
            whole = Figures()
            for key, part in told.items():
                whole.add(part)
                for name in ("leads", "converted", "won", "open", "new", "revenue"):
                    assert getattr(shown[key], name) == getattr(part, name), (name, key)
            for name in ("leads", "won", "new", "revenue"):
                assert getattr(found.total, name) == getattr(whole, name)
                months = sum(getattr(month, name) for month in found.months)
                assert months == getattr(whole, name)
            before = read(viewer, PERIOD.previous, by)
            assert found.previous.leads == sum(part.leads for part in before.values())
            direct = [
                deal
                for deal in Deal.objects.visible_to(viewer).filter(lead=None)
                if PERIOD.start <= deal.created_at < PERIOD.end
            ]
            assert sum(row.created for row in found.direct) == len(direct)


def cost(amount, month=date(2026, 11, 1), source="Fair", campaign=""):
    return MarketingCost.objects.create(
        source=factories.source(source),
        month=month,
        campaign=campaign,
        amount=amount,
        changed_at=NOW,
    )


def test_a_month_costs_its_share_of_days():
    month, amount = date(2026, 2, 1), Decimal(280)
    for first, last, share in ((1, 28, 280), (1, 1, 10), (15, 28, 140), (28, 28, 10)):
        days = Period(month.replace(day=first), month.replace(day=last))
        assert part_of(month, amount, days) == share
    assert part_of(month, amount, Period()) == 280
    assert part_of(month, amount, Period(date(2026, 3, 1), None)) == 0
    assert part_of(month, amount, Period(None, date(2026, 2, 3))) == 30
    thirds = [Period(date(2026, 2, d), date(2026, 2, d + 6)) for d in (1, 8, 15, 22)]
    assert sum(part_of(month, Decimal("99.99"), week) for week in thirds) == pytest.approx(
        Decimal("99.99"), abs=Decimal("0.02")
    )


def test_prices_of_a_lead_and_of_a_client(people):
    client = factories.company(people.manager)
    for number in range(4):
        won = {"status": "won", "closed_at": NOW, "company": client, "amount": 500}
        deal = factories.deal(people.manager, **won) if number < 2 else None
        fields = {"status": "converted", "closed_at": NOW, "deal": deal} if deal else {}
        factories.lead(people.manager, source=factories.source("Fair"), **fields)
    cost(300)
    found = json.loads(run("sources", "admin@example.com", **{"--margin": "40"}))
    assert (found["leads"], found["won"], found["new"], found["revenue"]) == (4, 2, 1, "1000.00")
    assert (found["cost"], found["cost_per_lead"], found["cac"]) == ("300.00", "75.00", "300.00")
    # (1000 x 0.4 - 300) / 300 = 33.3 %; without a margin nothing is said
    assert (found["roas"], found["romi"]) == ("333.3", "33.3")
    assert json.loads(run("sources", "admin@example.com"))["romi"] is None
    with pytest.raises((CommandError, SystemExit)):
        run("sources", "admin@example.com", **{"--margin": "abc"})


def test_costs_are_never_divided_by_a_part_of_the_leads(people):
    factories.lead(people.manager, source=factories.source("Fair"))
    cost(300)
    whole = sources(Asked(user=people.admin, period=Period()))
    assert (whole.total.cost, whole.total.leads) == (300, 1)
    for asked in (
        Asked(user=people.head, period=Period()),
        Asked(user=people.admin, period=Period(), owner=people.manager),
        Asked(user=people.admin, period=Period(), department=people.sales),
    ):
        found = sources(asked)
        assert (found.total.cost, found.has_costs, found.total.leads) == (None, False, 1)


def test_every_number_opens_as_many_rows(people, sign_in):
    random_leads(people, 11, 30)
    cost(1000, campaign="Autumn")
    for who, more in (("head", {}), ("admin", {"by": "campaign"}), ("admin", {"source": "Fair"})):
        client = sign_in(getattr(people, who))
        assert check_links(client, reverse(URL), {**DAYS, **more}) > 10
    check_files(client, reverse(URL), {**DAYS, "margin": "30"})
    for query in ("what=lost", "of=x", "of=-1", "what=won&of=99999999999"):
        assert client.get(f"{reverse('reports:source_leads')}?{query}").status_code == 404


def test_bad_values_and_no_data(people, sign_in):
    client = sign_in(people.admin)
    assert "No leads" in client.get(reverse(URL), DAYS).content.decode()
    factories.lead(people.manager)
    check_bad_values(client, reverse(URL), skipped=("pipeline",))
    for margin in ("abc", "-1", "101", "1e9"):
        page = client.get(reverse(URL), {"margin": margin, "period": "all"})
        assert 'role="alert"' in page.content.decode()
    cost(0)
    page = client.get(reverse(URL), {"margin": "20", "period": "all"})
    assert page.context["report"].values["romi"] is None


def test_costs_are_entered_replaced_and_removed_by_who_manages_rules(people, sign_in):
    fair = factories.source("Fair")
    post = {"source": fair.pk, "campaign": " Autumn ", "month": "2026-11", "amount": "1 500,50"}
    assert sign_in(people.head).post(reverse("reports:cost_set"), post).status_code == 403
    assert not MarketingCost.objects.exists()
    client = sign_in(people.admin)
    for amount, stored in (("1 500,50", "1500.50"), ("7", "7.00")):
        answer = client.post(reverse("reports:cost_set"), {**post, "amount": amount})
        assert answer.status_code == 302
        [row] = MarketingCost.objects.all()
        assert (row.campaign, row.month, str(row.amount)) == ("Autumn", date(2026, 11, 1), stored)
    for wrong in ({"month": "2026-13"}, {"month": ""}, {"amount": "-1"}, {"source": "0"}):
        page = client.post(reverse("reports:cost_set"), {**post, **wrong})
        assert page.status_code == 422
    form = client.get(reverse("reports:cost_set"), {**post, "campaign": "Autumn"}).content.decode()
    assert 'value="7"' in form
    assert "Autumn" in client.get(reverse("reports:costs")).content.decode()
    assert client.post(reverse("reports:costs"), {"cost": row.pk}).status_code == 302
    assert client.post(reverse("reports:costs"), {"cost": row.pk}).status_code == 422
    assert not MarketingCost.objects.exists()


def test_costs_are_imported_once_and_bad_rows_are_told(people, tmp_path, capsys):
    factories.source("Fair")
    table = tmp_path / "costs.csv"
    table.write_text(
        "month;source;campaign;amount\n2026-10;fair;;1 000,50\n11.2026;Fair;Autumn;7\n"
        "2026-11-15;Fair;Autumn;8\n2026-13;Fair;;1\n2026-11;Other;;1\n2026-11;Fair;;-1\n"
        "2026-11;Fair;x;ten\n"
    )
    for counts in ("created 2, updated 0, unchanged 0", "created 0, updated 0, unchanged 2"):
        call_command("import", "costs", str(table), "--as", people.admin.email)
        told = capsys.readouterr().out
        assert counts in told
        assert "failed 5" in told
    table.write_text("month,source,amount\n2026-10,Fair,5\n")
    call_command("import", "costs", str(table), "--dry-run")
    assert MarketingCost.objects.filter(amount="1000.50").exists()
    call_command("import", "costs", str(table))
    assert "updated 1" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("import", "costs", str(table), "--as", people.head.email)
    table.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="amount, month, source"):
        call_command("import", "costs", str(table))
