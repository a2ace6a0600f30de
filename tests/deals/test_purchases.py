"""The purchase ledger says at every moment what the won deals are."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from deals.models import Deal, Purchase
from deals.services import delete_deal, edit_deal, keep_purchases, win_deal
from deals.services.rows import write
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def ledger() -> list[tuple]:
    return list(
        Purchase.objects.order_by("pk").values_list("company", "contact", "day", "amount", "deal")
    )


@pytest.fixture
def deal(people):
    return factories.deal(people.manager, amount=100, company=factories.company(people.manager))


def test_winning_writes_the_purchase_on_the_local_day(people, deal):
    assert ledger() == []
    win_deal(deal_id=deal.pk, by=people.manager, now=datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
    assert ledger() == [(deal.company_id, None, date(2026, 11, 21), 10000, deal.pk)]


def test_editing_a_won_deal_corrects_its_purchase(people, deal):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    contact = factories.contact(people.manager)
    edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, amount=Decimal(250), company=None)
    assert ledger() == []
    edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, contact=contact)
    assert ledger() == [(None, contact.pk, date(2026, 11, 20), 25000, deal.pk)]
    edit_deal(deal_id=deal.pk, by=people.manager, now=NOW, amount=Decimal(0))
    assert ledger() == []


def test_trash_takes_the_purchase_and_brings_it_back(people, deal):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    before = ledger()
    delete_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    assert ledger() == []
    write(Deal.objects.get(pk=deal.pk), NOW, deleted_at=None)
    assert ledger() == before


def test_a_deal_that_is_no_longer_won_is_no_purchase(people, deal):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    write(Deal.objects.get(pk=deal.pk), NOW, status="open", closed_at=None)
    assert ledger() == []


def test_keeping_twice_changes_nothing(people, deal, django_assert_num_queries):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    before = ledger()
    with django_assert_num_queries(3):  # one statement in its savepoint
        keep_purchases([deal.pk])
    assert ledger() == before


def test_history_is_seen_with_the_card_and_a_deal_with_the_deal(people, deal):
    win_deal(deal_id=deal.pk, by=people.manager, now=NOW)
    strange = factories.company(people.outsider)
    factories.purchase(strange, date(2025, 1, 1), 500)
    factories.deal(people.manager, amount=7, status="won", closed_at=NOW, company=strange)
    for person, deals, cards in (
        (people.manager, 2, 0),
        (people.outsider, 0, 1),
        (people.admin, 2, 1),
        (people.colleague, 0, 0),
    ):
        assert Purchase.objects.all().of_deals_seen(person).count() == deals
        assert Purchase.objects.all().of_cards_seen(person).count() == cards


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "customer;date;amount\nshop:1;01.02.2025;1 000,50\nshop:1;01.02.2025;1 000,50\n"
        "shop:2;2025-03-04;-7\nshop:9;2025-03-04;7\nshop:1;2025-02-30;7\nshop:1;20250203;ten\n"
        ";20250203;1\nshop:2;20250203;0.001\nshop:2;0001-01-01;1\n"
    )
    return path


def test_history_is_imported_once_and_bad_rows_are_told(people, table, capsys):
    company = factories.company(people.manager, import_key="shop:1")
    contact = factories.contact(people.manager, import_key="shop:2")
    call_command("import", "purchases", str(table), "--dry-run")
    assert ledger() == []
    for counts in ("created 3, updated 0, unchanged 0", "created 0, updated 0, unchanged 3"):
        call_command("import", "purchases", str(table), "--as", people.manager.email)
        told = capsys.readouterr().out
        assert counts in told
        assert "failed 6" in told
    assert ledger() == [
        (company.pk, None, date(2025, 2, 1), 100050, None),
        (company.pk, None, date(2025, 2, 1), 100050, None),
        (None, contact.pk, date(2025, 3, 4), -700, None),
    ]


def test_import_follows_the_rights_of_the_person(people, table, capsys):
    factories.company(people.manager, import_key="shop:1")
    call_command("import", "purchases", str(table), "--as", people.outsider.email)
    assert ledger() == []
    with pytest.raises(CommandError):
        call_command("import", "purchases", str(table), "--as", people.analyst.email)


def test_import_of_a_table_without_the_columns_is_refused(people, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("who,when\n1,2\n")
    with pytest.raises(CommandError, match="amount, customer, date"):
        call_command("import", "purchases", str(path))
    with pytest.raises(CommandError, match="--mapping"):
        call_command("import", "deals", str(path))
