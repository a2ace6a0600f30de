"""Lists as a person works with them: filters in words, saved views, columns, files."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, RoleAssignment, RoleGrant
from records.export import guarded
from records.filtering import period_days
from records.models import ListLayout, SavedView
from records.rights import Scope
from tests import factories as make

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("today", date(2026, 11, 22), date(2026, 11, 22)),
        ("yesterday", date(2026, 11, 21), date(2026, 11, 21)),
        ("this_week", date(2026, 11, 16), date(2026, 11, 22)),
        ("last_week", date(2026, 11, 9), date(2026, 11, 15)),
        ("this_month", date(2026, 11, 1), date(2026, 11, 30)),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("this_quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("last_7", date(2026, 11, 16), date(2026, 11, 22)),
    ],
)
def test_relative_period_has_these_days(code, first, last):
    assert period_days(code, NOW.date()) == (first, last)


def titles(client, query):
    page = client.get(f"{reverse('leads:list')}?{query}")
    assert page.status_code == 200, query
    return {lead.title for lead in page.context["rows"]}


@time_machine.travel(NOW, tick=False)
def test_filters_of_leads_unite_values_and_meet_each_other(people, sign_in):
    site, fair = make.source("Site"), make.source("Fair")
    old = datetime(2026, 10, 3, tzinfo=UTC)
    make.lead(people.head, title="a", status="new", source=site, amount=100, created_at=NOW)
    make.lead(people.colleague, title="b", status="working", source=fair, created_at=NOW)
    make.lead(None, title="c", status="new", source=fair, amount=900, created_at=old, city="Одеса")
    client = sign_in(people.head)
    for query, found in (
        ("status=new&status=working", {"a", "b", "c"}),
        ("status=working", {"b"}),
        (f"source={site.pk}&source={fair.pk}&status=new", {"a", "c"}),
        ("whose=me", {"a"}),
        ("whose=me&whose=nobody", {"a", "c"}),
        ("whose=department", {"a", "b"}),
        ("created=today", {"a", "b"}),
        ("created=last_month", {"c"}),
        ("amount_from=100&amount_to=500", {"a"}),
        ("has_amount=empty", {"b"}),
        ("city=дес", {"c"}),
    ):
        assert titles(client, query) == found, query


@pytest.mark.parametrize(
    "query",
    [
        "status=gone&amount_from=1e999&created=never&source=99999999999999999999&whose=x",
        "amount_from=NaN&created_from=0001-01-01",
        "view=abc&columns=x&sort=password&after=forged",
        "view=99999999999999999999999",
    ],
)
def test_broken_filter_is_a_page(people, sign_in, query):
    make.lead(people.manager, title="one")
    assert titles(sign_in(people.manager), query) == {"one"}


def test_broken_value_is_named(people, sign_in):
    page = sign_in(people.manager).get("/leads/?status=gone")
    assert "was left out" in page.text


def test_chip_takes_only_its_value_away(people, sign_in):
    page = sign_in(people.manager).get("/leads/?status=new&status=working&city=x")
    chips = {(chip.label, chip.value): chip.url for chip in page.context["chips"]}
    assert chips["Status", "New"] == "?city=x&status=working"
    assert chips["City", "x"] == "?status=new&status=working"


def save(client, kind="lead", query="status=new", **fields):
    body = {"name": "Fresh", "sharing": "own", "position": 0, **fields}
    return client.post(f"/lists/{kind}/views/new/?{query}", body)


def test_view_is_saved_shown_renamed_opened_first_and_deleted(people, sign_in):
    client = sign_in(people.manager)
    make.lead(people.manager, title="new")
    make.lead(people.manager, title="old", status="working")
    assert save(client, is_default="on").status_code == 302
    view = SavedView.objects.get()
    page = client.get("/leads/", follow=True)
    assert page.redirect_chain
    assert [lead.title for lead in page.context["rows"]] == ["new"]
    assert "Fresh" in page.text
    edited = {"name": "Newest", "sharing": "own", "position": 2}
    assert client.post(f"/lists/views/{view.pk}/", edited).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.query) == ("Newest", "status=new")
    assert client.get("/leads/").status_code == 200
    assert client.post(f"/lists/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_shared_view_shows_each_reader_only_his_own_rows(people, sign_in):
    make.lead(people.manager, title="mine")
    make.lead(people.colleague, title="hers")
    save(sign_in(people.manager), sharing="department")
    view = SavedView.objects.get()
    client = sign_in(people.colleague)
    assert titles(client, f"status=new&view={view.pk}") == {"hers"}
    assert "Fresh" in client.get("/leads/").text
    assert "Fresh" not in sign_in(people.outsider).get("/leads/").text
    for act in ("", "delete/"):
        assert client.post(f"/lists/views/{view.pk}/{act}", {"name": "x"}).status_code == 404
    assert SavedView.objects.get().name == "Fresh"


def test_only_an_administrator_shares_with_everybody(people, sign_in):
    assert save(sign_in(people.manager), sharing="everybody").status_code == 422
    assert save(sign_in(people.admin), sharing="everybody").status_code == 302
    assert "Fresh" in sign_in(people.outsider).get("/leads/").text


def test_view_of_a_source_that_is_gone_says_so(people, sign_in):
    gone = make.source("Gone")
    client = sign_in(people.manager)
    save(client, query=f"source={gone.pk}")
    gone.delete()
    page = client.get(f"/leads/?view={SavedView.objects.get().pk}&source={gone.pk}")
    assert "was left out" in page.text


def test_columns_are_chosen_moved_and_reset(people, sign_in):
    client = sign_in(people.manager)
    make.lead(people.manager, city="Львів")
    url = "/lists/lead/columns/"
    moved = client.post(url, {"column": ["status", "city"], "up": "city"})
    assert [column.name for column, shown in moved.context["rows"] if shown] == ["city", "status"]
    assert not ListLayout.objects.exists()
    client.post(url, {"column": ["city", "status", "evil"], "save": "1"})
    page = client.get("/leads/")
    assert [head.column.name for head in page.context["heads"]] == ["name", "city", "status"]
    assert "Львів" in page.text
    client.post(url, {"reset": "1"})
    assert len(client.get("/leads/").context["heads"]) > 6


def test_hidden_field_is_no_column(people, sign_in, monkeypatch):
    hidden = frozenset({"amount"})
    rights = people.manager.fields("lead")
    monkeypatch.setattr(type(rights), "hidden", hidden)
    page = sign_in(people.manager).get("/leads/")
    assert "amount" not in [head.column.name for head in page.context["heads"]]


@pytest.mark.parametrize("kind", ["lead", "deal", "contact", "company", "product"])
def test_list_costs_the_same_whatever_its_rows(people, sign_in, kind):
    names = {"contact": "contacts:contact", "company": "contacts:company"}
    url = {
        "lead": reverse("leads:list"),
        "deal": reverse("deals:list"),
        "product": reverse("catalog:product_list"),
    }.get(kind) or reverse(f"{names[kind]}_list")
    client, maker = sign_in(people.manager), getattr(make, kind)
    owner = {"owner": people.manager}
    counts = []
    for count in (2, 30):
        for _ in range(count):
            maker(**owner)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 17


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "\r\n" in text
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_export_holds_the_filter_the_columns_and_the_right(people, sign_in):
    for number in range(3):
        make.lead(people.manager, title=f"=1+{number}", amount="1234.50")
    make.lead(people.manager, title="other", status="working")
    make.lead(people.outsider, title="foreign")
    client = sign_in(people.manager)
    client.post("/lists/lead/columns/", {"column": ["title", "amount"]})
    rows = rows_of(client.get("/leads/export/?status=new&file=csv"))
    assert rows[0] == ["Lead", "What they want", "Amount"]
    assert sorted(row[1] for row in rows[1:]) == ["'=1+0", "'=1+1", "'=1+2"]
    assert {row[2] for row in rows[1:]} == {"1234.50"}
    type(people.manager).objects.filter(pk=people.manager.pk).update(language="ru")
    russian = rows_of(sign_in(people.manager).get("/leads/export/?status=new&file=csv"))
    assert {row[2] for row in russian[1:]} == {"1234,50"}
    assert sign_in(people.analyst).get("/leads/export/").status_code == 403


def test_export_right_may_be_narrower_than_the_list(people, sign_in):
    role = Role.objects.create(name="Takes own")
    for action, scope in (("view", Scope.ALL), ("export", Scope.OWN)):
        RoleGrant.objects.create(role=role, record_type="deal", action=action, scope=scope)
    RoleAssignment.objects.all().filter(user=people.manager).delete()
    RoleAssignment.objects.create(role=role, user=people.manager)
    make.deal(people.manager, title="mine")
    make.deal(people.outsider, title="foreign")
    rows = rows_of(sign_in(people.manager).get("/deals/export/?file=csv"))
    assert [row[0] for row in rows[1:]] == ["mine"]


def test_workbook_has_numbers_and_every_batch(people, sign_in, monkeypatch):
    monkeypatch.setattr("records.listing.BATCH", 2)
    for number in range(5):
        make.deal(people.manager, title=f"d{number}", amount="10.25")
    answer = sign_in(people.manager).get("/deals/export/")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<v>10.25</v>") == 5
    assert "pane" in sheet
    assert all(f"d{number}" in sheet for number in range(5))


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx"])
def test_text_is_no_formula(text):
    assert guarded(text) == f"'{text}"


def test_filter_is_a_page_and_a_dialog_that_keeps_the_rest_of_the_address(people, sign_in):
    client = sign_in(people.manager)
    address = reverse("lists:filter", args=["lead"])
    page = client.get(address, {"status": "new", "q": "ann", "sort": "new_up"})
    assert page.context["kept"] == [("view", "all"), ("sort", "new_up"), ("q", "ann")]
    assert page.text.count("checked") == 1
    fragment = client.get(address, {"amount_from": "x"}, headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert "Enter a number" in fragment.text
    assert client.get(reverse("lists:filter", args=["user"])).status_code == 404
