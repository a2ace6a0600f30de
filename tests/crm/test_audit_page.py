"""The page of the audit log and its export, as the holders of the right see it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import Role, RoleAssignment, RoleGrant
from crm.audit_log.views import guarded
from crm.audit_log.words import VERBS, lines_of, sentence
from records.models import AuditEntry, Deed
from records.names import pronoun
from records.rights import SYSTEM, Scope
from tests import factories as make

PAGE = "/settings/audit/"


def entry(user, deed=Deed.VIEW, **columns) -> AuditEntry:
    columns.setdefault("at", timezone.now())
    return AuditEntry.objects.create(user=user, deed=deed, **columns)


@pytest.fixture
def auditor(people):
    """The manager, who sees own records only, with the right to the log."""
    role = Role.objects.create(name="Auditor")
    RoleGrant.objects.create(role=role, record_type=SYSTEM, action="view_audit", scope=Scope.ALL)
    RoleAssignment.objects.create(role=role, user=people.manager)
    return people.manager


def rows_of(answer) -> list[tuple]:
    return [(line.who, line.verb, line.what) for line in answer.context["lines"]]


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}export/"])
def test_without_the_right_the_log_is_closed(people, sign_in, address):
    assert sign_in(people.head).get(address).status_code == 403


def test_a_record_out_of_sight_is_told_by_its_number(people, sign_in, auditor):
    mine = make.deal(people.manager, title="Моя сделка")
    hidden = make.deal(people.outsider, title="Чужая тайна")
    for deal in (mine, hidden):
        entry(people.head, record_type="deal", record_id=deal.pk)
    answer = sign_in(auditor).get(PAGE)
    text = answer.content.decode()
    assert "Моя сделка" in text
    assert "Чужая тайна" not in text
    assert f"deal № {hidden.pk}" in text
    exported = b"".join(sign_in(auditor).get(f"{PAGE}export/").streaming_content).decode()
    assert "Моя сделка" in exported
    assert "Чужая тайна" not in exported


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("deed=export", {"export"}),
        ("record_type=deal", {"deal"}),
        ("record_type=deal&record_id=7", {"deal"}),
        ("address=10.0.0.1", {"address"}),
        ("address=nonsense", set()),
        ("since=2026-01-10&until=2026-01-10", {"old"}),
        ("user=%s", {"colleague"}),
    ],
)
def test_filters(people, sign_in, query, kept):
    january = timezone.make_aware(timezone.datetime(2026, 1, 10, 23, 30))
    made = {
        "export": entry(people.manager, Deed.EXPORT),
        "deal": entry(people.manager, record_type="deal", record_id=7),
        "address": entry(people.manager, address="10.0.0.1"),
        "old": entry(people.manager, at=january),
        "colleague": entry(people.colleague),
    }
    query = query % people.colleague.pk if "%" in query else query
    answer = sign_in(people.admin).get(f"{PAGE}?{query}")
    found = {line.entry.pk for line in answer.context["lines"]}
    assert found == {made[name].pk for name in kept}


def test_pages_by_key_show_every_entry_once_in_a_constant_number_of_queries(people, sign_in):
    now = timezone.now()
    contact = make.contact(people.manager)
    client, counts = sign_in(people.admin), []
    client.get(PAGE)
    made = [
        entry(
            people.manager,
            at=now - timedelta(days=1, minutes=n),
            record_type="contact",
            record_id=contact.pk,
        ).pk
        for n in range(120)
    ]
    seen, after = [], ""
    while True:
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(f"{PAGE}?record_type=contact&after={after}")
        counts.append(len(caught))
        seen += [line.entry.pk for line in answer.context["lines"]]
        after = answer.context["next_after"]
        if not after:
            break
    assert seen == made
    assert counts[1] == counts[2] <= counts[0] <= 9


@pytest.mark.parametrize(
    ("language", "last", "patronymic", "text"),
    [
        ("ru", "Смирнова", "Игоревна", "Смирнова открыла сделку «Поставка»"),
        ("ru", "Смирнов", "", "Смирнов открыл сделку «Поставка»"),
        ("uk", "Шевченко", "Петрівна", "Шевченко відкрила угоду «Поставка»"),
        ("en", "Smith", "", "Smith opened deal «Поставка»"),
    ],
)
def test_an_entry_is_a_sentence(people, language, last, patronymic, text):
    person = people.manager
    person.last_name, person.first_name, person.patronymic = last, "", patronymic
    person.save()
    deal = make.deal(person, title="Поставка")
    row = entry(person, record_type="deal", record_id=deal.pk)
    with translation.override(language):
        said = sentence(lines_of([row], people.admin)[0])
    assert said.replace(" П.", "").replace("\xa0П.", "").replace("\xa0И.", "") == text


@pytest.mark.parametrize(
    ("last", "patronymic", "word"),
    [("Шевченко", "Олегович", "he"), ("Коваль", "", "they"), ("Кузнецова", "", "she")],
)
def test_pronoun_follows_the_patronymic_then_the_surname(last, patronymic, word):
    assert pronoun(last, patronymic) == word


def test_export_is_guarded_semicolon_csv_with_its_own_entry(people, sign_in):
    entry(people.manager, device="=cmd|' /C calc'!A0", address="10.0.0.1")
    answer = sign_in(people.admin).get(f"{PAGE}export/?address=10.0.0.1")
    log = AuditEntry.objects.filter(deed=Deed.EXPORT, user=people.admin)
    assert log.get().details == {"filters": ["address"]}
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))
    assert [row[-1] for row in rows] == ["Device", "'=cmd|' /C calc'!A0"]


def test_every_deed_has_its_verb():
    assert set(VERBS) == set(Deed)


@pytest.mark.parametrize("cell", ["=1", "+7", "-1", "@x", "\tx", "＝1"])
def test_no_cell_becomes_a_formula(cell):
    assert guarded(cell) == f"'{cell}"
    assert guarded(f"a{cell}") == f"a{cell}"
