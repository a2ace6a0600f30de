"""Small line pictures in a grid of three: whole coordinates for SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ACROSS, WIDE, TALL, GAP_X, GAP_Y, HEAD, EDGE = 3, 264, 84, 30, 66, 46, 5


@dataclass(frozen=True, slots=True)
class Dot:
    """A value of a month; `words` is what a pointer on it says."""

    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture at (x, y); `own` and `middle` are points of lines, months without a value out."""

    title: str
    x: int
    y: int
    own: str
    middle: str
    dots: list[Dot]
    now: str
    floor: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + WIDE

    @property
    def under(self) -> int:
        """Baseline of the words below."""
        return self.floor + 16


def lines(
    place: int,
    title: str,
    labels: Sequence[str],
    own: Sequence[Any],
    middle: Sequence[Any],
    shown: Callable[[Any], str],
) -> Chart:
    """Both rows of values on one scale from zero, in the square number `place`."""
    x = (place % ACROSS) * (WIDE + GAP_X)
    y = HEAD + (place // ACROSS) * (TALL + GAP_Y)
    greatest = max((float(value) for value in (*own, *middle) if value is not None), default=0.0)
    step = (WIDE - 2 * EDGE) / max(1, len(own) - 1)

    def point(at: int, value: Any) -> tuple[int, int]:
        share = float(value) / greatest if greatest > 0 else 0.0
        return x + EDGE + round(step * at), y + TALL - round(TALL * max(share, 0.0))

    told = [(at, value) for at, value in enumerate(own) if value is not None]
    beside = [(at, value) for at, value in enumerate(middle) if value is not None]
    return Chart(
        title,
        x,
        y,
        _line(point(at, value) for at, value in told),
        _line(point(at, value) for at, value in beside),
        [Dot(*point(at, value), f"{labels[at]}: {shown(value)}") for at, value in told],
        shown(own[-1]) if own and own[-1] is not None else "—",
        y + TALL,
    )


def _line(points: Any) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
