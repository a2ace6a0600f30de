"""Text typed in the wrong keyboard layout, and Latin spellings of Cyrillic names."""

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю"
UKRAINIAN = "йцукенгшщзхїфівапролджєячсмитьбю"
PAIRS = (
    ("shch", "щ"),
    ("sch", "щ"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ya", "я"),
    ("ye", "е"),
    ("yo", "е"),
    ("iu", "ю"),
    ("ia", "я"),
    ("ie", "е"),
    ("yi", "и"),
    ("iy", "ий"),
)
SINGLE = dict(zip("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстуввксиз", strict=False))
SINGLE |= {"j": "й", "y": "и", "h": "г", "x": "кс", "w": "в", "c": "к", "q": "к", "z": "з"}


def _swap(text: str, letters: str) -> str:
    return text.lower().translate(str.maketrans(LATIN, letters))


def to_cyrillic(text: str) -> str:
    """A Latin spelling of a Cyrillic name, letter by letter."""
    lowered = text.lower()
    for latin, cyrillic in PAIRS:
        lowered = lowered.replace(latin, cyrillic)
    return "".join(SINGLE.get(sign, sign) for sign in lowered)


def readings(text: str) -> list[str]:
    """The text as typed, then what it may have been meant to be; no repeats."""
    found = [text]
    if text.isascii():
        found += [_swap(text, RUSSIAN), _swap(text, UKRAINIAN), to_cyrillic(text)]
    else:
        back = str.maketrans(RUSSIAN + UKRAINIAN, LATIN + LATIN)
        found.append(text.lower().translate(back))
    return list(dict.fromkeys(found))
