"""One number, any spelling, one key."""

import pytest

from contacts.phones import normalise, pretty

RUSSIAN = [
    "+7 912 345-67-89",
    "+79123456789",
    "8 (912) 345-67-89",
    "89123456789",
    "8-912-345-67-89",
    "7 912 345 67 89",
    "9123456789",
    "(912) 345 67 89",
    "007 912 3456789",
    "+7(912)3456789 доб. 12",
    "٨٩١٢٣٤٥٦٧٨٩",
    "８９１２３４５６７８９",
]
UKRAINIAN = [
    "+380 67 123 45 67",
    "380671234567",
    "067 123-45-67",
    "(067)1234567",
    "0671234567",
    "80671234567",
    "00380671234567",
    "+38(067)123-45-67",
    "067.123.45.67",
    "380 67 1234567",
]


@pytest.mark.parametrize("text", RUSSIAN)
def test_russian_spellings_have_one_key(text):
    assert normalise(text).e164 == "+79123456789"


@pytest.mark.parametrize("text", UKRAINIAN)
def test_ukrainian_spellings_have_one_key(text):
    assert normalise(text).e164 == "+380671234567"


def test_extension_is_kept_apart():
    assert normalise("+7(912)3456789 доб. 12").extension == "12"


@pytest.mark.parametrize("text", ["", "abc", "12", "1" * 500, "+" * 50, "доб. 5", "\x00"])
def test_anything_else_is_not_a_phone_and_does_not_fail(text):
    assert not normalise(text).is_valid


def test_a_kazakh_number_keeps_its_country():
    assert normalise("+7 701 234 56 78").e164 == "+77012345678"


def test_pretty_uses_no_break_spaces():
    assert pretty("+79123456789") == "+7\u00a0912\u00a0345-67-89"
