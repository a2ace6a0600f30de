"""Sums, moments and spans in three languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from records import formatting

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kyiv():
    with timezone.override("Europe/Kyiv"), translation.override("ru"):
        yield


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("ru", Decimal("1240000.00"), "RUB", "1 240 000 ₽"),
        ("ru", Decimal("1234567.89"), "RUB", "1 234 567,89 ₽"),
        ("uk", Decimal("5000"), "UAH", "5 000 ₴"),
        ("en", Decimal("1240000"), "USD", "$1,240,000"),
        ("en", Decimal("-12.5"), "EUR", "−€12.50"),
        ("ru", Decimal("-12.5"), "RUB", "−12,50 ₽"),
        ("ru", 0, "XYZ", "0 XYZ"),
        ("ru", Decimal("0.005"), "RUB", "0,01 ₽"),
        ("ru", None, "RUB", ""),
        ("ru", "NaN", "RUB", ""),
    ],
)
def test_money_is_written_by_the_language(language, amount, currency, text):
    with translation.override(language):
        written = formatting.money(amount, currency)
    assert written.replace("\u00a0", " ").replace("\u202f", " ") == text
    assert " " not in written


def test_percent_keeps_its_sign_close():
    assert formatting.percent(Decimal("58.94"), 1) == "58,9\u00a0%"
    with translation.override("en"):
        assert formatting.percent(10) == "10%"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 24, 13, 30, tzinfo=UTC), "15:30"),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), "tomorrow"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "yesterday"),
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "20\u00a0Nov"),
        (datetime(2025, 11, 25, 9, 0, tzinfo=UTC), "25.11.2025"),
        (date(2026, 11, 26), "26\u00a0Nov"),
        (None, ""),
    ],
)
def test_short_when_follows_the_zone_of_the_person(moment, text):
    with translation.override("en"):
        assert formatting.short_when(moment, NOW) == text


def test_short_when_names_the_month_in_the_language():
    assert formatting.short_when(date(2026, 11, 20), NOW) == "20\u00a0ноя"
    assert formatting.short_when(date(2026, 5, 15), NOW) == "15\u00a0мая"


def test_ago_days_counts_calendar_days():
    with translation.override("en"):
        assert formatting.ago_days(date(2026, 11, 21), date(2026, 11, 24)) == "3 days ago"
        assert formatting.ago_days(date(2026, 11, 24), date(2026, 11, 24)) == "today"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (45, "45 s"),
        (timedelta(minutes=6, seconds=14), "6 min"),
        (7500, "2 h 05 min"),
        (timedelta(days=3), "3 d"),
        ("PT10M", "10 min"),
        ("", ""),
        (None, ""),
    ],
)
def test_duration_is_told_by_its_largest_units(span, text):
    with translation.override("en"):
        assert formatting.duration(span).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("due", "state", "words"),
    [
        (None, "none", "No task"),
        (datetime(2026, 11, 24, 13, 30, tzinfo=UTC), "today", "Call · 15:30"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "overdue", "Call · 11:00"),
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "overdue", "overdue 2 d"),
        (datetime(2026, 11, 26, 9, 0, tzinfo=UTC), "planned", "Call · 26 Nov"),
        (date(2026, 11, 24), "today", "Call · today"),
    ],
)
def test_step_sign_has_four_states_with_words(due, state, words):
    with translation.override("en"):
        told = formatting.step_sign(due, "Call", NOW)
    assert told[0] == state
    assert told[2].replace("\u00a0", " ") == words
