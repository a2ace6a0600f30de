"""Coordinates of standing columns by month or hour: whole numbers the templates put into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, MARGIN, TALL, LEGEND, NUMBERS, LABELS = 852, 16, 150, 22, 18, 22
WIDEST_BAR, LABEL_ROOM, NUMBER_ROOM, LETTER, LONGEST = 56, 54, 30, 8, 26


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a column; `tone` is the number of its colour."""

    y: int
    height: int
    tone: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Post:
    """A column: its words, number, address and parts; `middle` is where words are centred."""

    label: str
    count: int
    url: str
    x: int
    width: int
    top: int
    pieces: list[Piece]
    has_label: bool
    has_number: bool

    @property
    def middle(self) -> int:
        """Where its label and number stand."""
        return self.x + self.width // 2

    @property
    def number(self) -> int:
        """Baseline of the number above it."""
        return self.top - 5


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of the legend; `text` is the baseline of its words."""

    x: int
    y: int
    tone: str
    label: str

    @property
    def text(self) -> int:
        """Baseline of the words."""
        return self.y + 10


@dataclass(frozen=True, slots=True)
class Posts:
    """Columns on one scale; `floor` is their foot, `words` the baseline of their labels."""

    posts: list[Post]
    marks: list[Mark]
    floor: int

    @property
    def words(self) -> int:
        """Baseline of the labels."""
        return self.floor + 16

    @property
    def height(self) -> int:
        """Height of the picture."""
        return self.floor + LABELS


def posts(
    rows: Sequence[tuple[str, Sequence[int], str]], tones: Sequence[str], legend: Sequence[str]
) -> Posts:
    """Columns of (label, parts from the foot up, address); a part above zero is at least 1 high."""
    marks, top = _marks(tones, legend)
    floor = top + NUMBERS + TALL
    step = (WIDTH - 2 * MARGIN) / max(1, len(rows))
    width = max(1, min(WIDEST_BAR, int(step * 0.7)))
    whole = max((sum(counts) for _label, counts, _url in rows), default=0)
    every = max(1, -int(-LABEL_ROOM // step))
    found = []
    for place, (label, counts, url) in enumerate(rows):
        y, pieces = floor, []
        for at, count in enumerate(counts):
            tall = max(1, round(TALL * count / whole)) if count and whole else 0
            y -= tall
            if tall:
                pieces.append(
                    Piece(y, tall, tones[at], count, legend[at] if legend else str(label))
                )
        x = MARGIN + round(step * place + (step - width) / 2)
        is_named = (len(rows) - 1 - place) % every == 0
        has_number = step >= NUMBER_ROOM and bool(pieces)
        found.append(Post(label, sum(counts), url, x, width, y, pieces, is_named, has_number))
    return Posts(found, marks, floor)


def _marks(tones: Sequence[str], legend: Sequence[str]) -> tuple[list[Mark], int]:
    """Entries of the legend in as many lines as they need, and the height of these."""
    marks: list[Mark] = []
    x, y = 0, 4
    for tone, label in zip(tones, legend, strict=False):
        words = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
        room = 30 + LETTER * len(words)
        if x and x + room > WIDTH:
            x, y = 0, y + LEGEND
        marks.append(Mark(x, y, tone, words))
        x += room
    return marks, y + LEGEND - 4 if marks else 0


WING, INNER, ROW, HEAD = 150, 26, 34, 40
MIDDLE = WIDTH // 2


@dataclass(frozen=True, slots=True)
class Feather:
    """A bar of one side: it grows outward from the middle; `edge` is where its number begins."""

    label: str
    count: int
    share: Any
    url: str
    x: int
    width: int
    y: int
    edge: int

    @property
    def text(self) -> int:
        """Baseline of the words."""
        return self.y + 15


@dataclass(frozen=True, slots=True)
class Wings:
    """Two rows of bars back to back, each as shares of its own first bar."""

    left: list[Feather]
    right: list[Feather]
    height: int


def wings(
    left: Sequence[tuple[str, int, Any, str]], right: Sequence[tuple[str, int, Any, str]]
) -> Wings:
    """Bars of (label, count, share in per cent, address); above zero at least 2 units wide."""
    sides: list[list[Feather]] = []
    for sign, rows in ((-1, left), (1, right)):
        found = []
        for place, (label, count, share, url) in enumerate(rows):
            width = max(2, round(WING * float(share or 0) / 100)) if count else 0
            inner = MIDDLE + sign * INNER
            x = inner - width if sign < 0 else inner
            edge = inner + sign * (width + 8)
            found.append(Feather(label, count, share, url, x, width, HEAD + ROW * place, edge))
        sides.append(found)
    return Wings(sides[0], sides[1], HEAD + ROW * max(len(left), len(right)) + 4)
