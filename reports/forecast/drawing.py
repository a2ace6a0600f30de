"""Coordinates of the back-test: what was said, its range and what came, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, MARGIN, TOP, TALL, BAR, CAP = 852, 16, 34, 170, 26, 7
Row = tuple[str, Decimal, Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Range:
    """A month: a column of the fact, a line of the range with caps, a mark of the forecast."""

    label: str
    said: Decimal
    low: Decimal
    high: Decimal
    came: Decimal
    middle: int
    bar_y: int
    bar_height: int
    low_y: int
    high_y: int
    said_y: int

    @property
    def left(self) -> int:
        """Left side of the column."""
        return self.middle - BAR // 2

    @property
    def right(self) -> int:
        """Right side of the column."""
        return self.middle + BAR // 2

    @property
    def cap_left(self) -> int:
        """Left end of the caps."""
        return self.middle - CAP

    @property
    def cap_right(self) -> int:
        """Right end of the caps."""
        return self.middle + CAP


@dataclass(frozen=True, slots=True)
class Ranges:
    """Months on one scale; `floor` is the foot of the columns."""

    rows: list[Range]
    floor: int = TOP + TALL
    words: int = TOP + TALL + 16
    height: int = TOP + TALL + 24
    bar: int = BAR


def ranges(rows: Sequence[Row]) -> Ranges | None:
    """Months (label, forecast, low, high, fact) from left to right; None without any."""
    whole = max((max(high, came) for _label, _said, _low, high, came in rows), default=Decimal(0))
    if not whole:
        return None
    step = (WIDTH - 2 * MARGIN) / len(rows)

    def height(value: Decimal) -> int:
        return round(TALL * value / whole)

    floor = TOP + TALL
    return Ranges(
        [
            Range(
                label,
                said,
                low,
                high,
                came,
                middle=MARGIN + round(step * (place + 0.5)),
                bar_y=floor - height(came),
                bar_height=height(came),
                low_y=floor - height(low),
                high_y=floor - height(high),
                said_y=floor - height(said),
            )
            for place, (label, said, low, high, came) in enumerate(rows)
        ]
    )
