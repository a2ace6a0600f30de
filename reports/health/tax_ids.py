"""The check digits of tax numbers in SQL, by the rules of contacts.tax_ids (stdnum).

INN of 10 and 12 digits, EDRPOU of 8, RNTRC of 10.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Case, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Substr
from django.db.models.lookups import Exact, GreaterThan

COLUMN = "tax_id"
INN10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
INN11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
INN12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
RNTRC = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
EDRPOU, EDRPOU_OF_345 = (1, 2, 3, 4, 5, 6, 7), (7, 1, 2, 3, 4, 5, 6)


def tax_id_holds() -> Case:
    """Whether the check digit of the company's tax number is right; a text of letters is not."""
    return Case(
        When(**_digits(10), then=_ends(INN10) | _ends(RNTRC)),
        When(**_digits(12), then=_ends(INN11) & _ends(INN12)),
        When(tax_id__regex=r"^[345][0-9]{7}$", then=_edrpou(EDRPOU_OF_345)),
        When(**_digits(8), then=_edrpou(EDRPOU)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _digits(count: int) -> dict[str, Any]:
    return {f"{COLUMN}__regex": f"^[0-9]{{{count}}}$"}


def _digit(place: int) -> Any:
    return Cast(Substr(COLUMN, place, 1), IntegerField())


def _sum(weights: Sequence[int]) -> Any:
    """The weighted sum of the first digits, modulo 11, never negative."""
    parts = [_digit(place) * weight for place, weight in enumerate(weights, 1)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return (total % 11 + 11) % 11


def _ends(weights: Sequence[int]) -> Q:
    """The digit behind the weighted ones is their sum modulo 11, modulo 10."""
    return Q(Exact(_sum(weights) % 10, _digit(len(weights) + 1)))


def _edrpou(weights: Sequence[int]) -> Q:
    """A remainder of 10 is counted again with weights greater by two."""
    first, second = _sum(weights), _sum([weight + 2 for weight in weights])
    is_ten = Q(GreaterThan(first, Value(9)))
    return (~is_ten & Q(Exact(first, _digit(8)))) | (is_ten & Q(Exact(second % 10, _digit(8))))
