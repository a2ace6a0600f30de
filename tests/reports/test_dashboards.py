"""Dashboards: tiles are counted for the viewer, kept in an order, given to roles."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import Role
from reports.dashboards import services
from reports.dashboards.faces import FACES, bars_of, figure_of
from reports.making import made, pages, question_of
from reports.models import Dashboard, SavedReport
from tests import factories as make
from tests.factories import NOW
from tests.reports.links import rows_behind

pytestmark = pytest.mark.django_db
MANAGERS = "from=2026-11-01&to=2026-11-30"


@pytest.fixture
def board(people) -> Dashboard:
    found = Dashboard.objects.create(owner=people.head, name="Mine", is_shared=True)
    services.pin(dashboard=found, report="managers", query=MANAGERS)
    services.pin(dashboard=found, report="losses", query=MANAGERS)
    return found


def won(owner, amount: int):
    """A deal won today."""
    begun = NOW - timedelta(days=3)
    return make.deal(owner, amount=amount, created_at=begun, status="won", closed_at=NOW)


def figure(client, tile) -> str:
    return (
        client.get(reverse("dashboards:tile", args=[tile.pk]))
        .context["figure"][1]
        .replace("\xa0", " ")
    )


def test_a_tile_is_counted_over_what_its_viewer_may_see(people, sign_in, board):
    won(people.manager, 100)
    won(people.outsider, 7)
    tile = board.tiles.first()
    assert figure(sign_in(people.head), tile) == "100 ₽"
    assert figure(sign_in(people.other_head), tile) == "7 ₽"
    assert figure(sign_in(people.admin), tile) == "107 ₽"


def test_the_bars_of_a_tile_open_as_many_rows_as_they_say(people, sign_in, board):
    won(people.manager, 100)
    client = sign_in(people.head)
    tile = board.tiles.first()
    found = client.get(reverse("dashboards:tile", args=[tile.pk])).context["bars"]
    assert [bar.share for bar in found] == [100]
    assert rows_behind(client, found[0].url) == 1


def test_every_routed_report_can_be_pinned():
    assert {"funnel", "managers", "plan", "rfm", "voice", "health"} <= set(pages())
    assert {key.partition(":")[0] for key in FACES} <= set(pages())
    assert all(question_of(name) != name for name in pages())


@pytest.mark.parametrize("name", sorted({key.partition(":")[0] for key in FACES}))
def test_a_face_finds_its_figure_and_its_bars(people, name):
    make.pipeline()
    won(people.manager, 100)
    make.lead(people.manager)
    found = made(name, "period=all", people.head).report
    if found.empty:
        return
    face = FACES[name]
    assert any(sheet.key == face.sheet for sheet in found.sheets)
    sheet = next(sheet for sheet in found.sheets if sheet.key == face.sheet)
    assert face.bars in {column.key for column in sheet.columns}
    assert not face.path or figure_of(found) or name == "plan"
    bars_of(found)


def test_the_period_of_all_tiles_takes_the_place_of_their_own(people, sign_in, board):
    won(people.manager, 100)
    tile = board.tiles.first()
    page = sign_in(people.head).get(reverse("dashboards:tile", args=[tile.pk]), {"period": "all"})
    assert str(page.context["span"]) == "all time"
    assert "period=all" in page.context["url"]


def test_a_report_closed_to_the_viewer_says_so_on_its_tile(people, sign_in, board):
    tile = services.pin(dashboard=board, report="gone", query="")
    page = sign_in(people.head).get(reverse("dashboards:tile", args=[tile.pk]))
    assert page.status_code == 200
    assert "There is no such report." in page.content.decode()


def test_a_board_waits_for_none_of_its_tiles(people, sign_in, board):
    client = sign_in(people.head)
    url = reverse("dashboards:board", args=[board.pk])
    page = client.get(url)
    for tile in board.tiles.all():
        assert reverse("dashboards:tile", args=[tile.pk]) in page.content.decode()
    assert "report" not in page.context


def test_tiles_stand_in_the_order_they_were_put_in(people, sign_in, board):
    client = sign_in(people.head)
    one, two = board.tiles.all()
    keys = {"tile": [two.pk, "x", 999999, one.pk]}
    assert client.post(reverse("dashboards:order", args=[board.pk]), keys).status_code == 204
    assert list(board.tiles.all()) == [two, one]
    client.post(reverse("dashboards:tile_move", args=[one.pk]), {"to": "up"})
    assert list(board.tiles.all()) == [one, two]
    client.post(reverse("dashboards:tile_remove", args=[one.pk]))
    assert list(board.tiles.all()) == [two]


def test_only_the_owner_changes_a_shared_board(people, sign_in, board):
    client = sign_in(people.analyst)
    assert client.get(reverse("dashboards:board", args=[board.pk])).status_code == 200
    for name in ("order", "remove"):
        assert client.post(reverse(f"dashboards:{name}", args=[board.pk])).status_code == 404
    tile = board.tiles.first()
    for name in ("tile_move", "tile_remove"):
        assert client.post(reverse(f"dashboards:{name}", args=[tile.pk])).status_code == 404
    client.post(reverse("dashboards:copy", args=[board.pk]))
    copied = Dashboard.objects.get(owner=people.analyst)
    assert [tile.report for tile in copied.tiles.all()] == ["managers", "losses"]


def test_a_board_of_nobody_else_is_not_there(people, sign_in, board):
    Dashboard.objects.update(is_shared=False)
    client = sign_in(people.analyst)
    assert client.get(reverse("dashboards:board", args=[board.pk])).status_code == 404
    tile = board.tiles.first()
    assert client.get(reverse("dashboards:tile", args=[tile.pk])).status_code == 404


def test_a_role_begins_with_the_board_given_to_it(people, sign_in):
    role = Role.objects.get(name="Analyst")
    client = sign_in(people.admin)
    values = {"name": "For analysts", "role": role.pk, "form_key": uuid4()}
    assert client.post(reverse("dashboards:create"), values).status_code == 302
    made_board = Dashboard.objects.get(name="For analysts")
    assert made_board.role == role
    page = sign_in(people.analyst).get(reverse("dashboards:index"))
    assert page.context["board"] == made_board
    assert sign_in(people.head).get(reverse("dashboards:index")).context["board"] is None


def test_who_is_no_administrator_gives_nothing_to_a_role(people, sign_in):
    role = Role.objects.get(name="Analyst")
    values = {"name": "Mine", "role": role.pk, "form_key": uuid4(), "query": "", "report": "plan"}
    client = sign_in(people.head)
    client.post(reverse("dashboards:create"), values)
    client.post(reverse("reports:save"), {**values, "form_key": uuid4()})
    assert Dashboard.objects.get().role is None
    assert SavedReport.objects.get().role is None


def test_a_report_is_pinned_to_a_new_board_once(people, sign_in):
    client = sign_in(people.head)
    values = {"form_key": uuid4(), "report": "losses", "query": MANAGERS, "title": "Lost"}
    for _time in range(2):
        client.post(reverse("dashboards:pin"), values)
    tile = Dashboard.objects.get(owner=people.head).tiles.get()
    assert (tile.report, tile.query, tile.title) == ("losses", MANAGERS, "Lost")


@pytest.mark.parametrize("bad", [{"report": "settings"}, {"dashboard": "9" * 30}])
def test_nothing_foreign_is_pinned(people, sign_in, bad):
    values = {"form_key": uuid4(), "report": "losses", "query": "", "title": "", **bad}
    assert sign_in(people.head).post(reverse("dashboards:pin"), values).status_code == 422
    assert not Dashboard.objects.exists()


def test_a_full_board_takes_no_more(people, sign_in, board, monkeypatch):
    monkeypatch.setattr(services, "MOST_TILES", 2)
    values = {"form_key": uuid4(), "report": "losses", "query": "", "dashboard": board.pk}
    page = sign_in(people.head).post(reverse("dashboards:pin"), values)
    assert page.status_code == 422
    assert board.tiles.count() == 2


def test_the_usual_tiles_are_all_counted(people, sign_in):
    make.deal(people.manager, amount=100, created_at=NOW)
    client = sign_in(people.head)
    client.post(reverse("dashboards:begin"))
    board = Dashboard.objects.get(owner=people.head)
    assert client.get(reverse("dashboards:index")).context["board"] == board
    for tile in board.tiles.all():
        assert client.get(reverse("dashboards:tile", args=[tile.pk])).status_code == 200
