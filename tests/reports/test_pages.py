"""The pages: every number links to exactly the rows it counts; bad values are named, not fatal."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from deals.services.moving import lose_deal, move_deal, win_deal
from reports.models import SavedReport
from tests import factories
from tests.factories import NOW
from tests.people import People, make_people
from tests.reports.links import cells, rows_behind

pytestmark = pytest.mark.django_db
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
LENSES = ("reached", "strict", "flow", "snapshot", "leads")


@pytest.fixture(scope="module")
def sold(django_db_setup, django_db_blocker):
    """Made once for the module; each test undoes its own changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield sell(make_people())
        transaction.set_rollback(True)


def sell(people: People) -> People:
    """Deals at every stage with every outcome, of three owners and of nobody."""
    stages = list(factories.pipeline().stages.order_by("position"))
    reason = factories.loss_reason()
    owners = [people.manager, people.colleague, people.below, None]
    for number in range(24):
        owner = owners[number % 4]
        made = factories.deal(owner, amount=100 + number, created_at=NOW - timedelta(days=9))
        by, now = people.admin, NOW - timedelta(days=5)
        for stage in stages[1 : 1 + number % 5]:
            move_deal(deal_id=made.pk, stage_id=stage.pk, by=by, now=now)
        if number % 3 == 0:
            lose_deal(deal_id=made.pk, reason=reason, by=by, now=NOW)
        elif number % 3 == 1:
            win_deal(deal_id=made.pk, by=by, now=NOW)
        kind = ("call", "meeting", "task")[number % 3]
        factories.activity(owner, kind=kind, due_at=NOW - timedelta(days=1), done_at=NOW)
        deal = made if number % 2 else None
        status = {"status": "converted", "closed_at": NOW, "deal": deal} if deal else {}
        factories.lead(owner, created_at=NOW - timedelta(days=9), **status)
    factories.deal(people.outsider, amount=5000)
    return people


@pytest.mark.parametrize("query", [{}, {"as_of": "2026-11-18"}])
@pytest.mark.parametrize("lens", LENSES)
def test_every_number_of_the_funnel_opens_as_many_rows(sold, sign_in, lens, query):
    client = sign_in(sold.head)
    found = cells(client.get(reverse("reports:funnel"), {**DAYS, "lens": lens, **query}))
    assert len(found) >= 8 - 4 * (lens == "leads")
    for url, count in found:
        assert rows_behind(client, url) == count, url


@pytest.mark.parametrize("who", ["head", "analyst"])
def test_every_number_of_managers_opens_as_many_rows(sold, sign_in, who):
    client = sign_in(getattr(sold, who))
    for more in ({}, {"owner": sold.manager.pk}, {"department": sold.regions.pk}):
        found = cells(client.get(reverse("reports:managers"), {**DAYS, **more}))
        assert len(found) > 8
        for url, count in found:
            assert rows_behind(client, url) == count, url


@pytest.mark.parametrize(
    "query",
    [
        "lens=reached&what=other",
        "lens=strict&what=entered&stage=999999",
        "lens=flow&what=entries&stage=x",
        "lens=snapshot&what=won",
        "lens=leads&what=lost",
        "lens=reached&what=skipped&stage=99999999999999999999",
    ],
)
def test_a_number_that_is_not_there_has_no_rows(sold, sign_in, query):
    assert sign_in(sold.head).get(f"{reverse('reports:funnel_rows')}?{query}").status_code == 404


def test_rows_behind_numbers_stay_within_what_one_sees(sold, sign_in):
    params = {**DAYS, "lens": "reached", "what": "entered", "as_of": "2026-11-18"}
    page = sign_in(sold.other_head).get(reverse("reports:funnel_rows"), params)
    assert {line["row"].owner for line in page.context["rows"]} <= {sold.outsider, None}


@pytest.mark.parametrize("name", ["funnel", "managers"])
def test_files_hold_the_numbers_of_the_page(sold, sign_in, name):
    client = sign_in(sold.head)
    url = reverse(f"reports:{name}")
    report = client.get(url, DAYS).context["report"]
    table = client.get(url, {**DAYS, "file": "csv"})
    assert table.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))
    assert lines[0] == [column.label for column in report.sheets[0].columns]
    assert len(lines) == len(report.sheets[0].rows) + 2
    book = ZipFile(BytesIO(client.get(url, {**DAYS, "file": "xlsx"}).content))
    names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(names) == len(report.sheets)
    assert b'state="frozen"' in book.read(names[0])
    first = report.sheets[0].columns[1].key
    assert f"<v>{report.sheets[0].rows[0][first]}</v>".encode() in book.read(names[0])
    paper = client.get(url, {**DAYS, "file": "pdf"})
    assert paper.content.startswith(b"%PDF")
    assert "attachment" in paper["Content-Disposition"]


