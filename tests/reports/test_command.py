"""The command prints what the pages show, and what the files say."""

import csv
import json
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from records.rights import Scope
from tests import factories
from tests.crm.b2b import import_everything, opportunities
from tests.factories import NOW
from tests.people import make_role, make_user

pytestmark = pytest.mark.django_db
NOVEMBER = {"--from": "2026-11-01", "--to": "2026-11-30"}


def run(name: str, email: str, **options: str) -> str:
    """The printed report."""
    out = StringIO()
    asked = [part for pair in {**NOVEMBER, **options, "--as": email}.items() for part in pair]
    call_command("report", name, *asked, stdout=out)
    return out.getvalue()


@pytest.fixture
def sold(people):
    for days in (3, 5):
        factories.deal(
            people.manager,
            amount=Decimal("100.50"),
            created_at=NOW - timedelta(days=days),
            status="won",
            closed_at=NOW,
        )
    factories.deal(people.outsider, amount=7, status="won", closed_at=NOW)
    return people


def test_funnel_json(sold):
    found = json.loads(run("funnel", "head@example.com"))
    assert (found["report"], found["from"], found["to"]) == ("funnel", "2026-11-01", "2026-11-30")
    assert (found["entered"], found["won"], found["won_amount"]) == (2, 2, "201.00")
    assert [row["entered"] for row in found["rows"]] == [2, 2, 2, 2]
    assert found["previous"]["entered"] == 0


def test_managers_csv(sold):
    rows = list(
        csv.DictReader(StringIO(run("managers", "head@example.com", **{"--format": "csv"})))
    )
    assert [(row["name"], row["won"], row["won_amount"]) for row in rows] == [
        (sold.manager.full_name, "2", "201.00")
    ]


def test_sales_json(sold):
    found = json.loads(run("sales", "ADMIN@example.com", **{"--pipeline": "Sales"}))
    assert found["total"]["won_amount"] == "208.00"
    assert [row["month"] for row in found["months"]] == ["2026-11"]


def test_refusals_say_why(people):
    factories.pipeline()
    for options in (
        {"--as": "nobody@example.com"},
        {"--as": "manager@example.com"},
        {"--as": "head@example.com", "--pipeline": "Other"},
        {"--as": "head@example.com", "--to": "2026-10-01"},
        {"--as": "head@example.com", "--from": "0001-01-01"},
    ):
        with pytest.raises(CommandError):
            run("funnel", options.pop("--as"), **options)


def test_sales_equal_the_file(db):
    """Revenue, wins and win rate of each agent and month, computed from the CSV alone."""
    import_everything()
    role = make_role("Everything", Scope.ALL, rights=("view_reports",))
    reader = make_user("reader", None, role)
    User.objects.filter(pk=reader.pk).update(time_zone="")
    text = run("sales", reader.email, **{"--from": "2016-01-01", "--to": "2018-12-31"})
    found = json.loads(text)
    people: dict = defaultdict(lambda: [0, 0, Decimal(0)])
    months: dict = defaultdict(lambda: [0, 0, Decimal(0)])
    for row in opportunities():
        if row["deal_stage"] in ("Won", "Lost"):
            is_won = row["deal_stage"] == "Won"
            for group in (people[row["sales_agent"]], months[row["close_date"][:7]]):
                group[0 if is_won else 1] += 1
                group[2] += Decimal(row["close_value"]) if is_won else 0
    told = sorted((r["won"], r["lost"], Decimal(r["won_amount"])) for r in found["rows"])
    assert told == sorted(tuple(group) for group in people.values())
    told_months = {
        row["month"]: [row["won"], row["lost"], Decimal(row["won_amount"])]
        for row in found["months"]
    }
    assert told_months == dict(months)
    won, lost = (sum(group[n] for group in people.values()) for n in (0, 1))
    rate = (Decimal(100 * won) / (won + lost)).quantize(Decimal("0.1"))
    assert Decimal(found["total"]["win_rate"]) == rate
