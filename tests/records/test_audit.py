"""The audit log on real PostgreSQL: what is written, by whom, and that nothing rewrites it."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records import audit
from records.devices import device_of
from records.models import AuditEntry, Deed
from tests import factories as make
from tests.people import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def entries() -> list[tuple]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.user_id, row.deed, row.record_type, row.record_id) for row in rows]


def old_entry(days: int) -> AuditEntry:
    at = timezone.now() - timedelta(days=days)
    return AuditEntry.objects.create(at=at, deed=Deed.VIEW)


def test_an_opened_card_leaves_one_row_with_place_and_device(people, sign_in):
    deal = make.deal(people.manager)
    client = sign_in(people.manager)
    client.get(f"/deals/{deal.pk}/", headers={"user-agent": FIREFOX}, REMOTE_ADDR="10.1.2.3")
    assert entries() == [(people.manager.pk, Deed.VIEW, "deal", deal.pk)]
    row = AuditEntry.objects.get()
    assert (row.address, row.device, row.door) == ("10.1.2.3", "Firefox 140, Linux", "deals:detail")


def test_a_list_is_told_by_its_rows_and_the_names_of_its_filters(people, sign_in):
    for _number in range(3):
        make.contact(people.manager)
    sign_in(people.manager).get("/contacts/?q=Дорошенко&sort=name")
    row = AuditEntry.objects.get()
    assert (row.deed, row.record_type, row.count) == (Deed.LIST, "contact", 3)
    assert row.details == {"filters": ["q"]}
    assert "Дорошенко" not in str(row.details)


@pytest.mark.parametrize(("who", "status"), [("colleague", 404), ("analyst", 403)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_leaves_exactly_its_row(people, sign_in, who, status, method):
    deal = make.deal(people.manager)
    person = getattr(people, who)
    answer = getattr(sign_in(person), method)(f"/deals/{deal.pk}/edit/")
    assert answer.status_code == status
    assert entries() == [(person.pk, Deed.REFUSED, "deal", deal.pk)]
    assert AuditEntry.objects.get().details == {"status": status, "method": method.upper()}


def test_an_unknown_address_and_a_stranger_leave_nothing(people, sign_in):
    sign_in(people.manager).get("/no/such/page/")
    Client().get("/deals/")
    assert entries() == []


def test_changed_rights_name_the_person_they_were_changed_of(people, sign_in):
    url = reverse("accounts:person_deactivate", args=[people.colleague.pk])
    assert sign_in(people.admin).post(url).status_code == 302
    assert entries() == [(people.admin.pk, Deed.RIGHTS, "user", people.colleague.pk)]


def test_a_new_record_is_named_by_its_key(people, sign_in):
    client = sign_in(people.manager)
    page = client.get("/companies/new/")
    key = page.context["form"]["form_key"].value()
    body = {"name": "Новая", "kind": "client", "form_key": key}
    for _click in range(2):
        answer = client.post("/companies/new/", body)
        assert answer.status_code == 302
    made = [row for row in entries() if row[1] == Deed.CREATE]
    assert [row[2] for row in made] == ["company"]
    assert answer.headers["Location"] == f"/companies/{made[0][3]}/"


def test_search_keeps_the_number_found_not_the_words(people, sign_in):
    make.contact(people.manager, last_name="Тайная")
    sign_in(people.manager).get("/search/?q=тайная")
    row = AuditEntry.objects.get()
    assert (row.deed, row.count) == (Deed.SEARCH, 1)
    assert "тайн" not in str(row.details).lower()


def test_signing_in_failing_and_out_are_written(people):
    people.manager.set_password(PASSWORD)
    people.manager.save(update_fields=["password"])
    client = Client()
    email = people.manager.email
    client.post("/accounts/login/", {"login": email, "password": "wrong"})
    client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    client.post("/accounts/logout/")
    me = people.manager.pk
    assert [row[:2] for row in entries() if row[1] != Deed.LIST] == [
        (me, Deed.SIGN_IN_FAILED),
        (None, Deed.SIGN_IN_FAILED),
        (me, Deed.SIGN_IN),
        (me, Deed.SIGN_OUT),
    ]


def test_entries_may_go_to_the_log_as_well(people, sign_in, settings, caplog):
    settings.AUDIT_TO_LOG = True
    caplog.set_level("INFO", "crm.audit")
    sign_in(people.manager).get("/companies/?q=тайна")
    told = json.loads(caplog.records[-1].message)
    assert (told["deed"], told["user_id"]) == (Deed.LIST, people.manager.pk)
    assert told["details"] == {"filters": ["q"]}
    assert told["at"].endswith("+00:00")


def test_what_cannot_be_recorded_is_not_shown(people, sign_in, monkeypatch):
    make.contact(people.manager, last_name="Тайная")
    client = sign_in(people.manager)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_auditentry ADD CONSTRAINT full_disk CHECK (id < 0)")
    with transaction.atomic():
        answer = client.get("/contacts/")
        transaction.set_rollback(True)
    assert answer.status_code == 500
    assert "Тайная" not in answer.content.decode()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_auditentry SET deed = 'list'",
        "DELETE FROM records_auditentry",
        "TRUNCATE records_auditentry",
    ],
)
def test_the_log_is_append_only(db, statement):
    old_entry(days=2000)
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().deed == Deed.VIEW


def test_retention_removes_the_old_only(db, settings):
    settings.AUDIT_DAYS = 1095
    old = [old_entry(days=1096 + day) for day in range(7)]
    kept = old_entry(days=1094)
    assert audit.purge_old(timezone.now(), batch=3) == len(old)
    assert AuditEntry.objects.get() == kept


def test_not_even_the_retention_routine_touches_the_last_90_days(db):
    entry = old_entry(days=89)
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_purge_audit(now(), 100)")
        assert cursor.fetchone() == (0,)
        cursor.execute("SET LOCAL crm.audit_retention = 'on'")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("DELETE FROM records_auditentry")
    assert AuditEntry.objects.get() == entry


@pytest.mark.parametrize(
    ("setting", "address", "kept"),
    [
        ("full", "203.0.113.77", "203.0.113.77"),
        ("network", "203.0.113.77", "203.0.113.0"),
        ("network", "2001:db8:1:2::5", "2001:db8:1::"),
        ("none", "203.0.113.77", None),
    ],
)
def test_addresses_are_kept_as_the_settings_allow(
    people, sign_in, settings, setting, address, kept
):
    settings.AUDIT_ADDRESSES = setting
    sign_in(people.manager).get("/contacts/", REMOTE_ADDR=address)
    assert AuditEntry.objects.get().address == kept


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36",
            "Chrome 141, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari 18, iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_device_is_told_in_two_words(agent, device):
    assert device_of(agent) == device
