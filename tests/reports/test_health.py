"""CRM health against a plain reading of the records, and the offenders behind its numbers."""

import json
from datetime import timedelta
from random import Random

import pytest
from django.db.models import Q

from activities.models import Activity
from contacts.models import Company, Contact, Email, Employment, Phone
from contacts.tax_ids import kind_of
from deals.models import Deal
from leads.models import Lead
from reports.asking import Asked
from reports.health.checks import KINDS, PARTS, WEIGHTS
from reports.health.counting import health, offenders
from reports.health.tax_ids import tax_id_holds
from reports.periods import Period
from tests import factories
from tests.factories import NOW
from tests.reports.links import check_files, rows_behind
from tests.reports.test_command import run

pytestmark = pytest.mark.django_db
URL = "/reports/health/"
NUMBERS = (
    "7707083893", "7707083894", "500100732259", "500100732258", "32855961", "32855968",
    "14360570", "14360571", "1759013776", "1759013777", "12345678", "00000000", "123", "AB123456",
    "98765432", "30000000",
)  # fmt: skip


@pytest.fixture
def world(people):
    chance = Random(11)
    owners = [people.manager, people.below, people.outsider, None]
    for number in range(40):
        made = NOW - timedelta(days=chance.randint(0, 400))
        owner = chance.choice(owners)
        company = factories.company(
            owner,
            name=chance.choice(["Alpha", "Beta", f"Firm {number}"]),
            tax_id=chance.choice(["", *NUMBERS]),
            city=chance.choice(["", "Kyiv"]),
            industry=chance.choice(["", "Trade"]),
        )
        contact = factories.contact(owner, position=chance.choice(["", "Boss"]))
        if chance.random() < 0.5:
            Employment.objects.create(contact=contact, company=company)
        lead = factories.lead(
            owner,
            status=chance.choice(["new", "working", "rejected"]),
            closed_at=NOW,
            amount=chance.choice([None, 5]),
            city=chance.choice(["", "Lviv"]),
            source=chance.choice([None, factories.source()]),
        )
        deal = factories.deal(
            owner,
            title=chance.choice(["Same", f"Deal {number}"]),
            contact=chance.choice([None, contact]),
            amount=chance.choice([0, 7]),
            source=chance.choice(["", "Site"]),
            expected_close_date=chance.choice([None, NOW.date() - timedelta(days=3), NOW.date()]),
            deleted_at=NOW if number % 9 == 0 else None,
        )
        for holder in ({"lead": lead}, {"contact": contact}, {"company": company}):
            for _ in range(chance.randint(0, 2)):
                key = chance.choice(["+380931112233", f"+38093{chance.randint(1, 9)}", "", "2233"])
                Phone.objects.create(**holder, number="x", e164=key, reversed_digits="1")
            if chance.random() < 0.5:
                text = chance.choice(["a@b.example", f"n{number}@b.example", "wrong", "a b@c.d"])
                Email.objects.create(**holder, address=text)
        for row in (lead, deal, contact, company):
            type(row).objects.filter(pk=row.pk).update(updated_at=made)
            if chance.random() < 0.2:
                factories.activity(owner, **{row.record_type: row}, due_at=None, done_at=NOW)
    stage = factories.pipeline().stages.first()
    stage.required_fields = ["amount", "contact"]
    stage.save()
    return people


def plain(kind: str, rows: list, every: list) -> dict[str, set]:
    """Offenders by check, read one by one; `every` are all the viewer sees."""
    days = KINDS[kind].fresh_days
    edge = NOW - timedelta(days=days)
    worked = set(Activity.objects.filter(done_at__gte=edge).values_list(f"{kind}_id", flat=True))
    found = {"fresh": {row.pk for row in rows if row.updated_at < edge and row.pk not in worked}}
    if kind != "deal":
        phones = {row.pk: [p.e164 for p in row.phones.all()] for row in every}
        emails = {row.pk: [e.address for e in row.emails.all()] for row in every}
        found["bad_phone"] = {
            row.pk for row in rows if any(not p.startswith("+") for p in phones[row.pk])
        }
        found["bad_email"] = {row.pk for row in rows if {"wrong", "a b@c.d"} & set(emails[row.pk])}
        keys = {pk: {p for p in phones[pk] if p} | set(emails[pk]) for pk in phones}
        if kind != "company":
            found["twin"] = {
                row.pk for row in rows
                if any(pk < row.pk and keys[pk] & keys[row.pk] for pk in keys)
            }  # fmt: skip
        bare = {row.pk for row in rows if not phones[row.pk] and not emails[row.pk]}
        found["reach"] = bare
    if kind == "company":
        found["bad_tax"] = {row.pk for row in rows if row.tax_id and not kind_of(row.tax_id)}
        found["twin"] = {
            row.pk for row in rows
            if any(o.pk < row.pk and (o.name == row.name or (o.tax_id and o.tax_id == row.tax_id))
                   for o in every)
        }  # fmt: skip
        found["tax"] = {row.pk for row in rows if not row.tax_id}
    if kind == "deal":
        found["demanded"] = {row.pk for row in rows if not row.amount or not row.contact_id}
        found["past"] = {
            row.pk for row in rows
            if row.expected_close_date and row.expected_close_date < NOW.date()
        }  # fmt: skip
        found["twin"] = {
            row.pk for row in rows if row.contact_id
            and any(o.pk < row.pk and o.contact_id == row.contact_id and o.title == row.title
                    for o in every)
        }  # fmt: skip
    if kind == "lead":
        found["amount"] = {row.pk for row in rows if row.amount is None}
    if kind == "contact":
        found["company"] = {row.pk for row in rows if not row.employments.exists()}
    return found


