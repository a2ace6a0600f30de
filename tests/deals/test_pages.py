"""Each page of deals through the client: what it shows, to whom, at what cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal, StageMove
from tests import factories as make

HX = {"HX-Request": "true"}


@pytest.fixture
def stages(people):
    return list(make.pipeline().stages.order_by("position"))


@pytest.fixture
def deal(people, stages):
    return make.deal(people.manager, amount=1000, company=make.company(people.manager))


@pytest.fixture
def client(people, sign_in):
    return sign_in(people.manager)


def queries(client, url, **headers):
    """Statements of the page itself; the session is cached and read only when the cache is cold."""
    client.get(url, headers=headers)
    with CaptureQueriesContext(connection) as found:
        answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return len([query for query in found if "django_session" not in query["sql"]])


def fill(people, stages, count):
    company = make.company(people.manager)
    made = [
        make.deal(
            people.manager,
            title=f"Deal {n}",
            amount=n,
            stage=stages[n % 4],
            company=company if n % 2 else None,
            contact=None if n % 2 else make.contact(people.manager),
            created_at=make.NOW - timedelta(hours=n),
        )
        for n in range(count)
    ]
    make.activity(people.manager, deal=made[0])
    return made


@pytest.mark.parametrize("name", ["board", "list"])
def test_query_count_is_small_and_does_not_grow(people, stages, client, name):
    url = reverse(f"deals:{name}")
    fill(people, stages, 10)
    few = queries(client, url)
    fill(people, stages, 190)
    many = queries(client, url)
    assert few == many <= 12


def test_card_query_count_does_not_grow(people, stages, client):
    made = fill(people, stages, 4)
    url = made[1].get_absolute_url()
    few = queries(client, url)
    fill(people, stages, 40)
    for n in range(20):
        made[1].lines.create(name=str(n), price=1)
    assert queries(client, url) == few <= 30


def test_board_shows_whole_column_figures(people, stages, client):
    old = timezone.now() - timedelta(days=20)
    make.deal(people.manager, amount=1000, stage_entered_at=old)
    make.deal(people.manager, amount=500, stage_entered_at=timezone.now())
    make.deal(people.colleague, amount=99999)
    page = client.get(reverse("deals:board"))
    first = page.context["columns"][0]
    assert (first.total.count, first.total.amount, first.total.weighted) == (2, 1500, 300)
    assert first.stuck == 1
    assert {card.rot for card in first.cards} == {0, 2}
    assert "99,999" not in page.text


def test_column_shows_twenty_cards_and_the_rest_by_key(people, stages, client):
    for n in range(35):
        make.deal(people.manager, title=f"No{n}", created_at=make.NOW - timedelta(hours=n))
    page = client.get(reverse("deals:board"))
    column = page.context["columns"][0]
    assert (len(column.cards), column.below) == (20, 15)
    more = client.get(
        reverse("deals:board_more", args=[stages[0].pk]),
        {"after": column.next_after},
        headers=HX,
    )
    shown = {card.deal.pk for card in column.cards} | {
        card.deal.pk for card in more.context["cards"]
    }
    assert len(shown) == 35
    assert more.text.count("<article") == 15
    assert "<html" not in more.text


def test_phone_shows_the_stage_of_the_address(people, stages, client, deal):
    page = client.get(reverse("deals:board"), {"stage": stages[2].pk})
    assert [column.is_now for column in page.context["columns"]] == [False, False, True, False]
    assert page.context["columns"][0].total.count == 1
    assert client.get(reverse("deals:board"), {"stage": "abc"}).status_code == 200


def test_board_without_pipelines_and_without_stages_is_a_page(people, client):
    assert client.get(reverse("deals:board")).status_code == 200
    assert client.get(reverse("deals:list")).status_code == 200
    make.pipeline(stages=0)
    assert client.get(reverse("deals:board")).status_code == 200


def test_list_fragment_is_rows_only(people, stages, client):
    fill(people, stages, 60)
    page = client.get(reverse("deals:list"))
    assert len(page.context["rows"]) == 50
    more = client.get(reverse("deals:list"), {"after": page.context["next_after"]}, headers=HX)
    assert more.text.count("<tr") == 10
    assert "<html" not in more.text


@pytest.mark.parametrize(
    "sort", ["new", "amount", "amount_up", "changed", "changed_up", "stage_days", "-", "password"]
)
def test_every_sort_is_a_page(people, stages, client, sort):
    fill(people, stages, 3)
    page = client.get(reverse("deals:list"), {"sort": sort})
    assert len(page.context["rows"]) == 3


def found(client, **params):
    page = client.get(reverse("deals:list"), params)
    assert page.status_code == 200
    return {deal.title for deal in page.context["rows"]}


def test_report_links_find_exactly_their_deals(people, stages, sign_in):
    client = sign_in(people.admin)
    reason = make.loss_reason()
    day = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)  # 1 November, 00:30 in Kyiv
    make.deal(people.manager, title="open", furthest=3)
    make.deal(people.manager, title="won", status="won", closed_at=day, source="Ad")
    make.deal(
        people.below,
        title="lost",
        status="lost",
        closed_at=day - timedelta(days=1),
        loss_reason=reason,
        stage=stages[1],
    )
    other = make.pipeline("Other")
    make.deal(people.colleague, title="other", pipeline=other, furthest=4)
    assert found(client, pipeline=other.pk) == {"other"}
    assert found(client, status="won") == {"won"}
    assert found(client, closed_from="2026-11-01", closed_to="2026-11-01") == {"won"}
    assert found(client, closed_to="2026-10-31") == {"lost"}
    assert found(client, created_from="2026-11-20", created_to="2026-11-20") == {
        "open",
        "won",
        "lost",
        "other",
    }
    assert found(client, created_from="2026-11-21") == set()
    assert found(client, reached=stages[2].pk) == {"open", "won"}
    assert found(client, lost_stage=stages[1].pk) == {"lost"}
    assert found(client, stage=stages[1].pk) == {"lost"}
    assert found(client, loss_reason=reason.pk) == {"lost"}
    assert found(client, source="Ad") == {"won"}
    assert found(client, owner=people.below.pk) == {"lost"}
    assert found(client, department=people.sales.pk) == {"open", "won", "lost", "other"}
    assert found(client, department=people.regions.pk) == {"lost"}


def test_search_takes_wildcards_as_themselves(people, stages, client):
    company = make.company(people.manager, name="ООО «Ёлка»")
    one = make.deal(people.manager, title="100% шерсть", company=company)
    make.deal(people.manager, title="1000 досок")
    assert found(client, q="100%") == {"100% шерсть"}
    assert found(client, q="елка") == {"100% шерсть"}
    assert found(client, q=f"№ {one.pk}") == {"100% шерсть"}
    assert found(client, q="_") == set()


def test_tabs_narrow_and_count(people, stages, client):
    planned = make.deal(people.manager, title="planned")
    make.activity(people.manager, deal=planned, due_at=timezone.now() + timedelta(days=1))
    late = make.deal(people.manager, title="late", created_at=timezone.now())
    make.activity(people.manager, deal=late, due_at=timezone.now() - timedelta(days=1))
    make.deal(people.manager, title="bare")
    assert found(client, tab="no_task") == {"bare"}
    assert found(client, tab="overdue") == {"late"}
    assert found(client, tab="new") == {"late"}
    assert found(client, tab="mine") == {"planned", "late", "bare"}
    page = client.get(reverse("deals:list"))
    assert [tab.count for tab in page.context["narrowing"].tabs] == ["3", "1", "1", "1", ""]


@pytest.mark.parametrize(
    "params",
    [
        {"pipeline": "abc", "owner": "-1", "stage": str(2**63), "company": "9" * 40},
        {"created_from": "0001-01-01", "created_to": "9999-12-31"},
        {"created_from": "yesterday", "status": "sold", "tab": "x", "q": "a\x00b"},
        {"reached": "1e9", "loss_reason": "' or 1=1", "source": "x" * 500, "sort": "?"},
        {"after": "forged", "department": "0"},
    ],
)
@pytest.mark.parametrize("name", ["deals:list", "deals:board", "deals:filter", "deals:panel"])
def test_nonsense_in_the_address_is_named_and_ignored(people, deal, client, name, params):
    page = client.get(reverse(name), params)
    assert page.status_code == 200
    if name == "deals:list" and "after" not in params:
        assert page.context["narrowing"].errors
        assert len(page.context["rows"]) == 1


def test_filter_form_goes_to_the_page_it_came_from(people, deal, client):
    page = client.get(reverse("deals:filter"), {"to": "board", "owner": people.manager.pk})
    assert 'action="/deals/board/"' in page.text
    fragment = client.get(reverse("deals:filter"), headers=HX)
    assert "<html" not in fragment.text


def test_panel_lists_only_visible_deals_of_the_client(people, stages, client):
    company = make.company(people.manager)
    make.deal(people.manager, title="Mine", company=company)
    make.deal(people.colleague, title="Theirs", company=company)
    page = client.get(reverse("deals:panel"), {"company": company.pk})
    assert "Mine" in page.text
    assert "Theirs" not in page.text
    foreign = make.company(people.colleague)
    make.deal(people.manager, title="Hidden client", company=foreign)
    page = client.get(reverse("deals:panel"), {"company": foreign.pk})
    assert "Hidden client" not in page.text


def test_card_tells_everything_and_hides_an_unseen_clients_facts(people, stages, client):
    company = make.company(people.colleague, tax_id="7707083893")
    deal = make.deal(people.manager, title="Mine", company=company)
    other = make.deal(people.colleague, title="Secret", company=company)
    page = client.get(deal.get_absolute_url())
    assert page.status_code == 200
    assert "7707083893" not in page.text
    assert "Secret" not in page.text
    assert client.get(other.get_absolute_url()).status_code == 404


def test_history_names_people_and_stages(people, stages, deal, client):
    client.post(reverse("deals:move", args=[deal.pk]), {"stage": stages[1].pk, "version": 1})
    page = client.get(reverse("deals:history", args=[deal.pk]))
    assert "Stage 2" in page.text
    assert "Manager" in page.text
    assert "<html" not in client.get(page.wsgi_request.path, headers=HX).text


def test_stage_history_is_untouched_by_looking(people, stages, deal, client):
    before = StageMove.objects.count()
    for name in ("move", "win", "lose", "reopen"):
        assert client.get(reverse(f"deals:{name}", args=[deal.pk])).status_code == 200
    assert StageMove.objects.count() == before
    assert Deal.objects.get(pk=deal.pk).version == 1