def test_russian_csv_opens_in_excel(sold, sign_in):
    User.objects.filter(pk=sold.head.pk).update(language="ru")
    client = sign_in(sold.head)
    content = client.get(reverse("reports:managers"), {**DAYS, "file": "csv"}).content
    text = content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Менеджер;")
    assert ";50,0;" in text
    assert "\r\n" in text


def test_a_saved_report_is_mine_or_shared_and_moves_with_the_days(sold, sign_in):
    head, analyst = sign_in(sold.head), sign_in(sold.analyst)
    post = {"report": "funnel", "query": "period=last_month&lens=flow", "form_key": uuid4()}
    answer = head.post(reverse("reports:save"), {**post, "name": "Flow"})
    assert answer.url == f"{reverse('reports:funnel')}?period=last_month&lens=flow"
    again = head.post(reverse("reports:save"), {**post, "name": "Flow", "form_key": uuid4()})
    assert again.status_code == 422
    assert "Flow" not in analyst.get(reverse("reports:saved")).content.decode()
    post |= {"form_key": uuid4(), "name": "Common", "is_shared": "on"}
    head.post(reverse("reports:save"), post)
    assert "Common" in analyst.get(reverse("reports:funnel")).content.decode()
    shared = SavedReport.objects.get(name="Common")
    assert analyst.post(reverse("reports:saved"), {"saved": shared.pk}).status_code == 422
    assert head.post(reverse("reports:saved"), {"saved": shared.pk}).status_code == 302
    assert SavedReport.objects.count() == 1


def test_a_saved_report_leads_nowhere_else(sold, sign_in):
    client = sign_in(sold.head)
    post = {"report": "//evil.example", "query": "", "name": "x", "form_key": uuid4()}
    assert client.post(reverse("reports:save"), post).status_code == 422
    post |= {"report": "rfm", "query": "a=1#//evil\r\nX: y"}
    assert "\n" not in client.post(reverse("reports:save"), post).url


def test_picture_shows_the_numbers_of_the_table(sold, sign_in):
    page = sign_in(sold.head).get(reverse("reports:funnel"), DAYS)
    steps = page.context["funnel"].steps
    assert [bar["count"] for bar in page.context["bars"]] == [
        *(step.entered.count for step in steps),
        page.context["funnel"].won.count,
    ]
    assert "style=" not in page.content.decode().split("<main")[-1]


def test_owner_and_as_of_narrow_the_page(sold, sign_in):
    client = sign_in(sold.head)
    params = {**DAYS, "owner": sold.manager.pk, "as_of": "2026-11-12"}
    page = client.get(reverse("reports:funnel"), params)
    assert page.context["funnel"].entered.count == 6
    assert page.context["funnel"].open.count == 6


@pytest.mark.parametrize("name", ["funnel", "managers"])
@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01",
        "from=2026-11-20&to=2026-11-01",
        "period=never",
        "pipeline=99999999999999999999",
        "pipeline=%00",
        "owner=abc",
        "from=0001-01-01&to=9999-12-31",
        "as_of=0001-01-01",
        "from=1900-01-01&to=2200-12-31",
        "from=&to=",
        "from=1900-01-01",
        "to=2200-12-31",
    ],
)
def test_bad_values_are_named_and_defaults_used(sold, sign_in, name, query):
    page = sign_in(sold.head).get(f"{reverse(f'reports:{name}')}?{query}")
    assert page.status_code == 200
    if any(wrong in query for wrong in ("-13-", "never", "99999", "%00", "abc", "9999", "11-20")):
        assert 'role="alert"' in page.content.decode()


def test_foreign_owner_is_not_a_choice(sold, sign_in):
    page = sign_in(sold.head).get(reverse("reports:funnel"), {"owner": sold.outsider.pk})
    assert "owner" in page.context["errors"]


@pytest.mark.parametrize(
    "preset", ["this_month", "last_month", "quarter", "year", "all", "last_year", "fiscal_year"]
)
def test_presets_open(sold, sign_in, preset):
    page = sign_in(sold.head).get(reverse("reports:managers"), {"period": preset})
    assert page.status_code == 200
    assert [current for _, _, current in page.context["presets"]].count(True) == 1


@pytest.mark.parametrize("name", ["index", "funnel", "managers"])
def test_only_holders_of_the_right_enter(sold, sign_in, name):
    url = reverse(f"reports:{name}")
    assert sign_in(sold.head).get(url).status_code == 200
    assert sign_in(sold.manager).get(url).status_code == 403


def test_pages_ask_a_fixed_number_of_queries(sold, sign_in, django_assert_max_num_queries):
    client = sign_in(sold.head)
    with django_assert_max_num_queries(32):
        client.get(reverse("reports:funnel"), DAYS)
    with django_assert_max_num_queries(32):
        client.get(reverse("reports:managers"), DAYS)
