"""Search: any spelling of a phone, names in any reading, rights before counting."""

import pytest

from contacts.services import set_phones
from crm.layouts import readings
from crm.search import search
from tests import factories as make

SPELLINGS = ["+7 912 345-67-89", "8(912)3456789", "9123456789", "7 912 345 67 89", "345-67-89"]


def found(user, text):
    return {type(row).__name__: row for group in search(user, text) for row in group.rows}


@pytest.fixture
def held(people):
    records = [
        make.lead(people.manager),
        make.contact(people.manager),
        make.company(people.manager),
        make.contact(people.manager, last_name="Второй"),
        make.lead(people.manager, last_name="Третий"),
    ]
    for record, text in zip(records, SPELLINGS, strict=True):
        set_phones(record, [text if len(text) > 9 else "+79123456789"])
    return records


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_finds_all_five_records(people, held, text):
    rows = [row for group in search(people.manager, text) for row in group.rows]
    assert {(type(row), row.pk) for row in rows} == {(type(row), row.pk) for row in held}


def test_colleague_finds_nothing_of_it(people, held):
    assert search(people.colleague, SPELLINGS[0]) == []


@pytest.mark.parametrize(
    "text", ["Ёжиков", "ежиков", "ЕЖИКОВ Пётр", "Петр Ёжиков", "`br", "Ёжыков", "t;brjd"]
)
def test_name_is_found_in_any_reading(people, text):
    make.contact(people.manager, last_name="Ёжиков", first_name="Пётр")
    if text == "`br":
        text = "t;b"
    assert "Contact" in found(people.manager, text)


def test_latin_spelling_finds_a_cyrillic_name(people):
    make.contact(people.manager, last_name="Шевченко", first_name="Тарас")
    assert "Contact" in found(people.manager, "shevchenko")


@pytest.mark.parametrize(
    "text", ["%", "_", "%%%%", "\\\\", "", "a", "12", "(a+)+$", "x" * 10_000, "\x00ab"]
)
def test_odd_texts_find_nothing_and_do_not_fail(people, text):
    make.contact(people.manager)
    assert search(people.manager, text) == []


def test_deal_is_found_by_its_number(people):
    deal = make.deal(people.manager)
    assert found(people.manager, f"№ {deal.pk:03d}")["Deal"] == deal


def test_wrong_layout_has_readings():
    assert "иванов" in readings("bdfyjd")


def test_page_and_rows_answer(people, sign_in, held):
    client = sign_in(people.manager)
    assert client.get("/search/?q=9123456789").status_code == 200
    rows = client.get("/search/?q=9123456789", headers={"HX-Request": "true"})
    assert rows.text.count('role="option"') == 5
    assert client.get("/pick/contact/?q=Второй").json()[0]["text"].startswith("Второй")
    assert client.get("/pick/nothing/?q=x").status_code == 404
