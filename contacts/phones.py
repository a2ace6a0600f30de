"""One key for a phone in any spelling."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import phonenumbers
from django.conf import settings
from django.db.models import Q

EXTENSION = re.compile(
    r"(?:доб(?:авочный)?|дод(?:атковий)?|вн(?:утр)?|ext|x|#)\.?\s*(\d{1,7})\s*$", re.I
)
SHORTEST_SUFFIX = 5
LONGEST_SUFFIX = 10


@dataclass(frozen=True, slots=True)
class ParsedPhone:
    """`e164` is the key; for a number nobody can parse it is the bare digits."""

    e164: str
    extension: str
    is_valid: bool

    @property
    def reversed_digits(self) -> str:
        """For a search by the last digits through an ordinary index."""
        return digits_of(self.e164)[::-1]


def digits_of(text: str) -> str:
    """ASCII digits only; digits of other scripts become ASCII."""
    return "".join(str(unicodedata.digit(sign)) for sign in text if sign.isdigit())


def _candidates(text: str) -> list[tuple[str, str | None]]:
    """What the typed text may mean, best first: (number, default region)."""
    digits = digits_of(text)
    regions = list(settings.PHONE_REGIONS)
    if "+" in text or "＋" in text:
        return [("+" + digits, None)]
    found: list[tuple[str, str | None]] = []
    if len(digits) == 11 and digits[0] == "8":
        found.append(("+7" + digits[1:], None))
    if len(digits) == 11 and digits.startswith("80"):
        found.append(("+3" + digits, None))
    if digits.startswith("00"):
        found.append(("+" + digits[2:], None))
    if len(digits) >= 11:
        found.append(("+" + digits, None))
    return found + [(digits, region) for region in regions]


def normalise(text: str) -> ParsedPhone:
    """The key of a number as typed; the extension apart. Never raises."""
    match = EXTENSION.search(text)
    extension = match.group(1) if match else ""
    number = text[: match.start()] if match else text
    for candidate, region in _candidates(number):
        try:
            parsed = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            key = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            return ParsedPhone(key, extension, True)
    return ParsedPhone(digits_of(number)[:15], extension, False)


def holders_of(phones: Any, kind: str, text: str) -> Any:
    """Subquery of the keys of records of a type that hold the number, whole or by its end.

    `phones` is the model of phones; a number with country or trunk code is compared by its last
    ten digits.
    """
    same = Q(e164=normalise(text).e164)
    digits = digits_of(EXTENSION.sub("", text))
    if len(digits) >= SHORTEST_SUFFIX:
        same |= Q(reversed_digits__startswith=digits[-LONGEST_SUFFIX:][::-1])
    return phones.objects.filter(same, **{f"{kind}__isnull": False}).values(f"{kind}_id")


@lru_cache(maxsize=4096)
def pretty(e164: str) -> str:
    """`+7 912 345-67-89`, `+380 67 123 4567`; no-break spaces."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style).replace(" ", "\u00a0")


def looks_like_phone(text: str) -> bool:
    """Enough digits and nothing but what people put into numbers."""
    cleaned = EXTENSION.sub("", text)
    enough = len(digits_of(cleaned)) >= SHORTEST_SUFFIX
    return enough and not re.search(r"[^\d\s()+＋.\-–—/\u00a0]", cleaned)
