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


@pytest.mark.parametrize("text", [*SPELLINGS, "Лисенко", "Лысэнко", "ничего такого", "12345"])
def test_six_queries_at_most(people, held, text, django_assert_max_num_queries):
    make.deal(people.manager, title="Лисенко")
    people.manager.holders()
    with django_assert_max_num_queries(6):
        search(people.manager, text)


def test_unseen_rows_neither_fill_the_ten_nor_show(people):
    mine = make.contact(people.manager, last_name="Иванов")
    for _ in range(12):
        make.contact(people.outsider, last_name="Иванов")
    assert [g.rows for g in search(people.manager, "иванов")] == [[mine]]


def test_deal_with_the_number_comes_before_deals_with_it_in_the_title(people):
    deal = make.deal(people.manager)
    make.deal(people.manager, title=f"Заказ № {deal.pk:04d}")
    group = search(people.manager, f"{deal.pk:04d}")[0]
    assert group.rows[0] == deal
    assert len(group.rows) == 2


def test_company_is_found_by_its_tax_number(people):
    company = make.company(people.manager, tax_id="7707083893")
    assert found(people.manager, "7707083893")["Company"] == company


def test_list_is_filtered_by_a_number_in_any_spelling(people, sign_in, held):
    page = sign_in(people.manager).get("/leads/", {"q": "8 912 345 67 89"})
    assert len(page.context["rows"]) == 2


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


@pytest.mark.parametrize("text", ["шевченок", "Шевчено", "Шевченкоу"])
def test_misspelt_cyrillic_name_is_found_by_its_trigrams(people, text):
    make.contact(people.manager, last_name="Шевченко", first_name="Тарас")
    assert "Contact" in found(people.manager, text)


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
