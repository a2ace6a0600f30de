"""The CDNOW sample (Fader, Hardie): 2,357 buyers of music, 1997-01-01 to 1998-06-30."""

from collections import defaultdict
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np

from reports.customer_value import Cells

FILE = Path(__file__).parent / "data" / "CDNOW_sample.txt"
CALIBRATION_END = date(1997, 9, 30)


@cache
def purchases() -> dict[int, dict[date, float]]:
    """Sum of each day of each customer."""
    days: dict[int, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in FILE.read_text().splitlines():
        _master, customer, day, _units, amount = line.split()
        moment = datetime.strptime(day + "+0000", "%Y%m%d%z").date()
        days[int(customer)][moment] += float(amount)
    return {customer: dict(sorted(each.items())) for customer, each in sorted(days.items())}


@cache
def summary() -> dict[str, np.ndarray]:
    """x, t_x and T in days, and the mean repeat purchase, up to the end of calibration."""
    rows = []
    for days in purchases().values():
        known = {day: amount for day, amount in days.items() if day <= CALIBRATION_END}
        first, last, repeats = min(known), max(known), list(known.values())[1:]
        mean = sum(repeats) / len(repeats) if repeats else 0.0
        rows.append((len(repeats), (last - first).days, (CALIBRATION_END - first).days, mean))
    table = np.array(rows, dtype=float)
    return dict(zip(("x", "t_x", "age", "mean"), table.T, strict=True))


def cells() -> tuple[Cells, np.ndarray]:
    known = summary()
    return Cells.of(known["x"], known["t_x"] / 7, known["age"] / 7)


def as_table(folder: Path) -> Path:
    """The sample as `manage.py import purchases` reads it."""
    rows = [line.split() for line in FILE.read_text().splitlines()]
    table = folder / "cdnow.csv"
    lines = [f"cdnow:{row[1]},{row[2]},{row[4]}" for row in rows]
    table.write_text("\n".join(["customer,date,amount", *lines]))
    return table
