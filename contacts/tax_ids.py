"""Check sums of tax numbers: a failed check warns and never blocks."""

from stdnum.ru import inn
from stdnum.ua import edrpou, rntrc

CHECKS = {"INN": inn.is_valid, "EDRPOU": edrpou.is_valid, "RNTRC": rntrc.is_valid}


def kind_of(number: str) -> str:
    """Which number it is by its check sum: INN, EDRPOU, RNTRC; empty when none fits."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return next((kind for kind, is_valid in CHECKS.items() if is_valid(digits)), "")
