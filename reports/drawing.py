"""Coordinates of pictures: whole numbers the templates put into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

CENTRE, WIDEST, TOP, HEIGHT, STEP = 340, 360, 34, 30, 50
WIDTH = 852


@dataclass(frozen=True, slots=True)
class Band:
    """One bar of the funnel and the slope below it.

    `x`, `y`, `width` of the bar; `left`, `right` are the marks of the previous period (None
    without one); `slope` is the polygon down to the next bar; `text` and `mid` are baselines.
    """

    x: int
    y: int
    width: int
    left: int | None
    right: int | None
    slope: str

    @property
    def text(self) -> int:
        """Baseline of the words beside the bar."""
        return self.y + 20

    @property
    def mid(self) -> int:
        """Baseline of the words beside the slope."""
        return self.y + 44

    @property
    def marks(self) -> tuple[int, ...]:
        """Both marks of the previous period."""
        return () if self.left is None or self.right is None else (self.left, self.right)

    @property
    def ends(self) -> tuple[int, int]:
        """Top and bottom of a mark."""
        return self.y - 2, self.y + HEIGHT + 2


def bands(counts: Sequence[int], before: Sequence[int] | None = None) -> list[Band]:
    """Bars centred one under another; both periods are drawn as shares of their first bar.

    A count above zero is at least 2 units wide, zero is not drawn at all.
    """
    now = [_width(count, counts[0]) for count in counts]
    past = [_width(count, before[0]) for count in before] if before and before[0] else None
    found = []
    for place, width in enumerate(now):
        y = TOP + STEP * place
        half = past[place] // 2 if past else None
        below = now[place + 1] if place + 1 < len(now) else None
        found.append(
            Band(
                x=CENTRE - width // 2,
                y=y,
                width=width,
                left=None if half is None else CENTRE - half,
                right=None if half is None else CENTRE + half,
                slope="" if below is None else _slope(y + HEIGHT, width // 2, below // 2),
            )
        )
    return found


def height(count: int) -> int:
    """Height of the picture with so many bars."""
    return TOP + STEP * count - 14


def _width(count: int, whole: int) -> int:
    if not count or not whole:
        return 0
    return max(2, round(WIDEST * count / whole / 2) * 2)


def _slope(y: int, above: int, below: int) -> str:
    bottom = y + STEP - HEIGHT
    corners = [(CENTRE - above, y), (CENTRE + above, y)]
    corners += [(CENTRE + below, bottom), (CENTRE - below, bottom)]
    return " ".join(f"{x},{y}" for x, y in corners)


BAR_LEFT, BAR_WIDTH, LINE, BAR, LEGEND = 210, 540, 34, 20, 26


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar; `tone` is the number of its colour."""

    x: int
    width: int
    tone: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its words; `y` is its top, `text` the baseline of the words beside it."""

    label: str
    count: int
    url: str
    y: int
    parts: list[Part]

    @property
    def text(self) -> int:
        """Baseline of the words."""
        return self.y + 15

    @property
    def end(self) -> int:
        """Where the number is written."""
        return BAR_LEFT + sum(part.width for part in self.parts) + 8


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend."""

    x: int
    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Horizontal bars on one scale, with the legend above them."""

    bars: list[Bar]
    keys: list[Key]
    height: int
    left: int = BAR_LEFT


def stacks(
    rows: Sequence[tuple[str, Sequence[int], str]], tones: Sequence[str], legend: Sequence[str]
) -> Stack:
    """Bars of (label, parts, address); a part above zero is at least 2 units wide."""
    whole = max((sum(counts) for _label, counts, _url in rows), default=0)
    top = LEGEND + 8 if legend else 8
    bars = []
    for place, (label, counts, url) in enumerate(rows):
        x, parts = BAR_LEFT, []
        for at, count in enumerate(counts):
            width = max(2, round(BAR_WIDTH * count / whole)) if count and whole else 0
            if width:
                parts.append(Part(x, width, tones[at], count, legend[at] if legend else label))
            x += width
        bars.append(Bar(label, sum(counts), url, top + LINE * place, parts))
    keys, x = [], BAR_LEFT
    for tone, label in zip(tones, legend, strict=False):
        keys.append(Key(x, tone, label))
        x += 30 + 8 * len(label)
    return Stack(bars, keys, top + LINE * len(rows))
