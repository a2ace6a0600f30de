"""Personal names: order, short form, initials."""


def full_name(last: str, first: str, patronymic: str = "") -> str:
    """Surname, given name, patronymic with single spaces."""
    return " ".join(part for part in (last, first, patronymic) if part)


def short_name(last: str, first: str, patronymic: str = "") -> str:
    """`Иванов И. И.`; the given name alone when there is no surname."""
    if not last:
        return first
    marks = " ".join(f"{part[0]}." for part in (first, patronymic) if part)
    return f"{last} {marks}".strip().replace(" ", "\u00a0") if marks else last


def initials(last: str, first: str) -> str:
    """Two letters for an avatar."""
    return f"{last[:1]}{first[:1]}".upper()


HERS = ("вна", "чна", "шна", "кизи", "кызы", "ова", "ева", "ёва", "єва", "ина", "іна", "їна", "ая")
HERS += ("ська", "цька", "зька")
HIS = ("вич", "ьич", "оглы", "огли", "ов", "ев", "ёв", "єв", "ин", "ін", "їн", "ын", "ий", "ый")


def pronoun(last: str, patronymic: str = "") -> str:
    """`she`, `he`, or `they` where neither the patronymic nor the surname tells."""
    for name in (patronymic, last):
        ending = name.strip().lower()
        if ending.endswith(HERS):
            return "she"
        if ending.endswith(HIS):
            return "he"
    return "they"