MODELS = {"lead": Lead, "deal": Deal, "contact": Contact, "company": Company}


@pytest.mark.parametrize("kind", list(KINDS))
def test_counts_equal_a_plain_reading(world, kind):
    for viewer, owner in (
        (world.manager, None),
        (world.head, None),
        (world.head, world.manager),
        (world.admin, None),
    ):
        asked = Asked(user=viewer, period=Period(), owner=owner, now=NOW)
        seen = MODELS[kind].objects.visible_to(viewer)
        every = list(seen.open() if kind in ("lead", "deal") else seen)
        rows = [row for row in every if owner is None or row.owner_id == owner.pk]
        whole, owners = health(KINDS[kind], asked)
        checks = KINDS[kind].shown(viewer)
        assert whole.records == len(rows)
        known = {check.name for check in KINDS[kind].checks}
        for name, bad in plain(kind, rows, every).items():
            if name not in known:
                continue
            assert whole.tallies[name].bad == len(bad), name
            found = offenders(KINDS[kind], asked, name)
            assert set(found.values_list("pk", flat=True)) == bad, name
        assert sum(row.records for row in owners) == whole.records
        parts = {part: whole.part(part, checks) for part in PARTS}
        told = {part: value for part, value in parts.items() if value is not None}
        mean = sum(WEIGHTS[p] * v for p, v in told.items()) / sum(WEIGHTS[p] for p in told)
        assert abs(whole.score(checks) - mean) <= 0.05


def test_check_digits_in_sql_are_those_of_the_library(people):
    chance = Random(3)
    lengths = (8, 8, 10, 10, 12)
    texts = list(NUMBERS)
    for _ in range(400):
        size = chance.choice(lengths)
        texts.append("".join(chance.choice("0123456789") for _n in range(size)))
    Company.objects.bulk_create(
        Company(name=f"C{number}", tax_id=text, created_at=NOW) for number, text in enumerate(texts)
    )
    held = set(Company.objects.filter(Q(tax_id_holds())).values_list("tax_id", flat=True))
    assert held == {text for text in texts if kind_of(text) and text.isdecimal()}
    assert 20 < len(held) < 200


def test_numbers_open_the_offenders(world, sign_in):
    client = sign_in(world.head)
    for kind in KINDS:
        page = client.get(URL, {"kind": kind})
        report = page.context["report"]
        for sheet in report.sheets:
            for row, urls in zip(sheet.rows, sheet.urls, strict=True):
                for key in ("records", "bad"):
                    if urls.get(key):
                        assert rows_behind(client, urls[key]) == row[key]
                for part in PARTS:
                    if urls.get(part):
                        assert rows_behind(client, urls[part]) > 0
    check_files(client, URL, {})


def test_each_row_says_what_to_mend(world, sign_in):
    page = sign_in(world.admin).get("/reports/health/rows/?kind=company&check=tax")
    assert page.context["rows"]
    for row, faults in page.context["rows"]:
        assert not row.tax_id
        assert "Tax id" in [str(label) for label in faults]


def test_command_says_what_the_page_says(world, sign_in):
    told = json.loads(run("health", world.head.email))
    page = sign_in(world.head).get(URL).context["report"].values
    assert told == json.loads(json.dumps(page, default=str)) or told["rows"] == json.loads(
        json.dumps(page["rows"], default=str)
    )
    assert told["weights"] == {
        "completeness": 40,
        "validity": 20,
        "uniqueness": 20,
        "freshness": 20,
    }


def test_wrong_values_are_clear_pages(world, sign_in):
    client = sign_in(world.head)
    assert client.get(f"{URL}?kind=nothing").status_code == 200
    for query in ("?kind=product", "?kind=lead&check=nothing", "?kind=lead&part=x",
                  "?kind=lead&who=x", "?kind=lead&who=%C2%B2"):  # fmt: skip
        assert client.get(f"/reports/health/rows/{query}").status_code == 404, query
    assert client.get("/reports/health/rows/?kind=lead&who=9999999999999999999").status_code == 200


def test_health_of_nothing_is_a_clear_page(people, sign_in):
    assert sign_in(people.head).get(URL).status_code == 200
