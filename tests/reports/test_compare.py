"""Two funnels side by side: each is the funnel of its side; chance is told from difference."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from deals.models import Deal
from reports.asking import Asked
from reports.funnel.beside import differ, pair, wilson
from reports.funnel.reached import funnel
from tests import factories
from tests.factories import NOW
from tests.people import make_role, make_user
from tests.reports.links import check_bad_values, check_files, check_links
from tests.reports.test_command import run
from tests.reports.world import PERIOD, random_deals

pytestmark = pytest.mark.django_db
URL = "reports:compare"
DAYS = {"from": PERIOD.first, "to": PERIOD.last}


@pytest.mark.parametrize(
    ("part", "whole", "ends"),
    [(10, 100, ("5.5", "17.4")), (0, 10, ("0.0", "27.8")), (10, 10, ("72.2", "100.0"))],
)
def test_wilson_gives_published_values(part, whole, ends):
    assert wilson(part, whole) == tuple(Decimal(end) for end in ends)
    assert wilson(0, 0) is None


def test_each_side_is_the_funnel_of_its_side(people):
    random_deals(people, 21, 40)
    first, second = factories.pipeline(), factories.pipeline("Service")
    base = Asked(user=people.head, period=PERIOD, pipeline=first, now=NOW)
    others = (
        base.of(owner=people.manager),
        base.of(pipeline=second),
        base.of(department=people.regions),
        base.of(source="Fair", as_of=PERIOD.first),
    )
    for other in others:
        a, b = pair(base, other, ("a", "b"))
        for side, asked in ((a, base), (b, other)):
            assert side.funnel == funnel(asked)
    owners = [base.of(owner=person) for person in (people.manager, people.colleague, people.below)]
    sides = [pair(asked, base, ("", ""))[0].funnel.entered for asked in owners]
    nobody = Deal.objects.filter(owner=None, pipeline=first).filter(
        PERIOD.within("created_at"), deleted_at=None
    )
    whole = pair(base, base, ("", ""))[0].funnel.entered.count
    assert sum(side.count for side in sides) + nobody.count() == whole


def test_difference_is_told_from_chance(people):
    for owner, won, lost in ((people.manager, 19, 1), (people.colleague, 1, 19)):
        for number in range(won + lost):
            outcome = {"status": "won", "closed_at": NOW} if number < won else {}
            factories.deal(owner, **outcome)
    base = Asked(user=people.head, pipeline=factories.pipeline(), now=NOW)
    first, second = base.of(owner=people.manager), base.of(owner=people.colleague)
    assert differ(*pair(first, second, ("", ""))) is True
    assert differ(*pair(first, base, ("", ""))) is True
    assert differ(*pair(first, first, ("", ""))) is False
    assert differ(*pair(first, base.of(owner=people.below), ("", ""))) is None
    text = run("compare", "head@example.com", **{"--other-owner": people.colleague.email})
    found = json.loads(text)
    assert (found["a"]["won"], found["b"]["won"], found["differ"]) == (20, 1, True)
    assert found["b"]["won_interval"] == ["0.9", "23.6"]


def test_every_number_opens_as_many_rows(people, sign_in):
    random_deals(people, 13, 40)
    client = sign_in(people.head)
    service = factories.pipeline("Service").pk
    for more in (
        {"owner": people.manager.pk, "other_owner": people.below.pk},
        {"other_pipeline": service, "as_of": "2026-11-15"},
    ):
        assert check_links(client, reverse(URL), {**DAYS, **more}) > 10
    check_files(client, reverse(URL), {**DAYS, "other_pipeline": service}, ("xlsx", "pdf"))


def test_bad_sides_no_data_and_usual_sides(people, sign_in):
    client = sign_in(people.head)
    assert client.get(reverse(URL)).status_code == 200
    random_deals(people, 2, 30)
    page = client.get(reverse(URL), {"period": "all"})
    owners = {page.context["form"]["owner"].value(), page.context["form"]["other_owner"].value()}
    assert len(owners) == 2
    assert not page.context["report"].empty
    same = client.get(reverse(URL), {"period": "all", "owner": "", "other_owner": ""})
    assert "Choose what to compare" in same.content.decode()
    check_bad_values(client, reverse(URL))
    foreign = client.get(reverse(URL), {"other_owner": people.outsider.pk})
    assert "other_owner" in foreign.context["errors"]
    role = make_role("Blind", 4, rights=("view_reports",))
    role.field_rules.create(record_type="deal", field="source", level=0)
    blind = sign_in(make_user("blind", people.sales, role))
    assert "other_source" not in blind.get(reverse(URL)).context["form"].fields
