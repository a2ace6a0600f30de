"""The name of a company without its legal form: «ООО "Ромашка"» and «Ромашка» are one."""

import re

FORMS = (
    "общество с ограниченной ответственностью",
    "товариство з обмеженою відповідальністю",
    "закрытое акционерное общество",
    "публичное акционерное общество",
    "приватне акціонерне товариство",
    "акционерное общество",
    "акціонерне товариство",
    "индивидуальный предприниматель",
    "фізична особа підприємець",
    "приватне підприємство",
    "ооо",
    "оао",
    "зао",
    "пао",
    "нао",
    "ао",
    "ип",
    "тов",
    "прат",
    "пат",
    "ат",
    "пп",
    "фоп",
    "llc",
    "ltd",
    "inc",
    "gmbh",
)
MARKS = "\"'’ʼ`«»„“”()"


def core_name(name: str) -> str:
    """The words that are left; the whole name when nothing else is."""
    plain = " ".join(name.translate(str.maketrans(dict.fromkeys(MARKS, " "))).split())
    plain = plain.strip(" ,.")
    for form in FORMS:
        left = re.sub(rf"^{form}[\s,.]+|[\s,]+{form}\.?$", "", plain, flags=re.I)
        if left and left != plain:
            return left.strip(" ,.")
    return plain
