"""The report of the lead score: what it counts, who is told how many leads the company has."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from leads.models import Lead, ScoreFit
from leads.scoring import giving, training
from tests import factories
from tests.factories import NOW
from tests.leads.test_scoring import history
from tests.reports.links import check_files, check_links
from tests.reports.test_command import run

pytestmark = pytest.mark.django_db
URL = "/reports/score/"


@pytest.fixture
def world(people):
    history(people)
    training.train(now=NOW)
    for owner in (people.manager, people.manager, people.below, people.outsider, None):
        for source in ("Fair", "Ads"):
            factories.lead(owner, source=factories.source(source))
    giving.refresh(now=NOW + timedelta(days=1))
    return people


def test_numbers_are_those_of_the_leads_one_sees_and_open_their_rows(world, sign_in):
    for person in (world.head, world.admin):
        seen = Lead.objects.visible_to(person).open()
        page = sign_in(person).get(URL)
        values = page.context["report"].values
        assert sum(row["leads"] for row in values["rows"]) == seen.count()
        told = sum(Decimal(row.chance) / 100 for row in seen)
        assert float(sum(row["expected"] for row in values["rows"])) == pytest.approx(
            float(told), abs=0.4
        )
        assert check_links(sign_in(person), URL, {}) > 5


def test_who_does_not_see_every_lead_is_not_told_how_many_there_are(world, sign_in):
    told = json.loads(run("score", world.head.email))
    assert told["leads"] is None
    assert all("readings" not in row for row in told["calibration"])
    assert told["auc"] == json.loads(run("score", world.admin.email))["auc"]
    page = sign_in(world.head).get(URL)
    assert [sheet.key for sheet in page.context["report"].sheets][2:4] == ["calibration", "moments"]
    assert "weights" not in [sheet.key for sheet in page.context["report"].sheets]


def test_page_files_and_command_say_the_same(world, sign_in):
    client = sign_in(world.admin)
    page = client.get(URL)
    assert page.context["report"].values["leads"] == 470
    assert "What raises and lowers the chance" in page.content.decode()
    check_files(client, URL, {})
    printed = json.loads(run("score", world.admin.email))
    assert (
        json.loads(json.dumps(page.context["report"].values["rows"], default=str))
        == printed["rows"]
    )


def test_page_without_a_fit_says_so(people, sign_in):
    page = sign_in(people.head).get(URL)
    assert page.status_code == 200
    assert "not taught yet" in page.content.decode()


def test_shares_of_sources_are_shown_while_there_is_little_history(people, sign_in):
    history(people, won=20, lost=20)
    assert training.train(now=NOW).kind == "rates"
    page = sign_in(people.admin).get(URL)
    assert "20 won and 20 lost" in page.content.decode()
    assert ScoreFit.objects.count() == 1


def test_wrong_values_are_left_out(world, sign_in):
    client = sign_in(world.head)
    for query in ("owner=abc", "owner=99999999999999999999", "owner=%00"):
        page = client.get(f"{URL}?{query}")
        assert page.status_code == 200
        assert 'role="alert"' in page.content.decode()
    assert client.get(reverse("reports:score") + "?period=all").status_code == 200
