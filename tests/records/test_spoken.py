"""Days, times and sums as people type them, in three languages."""

import contextlib
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.money import parse_amount
from records.spoken import read_day, read_moment

NOW = datetime(2026, 11, 24, 12, 20, 31)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("завтра 15", "2026-11-25 15:00"),
        ("Завтра в 15:30", "2026-11-25 15:30"),
        ("завтра о 9", "2026-11-25 09:00"),
        ("tomorrow 3pm", "2026-11-25 15:00"),
        ("tomorrow at 12 am", "2026-11-25 00:00"),
        ("сьогодні 18:00", "2026-11-24 18:00"),
        ("післязавтра", "2026-11-26 10:00"),
        ("+3д", "2026-11-27 10:00"),
        ("+3д 9:30", "2026-11-27 09:30"),
        ("+2ч", "2026-11-24 14:20"),
        ("+45м", "2026-11-24 13:05"),
        ("in 2 hours", "2026-11-24 14:20"),
        ("через 2 часа", "2026-11-24 14:20"),
        ("за годину", "2026-11-24 13:20"),
        ("через неделю", "2026-12-01 10:00"),
        ("за тиждень", "2026-12-01 10:00"),
        ("in a week 16:00", "2026-12-01 16:00"),
        ("пн 10:00", "2026-11-30 10:00"),
        ("в пятницу 17", "2026-11-27 17:00"),
        ("у п’ятницю о 17", "2026-11-27 17:00"),
        ("вт 18", "2026-11-24 18:00"),
        ("вт 9", "2026-12-01 09:00"),
        ("15.05 9:30", "2027-05-15 09:30"),
        ("15.12 9.30", "2026-12-15 09:30"),
        ("15.05.2026 9:30", "2026-05-15 09:30"),
        ("15 мая", "2027-05-15 10:00"),
        ("15 травня 14:00", "2027-05-15 14:00"),
        ("Dec 5, 3pm", "2026-12-05 15:00"),
        ("2030-05-06T10:00", "2030-05-06 10:00"),
        ("2030-05-06 10:00:00", "2030-05-06 10:00"),
        ("24.11.2026 15:30", "2026-11-24 15:30"),
        ("15:30", "2026-11-24 15:30"),
        ("11", "2026-11-25 11:00"),
    ],
)
def test_moment_is_read_as_it_is_said(text, meant):
    assert read_moment(text, NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "когда-нибудь",
        "31.02.2026",
        "25:00",
        "завтра 24",
        "13pm",
        "+99999н",
        "+3x",
        "0.00",
        "15.05 9:30 и потом",
        "завтра завтра",
        "x" * 99,
        "15.13",
        "2030-02-31T10:00",
    ],
)
def test_what_is_not_understood_is_refused(text):
    with pytest.raises((ValueError, OverflowError)):
        read_moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("завтра", date(2026, 11, 25)),
        ("пт", date(2026, 11, 27)),
        ("Fri", date(2026, 11, 27)),
        ("+2н", date(2026, 12, 8)),
        ("1.12", date(2026, 12, 1)),
        ("2026-12-01", date(2026, 12, 1)),
        ("01.12.26", date(2026, 12, 1)),
    ],
)
def test_day_is_read_as_it_is_said(text, meant):
    assert read_day(text, NOW.date()) == meant


@pytest.mark.parametrize("text", ["завтра 15", "+2ч", "15:30", "лето"])
def test_day_with_a_time_is_refused(text):
    with pytest.raises((ValueError, OverflowError)):
        read_day(text, NOW.date())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1,5 млн", "1500000"),
        ("250к", "250000"),
        ("250 k", "250000"),
        ("1.5m", "1500000"),
        ("2 мільйони", "2000000"),
        ("3 тыс.", "3000"),
        ("40 тисяч грн", "40000"),
        ("1 234,50 ₽", "1234.50"),
    ],
)
def test_sum_is_read_as_it_is_said(text, meant):
    assert parse_amount(text) == Decimal(meant)


@given(st.text(max_size=70))
def test_any_text_is_either_read_or_refused(text):
    for read in (lambda: read_moment(text, NOW), lambda: read_day(text, NOW.date())):
        with contextlib.suppress(ValueError, OverflowError):
            assert read()


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_what_a_form_writes_is_read_back(moment):
    wall = moment.replace(second=0, microsecond=0)
    assert read_moment(f"{wall:%d.%m.%Y %H:%M}", NOW) == wall
    assert read_moment(f"{wall:%Y-%m-%dT%H:%M}", NOW) == wall
    assert read_day(f"{wall:%d.%m.%Y}", NOW.date()) == wall.date()
