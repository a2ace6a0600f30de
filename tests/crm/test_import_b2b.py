"""The whole data set goes in and its sums equal those of the file."""

import hashlib
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Department, User
from contacts.models import Company
from deals.models import Deal, StageMove
from tests.crm.b2b import import_everything, opportunities

pytestmark = pytest.mark.django_db
TABLES = (
    "accounts_department",
    "accounts_user",
    "accounts_roleassignment",
    "catalog_product",
    "contacts_company",
    "deals_deal",
    "deals_dealline",
    "deals_stagemove",
    "deals_dealevent",
    "contacts_companyevent",
    "accounts_userevent",
    "accounts_departmentevent",
)


def digests() -> dict[str, str]:
    """A digest of every row of every table an import writes."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows = "\n".join(row[0] for row in cursor.fetchall())
            found[table] = hashlib.sha256(rows.encode()).hexdigest()
    return found


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker):
    """The data set imported once for the module; every test rolls its own changes back."""
    with django_db_blocker.unblock():
        yield import_everything()
        call_command("flush", interactive=False, verbosity=0)


def test_every_row_is_in(imported):
    assert Department.objects.filter(import_key__startswith="b2b:").count() == 9
    assert User.objects.filter(import_key__startswith="b2b:").count() == 41
    assert Company.objects.filter(import_key__startswith="b2b:").count() == 85
    assert "created 8800," in imported[-1]
    assert "failed 0" in imported[-1]


def test_dirty_rows_are_told(imported):
    assert "warning ×1425 [account] The cell is empty. (rows 11, 44," in imported[-1]
    assert "note ×1480 [product] Corrected: GTXPro → GTX Pro." in imported[-1]
    assert "note ×12 [sector] Corrected: technolgy → technology." in imported[6]


def test_agents_stand_under_their_manager_and_office(imported):
    agent = User.objects.get(import_key="b2b:user:Darcel Schlecht")
    assert agent.department.head.import_key == "b2b:user:Melvin Marxen"
    assert agent.department.parent.name == "Central"
    assert agent.department.path.startswith(agent.department.parent.path)
    assert agent.roles_given.get().role.preset == "manager"
    assert agent.department.head.roles_given.get().role.preset == "head"


def test_won_deals_and_revenue_of_each_agent_equal_the_file(imported):
    expected: dict[str, list] = defaultdict(lambda: [0, Decimal(0)])
    for row in opportunities():
        if row["deal_stage"] == "Won":
            expected[f"b2b:user:{row['sales_agent']}"][0] += 1
            expected[f"b2b:user:{row['sales_agent']}"][1] += Decimal(row["close_value"])
    found = (
        Deal.objects.won()
        .values_list("owner__import_key")
        .annotate(Count("pk"), Sum("amount_base"))
    )
    assert {key: [count, total] for key, count, total in found} == dict(expected)


def test_won_revenue_of_each_month_equals_the_file(imported):
    expected: Counter = Counter()
    for row in opportunities():
        if row["deal_stage"] == "Won":
            expected[row["close_date"][:7]] += Decimal(row["close_value"])
    found = Deal.objects.won().annotate(month=TruncMonth("closed_at")).values_list("month")
    totals = found.annotate(total=Sum("amount_base")).order_by()
    assert {f"{month:%Y-%m}": total for month, total in totals} == dict(expected)


def test_win_rate_equals_the_file(imported):
    stages = Counter(row["deal_stage"] for row in opportunities())
    won, lost = Deal.objects.won().count(), Deal.objects.lost().count()
    assert (won, lost) == (stages["Won"], stages["Lost"])
    assert Deal.objects.open().count() == stages["Engaging"] + stages["Prospecting"]


def test_stage_history_is_dated_as_in_the_file(imported):
    row = next(row for row in opportunities() if row["deal_stage"] == "Won")
    moves = StageMove.objects.filter(deal__import_key=f"b2b:deal:{row['opportunity_id']}")
    told = [(move.kind, move.to_stage.name, f"{move.at:%Y-%m-%d}") for move in moves]
    assert told == [
        ("entered", "Prospecting", row["engage_date"]),
        ("moved", "Engaging", row["engage_date"]),
        ("won", "Engaging", row["close_date"]),
    ]
    kinds = dict(StageMove.objects.values_list("kind").annotate(Count("pk")).order_by())
    assert kinds == {"entered": 8800, "moved": 8300, "won": 4238, "lost": 2473}


def test_history_names_the_import_as_its_cause(imported):
    event = Deal.pgh_event_model.objects.select_related("pgh_context").first()
    assert event.pgh_context.metadata["cause"] == "import"
    assert event.pgh_context.metadata["record"] == "deals"


def test_second_import_changes_nothing(imported):
    before = digests()
    printed = import_everything()
    assert digests() == before
    assert all("created 0, updated 0," in text for text in printed)
    assert "unchanged 8800" in printed[-1]
