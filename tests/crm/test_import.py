"""Mapping files, dirty tables, rights: what the import refuses and what it tells."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from contacts.models import Company, Contact, Phone
from deals.models import Deal, StageMove
from leads.models import Lead
from tests import factories
from tests.crm.b2b import DATA, MAPPINGS, run_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path):
    """Write a table and its mapping, import them: `files("leads", text, mapping)`."""

    def _run(record: str, table: str | bytes, mapping: dict, **options) -> str:
        path, plan = tmp_path / "table.csv", tmp_path / "mapping.json"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        plan.write_text(json.dumps({"record": record} | mapping))
        return run_import(record, path, plan, **options)

    return _run


COMPANIES = {"key": "t:{id}", "fields": {"name": "name", "head_count": "people"}}


def test_one_bad_row_does_not_stop_the_others(files):
    text = files("companies", "id,name,people\n1,One,5\n2,Two,many\n3,,7\n4,Four,8\n", COMPANIES)
    assert set(Company.objects.values_list("name", flat=True)) == {"One", "Four"}
    assert "error ×1 [people] Not a number: many. (rows 3)" in text
    assert "error ×1 [name]" in text
    assert "created 2, updated 0, unchanged 0, repeated 0, failed 2" in text


def test_row_refused_by_the_database_leaves_the_chunk_standing(files):
    mapping = {
        "key": "t:{id}",
        "fields": {"name": "name", "price": "price", "currency": {"constant": "RUB"}},
    }
    factories.currency()
    text = files("products", "id,name,price\n1,One,5\n2,Two,-3\n3,Three,1\n", mapping)
    assert "created 2," in text
    assert "product_price_not_negative" in text


def test_change_in_the_file_updates_only_that_record(files):
    files("companies", "id,name,people\n1,One,5\n2,Two,6\n", COMPANIES)
    text = files("companies", "id,name,people\n1,One,5\n2,Two,9\n", COMPANIES)
    assert "created 0, updated 1, unchanged 1" in text
    assert list(Company.objects.order_by("name").values_list("version", "head_count")) == [
        (1, 5),
        (2, 9),
    ]


def test_dry_run_writes_nothing(files):
    text = files("companies", "id,name,people\n1,One,5\n", COMPANIES, dry_run=True)
    assert "created 1" in text
    assert not Company.objects.exists()


def test_windows_encoding_and_semicolons_are_guessed(files):
    table = "id;name;people\r\n1;ООО «Тёплый дом»;5\r\n".encode("cp1251")
    files("companies", table, COMPANIES)
    assert Company.objects.get().name == "ООО «Тёплый дом»"


def test_mark_of_utf8_does_not_stick_to_the_first_column(files):
    files("companies", b"\xef\xbb\xbfid,name,people\n1,One,5\n", COMPANIES)
    assert Company.objects.get().import_key == "t:1"


def test_key_twice_in_the_file_is_an_error(files):
    text = files("companies", "id,name,people\n1,One,5\n1,Two,6\n", COMPANIES)
    assert "error ×1 [] The key is already in row 2. (rows 3)" in text
    assert Company.objects.get().name == "One"


def test_report_guards_formulas(files, tmp_path):
    report = tmp_path / "report.csv"
    files("companies", "id,name,people\n1,One,=cmd\n", COMPANIES, report=report)
    assert "2,error,people,Not a number: =cmd." in report.read_text(encoding="utf-8-sig")
    mapping = COMPANIES | {"corrections": {"name": {"One": "Two"}}, "fields": {"name": "name"}}
    files("companies", "id,name\n1,One\n", mapping, report=report)
    assert "note" in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"key": "t:{id}", "fields": {"nmae": "name"}}, "Unknown fields: nmae"),
        ({"key": "t:{id}", "fields": {"name": "title"}}, "no columns: title"),
        ({"key": "t:{id}", "fields": {}}, "fields"),
        ({"fields": {"name": "name"}}, "key"),
        ({"key": "t:{id}", "fields": {"name": {"column": "name", "typo": 1}}}, "typo"),
        ({"key": "t:{id}", "fields": {"name": {"column": "a", "constant": "b"}}}, "exactly one"),
        ({"key": "t:{id:shout}", "fields": {"name": "name"}}, "shout"),
        ({"key": "t:{id}", "fields": {"name": "name"}, "dates": {"zone": "Mars"}}, "Mars"),
        ({"key": "t:{id}", "fields": {"version": "id"}}, "Unknown fields: version"),
    ],
)
def test_wrong_mapping_is_refused_by_name(files, mapping, message):
    with pytest.raises(CommandError, match=message):
        files("companies", "id,name,people\n1,One,5\n", mapping)


def test_leads_come_with_source_history_and_phones(files, people):
    table = (
        "id,name,when,phone,state,done,from\n"
        "7,Іван,05.03.2026,067 123 45 67; +380501112233,ok,06.03.2026,Expo\n"
    )
    mapping = {
        "key": "t:{id}",
        "region": "UA",
        "dates": {"zone": "Europe/Kyiv", "time": "10:00"},
        "fields": {
            "first_name": "name",
            "created_at": "when",
            "closed_at": "done",
            "phones": "phone",
            "status": {"column": "state", "codes": {"ok": "converted", "new": "new"}},
            "source": {"column": "from", "create": True},
            "owner": {"constant": people.manager.email, "by": "email"},
        },
    }
    assert "created 1" in files("leads", table, mapping)
    lead = Lead.objects.get()
    assert lead.created_at == datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    assert (lead.source.name, lead.status, lead.owner) == ("Expo", "converted", people.manager)
    assert list(Phone.objects.values_list("e164", flat=True)) == ["+380671234567", "+380501112233"]
    assert "unchanged 1" in files("leads", table, mapping)


def test_contacts_find_their_company(files):
    files("companies", "id,name,people\n1,One,5\n", COMPANIES)
    mapping = {
        "key": "t:{id}",
        "fields": {
            "first_name": "name",
            "emails": "mail",
            "company": {"column": "firm", "key": "t:{}"},
            "company_role": "job",
        },
    }
    table = "id,name,mail,firm,job\n1,Ann,Ann@Example.com,1,CEO\n2,Bob,,9,\n"
    text = files("contacts", table, mapping)
    assert "error ×1 [firm] Not found: 9. (rows 3)" in text
    contact = Contact.objects.get()
    assert contact.employments.get().role == "CEO"
    assert contact.emails.get().address == "ann@example.com"
    assert "unchanged 1" in files("contacts", table, mapping)


ACTIVITIES = {
    "key": "t:{id}",
    "fields": {
        "kind": "kind",
        "subject": "subject",
        "done_at": "done",
        "company": {"column": "firm", "key": "t:{}"},
    },
}


def test_activities_stand_on_the_timeline_of_their_record(files):
    files("companies", "id,name,people\n1,One,5\n", COMPANIES)
    table = "id,kind,subject,done,firm\n1,call,Hello,2026-03-05,1\n2,call,Lost,2026-03-05,\n"
    text = files("activities", table, ACTIVITIES)
    assert "belongs to no lead" in text
    activity = Company.objects.get().activities.get()
    assert activity.happened_at == activity.done_at


DEALS = {
    "key": "t:{id}",
    "fields": {
        "title": "title",
        "created_at": "from",
        "closed_at": "to",
        "amount": "sum",
        "status": "status",
        "stage": "stage",
        "loss_reason": {"constant": "Unknown", "create": True},
    },
}
HEAD = "id,title,from,to,sum,status,stage\n"


def test_deals_that_contradict_themselves_are_refused(files):
    factories.currency()
    factories.pipeline()
    table = HEAD + (
        "1,No end,2026-01-01,,1,won,Stage 2\n"
        "2,Open end,2026-01-01,2026-02-01,1,open,Stage 2\n"
        "3,Backwards,2026-02-01,2026-01-01,1,won,Stage 2\n"
        "4,Nowhere,2026-01-01,,1,open,Stage 9\n"
        "5,Good,2026-01-01,2026-02-01,1,lost,Stage 2\n"
    )
    text = files("deals", table, DEALS)
    assert "created 1, updated 0, unchanged 0, repeated 0, failed 4" in text
    assert Deal.objects.get().loss_reason.name == "Unknown"


def test_open_deal_without_what_its_stage_demands_is_left_out(files):
    factories.currency()
    stages = factories.pipeline().stages
    stages.filter(position=2).update(required_fields=["amount"])
    table = HEAD + (
        "1,Empty,2026-01-01,,,open,Stage 2\n"
        "2,Filled,2026-01-01,,7,open,Stage 2\n"
        "3,Elsewhere,2026-01-01,,,open,Stage 1\n"
        "4,Long ago,2026-01-01,2026-02-01,,lost,Stage 2\n"
    )
    text = files("deals", table, DEALS)
    assert "[amount] The stage “Stage 2” needs this field. (rows 2)" in text
    assert "created 3, updated 0, unchanged 0, repeated 0, failed 1" in text


def test_deal_won_since_the_last_import_gets_only_the_new_event(files):
    factories.currency()
    factories.pipeline()
    files("deals", HEAD + "1,Deal,2026-01-01,,100,open,Stage 2\n", DEALS)
    text = files("deals", HEAD + "1,Deal,2026-01-01,2026-02-01,120,won,Stage 2\n", DEALS)
    assert "updated 1" in text
    assert list(StageMove.objects.values_list("kind", flat=True)) == ["entered", "moved", "won"]
    assert Deal.objects.get().amount_base == 120


def test_uncorrected_product_is_told_and_stays_a_text(files, tmp_path):
    """Without the correction the line keeps the name of the file and no product."""
    for record, file, mapping in (("products", "products.csv", "6-products.json"),):
        run_import(record, DATA / file, MAPPINGS / mapping)
    plan = json.loads((MAPPINGS / "9-deals.json").read_text())
    plan.pop("corrections")
    plan["fields"].pop("owner")
    table = (DATA / "sales_pipeline.csv").read_text().splitlines()[:4]
    text = files("deals", "\n".join(table), plan)
    assert "warning ×1 [product] Not found: GTXPro. (rows 3)" in text
    line = Deal.objects.get(import_key="b2b:deal:Z063OYW0").lines.get()
    assert (line.product, line.name, line.price) == (None, "GTXPro", 4514)


def test_unknown_sector_is_told_and_kept(files):
    plan = json.loads((MAPPINGS / "7-companies.json").read_text())
    plan.pop("corrections")
    table = (DATA / "accounts.csv").read_text().splitlines()[:3]
    text = files("companies", "\n".join(table), plan)
    assert "warning ×1 [sector] Unknown text: technolgy. (rows 2)" in text
    assert Company.objects.get(name="Acme Corporation").industry == "technolgy"


def test_person_without_the_right_imports_nothing(files, people):
    people.analyst.crm_groups.clear()
    with pytest.raises(CommandError, match="no right"):
        files("companies", "id,name,people\n1,One,5\n", COMPANIES, email=people.analyst.email)


def test_person_cannot_change_the_record_of_another(files, people):
    factories.company(people.outsider, import_key="t:1", name="Theirs")
    text = files(
        "companies", "id,name,people\n1,Mine,5\n2,New,5\n", COMPANIES, email=people.manager.email
    )
    assert "may not be changed" in text
    assert Company.objects.get(import_key="t:1").name == "Theirs"
    assert Company.objects.get(import_key="t:2").created_by == people.manager
    assert Company.objects.get(import_key="t:2").owner == people.manager


def test_person_cannot_give_records_beyond_his_reach(files, people):
    mapping = COMPANIES | {
        "fields": {"name": "name", "owner": {"column": "who", "by": "email", "missing": "error"}}
    }
    table = f"id,name,who\n1,One,{people.outsider.email}\n2,Two,{people.manager.email}\n"
    text = files("companies", table, mapping, email=people.manager.email)
    assert "error ×1 [who] Not found" in text
    assert Company.objects.get().owner == people.manager
