"""Reading sums as people type them."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

MULTIPLIERS = (
    (re.compile(r"(млрд|миллиард\w*|мільярд\w*|bn|billion)\.?$"), Decimal(10) ** 9),
    (re.compile(r"(млн|миллион\w*|мільйон\w*|mln|million|m|м)\.?$"), Decimal(10) ** 6),
    (re.compile(r"(тыс|тысяч\w*|тис|тисяч\w*|thousand|k|к)\.?$"), Decimal(10) ** 3),
)
NOISE = re.compile(r"[\s\u00a0\u2009\u202f'’_₽₴$€]|руб\.?|грн\.?", re.IGNORECASE)


def parse_amount(text: str) -> Decimal:
    """`1 234,50`, `1.234,50`, `1,234.50`, `1,5 млн` as a Decimal.

    Raises ValueError for anything else, also for NaN, infinity and more than 15 digits.
    """
    cleaned = NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    factor = Decimal(1)
    for pattern, value in MULTIPLIERS:
        if pattern.search(cleaned):
            cleaned, factor = pattern.sub("", cleaned), value
            break
    if not re.fullmatch(r"[+-]?\d[\d.,]*", cleaned) or len(cleaned) > 24:
        raise ValueError(text)
    try:
        return Decimal(_with_point(cleaned)) * factor
    except InvalidOperation as error:
        raise ValueError(text) from error


def _with_point(text: str) -> str:
    """One decimal point: the last separator decides; a repeated one groups thousands."""
    comma, point = text.rfind(","), text.rfind(".")
    last = max(comma, point)
    if last < 0:
        return text
    mark = text[last]
    if text.count(mark) > 1:
        return re.sub(r"[.,]", "", text)
    whole, fraction = text[:last], text[last + 1 :]
    return re.sub(r"[.,]", "", whole) + "." + fraction
