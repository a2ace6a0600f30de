"""Coordinates of the calibration: what was told beside what came, by tenths of the readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WIDTH, LEFT, TOP, TALL, FOOT = 852, 44, 30, 170, 40
BAR = 40


@dataclass(frozen=True, slots=True)
class Tenth:
    """A bin: a column of what came, a mark of what was told; both in per cent."""

    number: int
    told: Decimal
    won: Decimal
    x: int
    y: int
    height: int
    mark: int

    @property
    def middle(self) -> int:
        """Where its words are centred."""
        return self.x + BAR // 2

    @property
    def ends(self) -> tuple[int, int]:
        """Left and right end of the mark."""
        return self.x - 8, self.x + BAR + 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the scale: its height and its share in per cent."""

    y: int
    share: int

    @property
    def text(self) -> int:
        """Baseline of its words."""
        return self.y + 4


@dataclass(frozen=True, slots=True)
class Tenths:
    """The picture; `floor` is the foot of the columns."""

    rows: list[Tenth]
    lines: list[Line]
    bar: int = BAR
    floor: int = TOP + TALL

    @property
    def words(self) -> int:
        """Baseline of the words under the columns."""
        return self.floor + 18

    @property
    def height(self) -> int:
        """Height of the picture."""
        return self.floor + FOOT


def tenths(bins: Sequence[dict[str, Any]]) -> Tenths | None:
    """Bins of shares from 0 to 1, the least chance first; None without any."""
    if not bins:
        return None
    most = max(max(row["told"], row["won"]) for row in bins)
    top = next(edge for edge in (5, 10, 20, 40, 60, 80, 100) if edge >= 100 * most or edge == 100)
    step = (WIDTH - LEFT) / len(bins)
    floor = TOP + TALL

    def tall(share: float) -> int:
        return round(TALL * 100 * share / top)

    rows = [
        Tenth(
            place + 1,
            Decimal(str(round(100 * row["told"], 1))),
            Decimal(str(round(100 * row["won"], 1))),
            x=LEFT + round(step * (place + 0.5)) - BAR // 2,
            y=floor - tall(row["won"]),
            height=tall(row["won"]),
            mark=floor - tall(row["told"]),
        )
        for place, row in enumerate(bins)
    ]
    lines = [Line(floor - TALL * part // 2, top * part // 2) for part in (0, 1, 2)]
    return Tenths(rows, lines)
