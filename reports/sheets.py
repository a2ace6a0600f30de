"""Tables of reports: typed columns, rows of plain values, addresses of the rows behind numbers.

The page, XLSX, CSV, PDF and JSON are made of the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format

from records.formatting import money, number, percent

Row = Mapping[str, Any]
SUMS_WITHOUT_KOPECKS = 10_000
NUMBERS = {"count", "money", "percent", "points", "days"}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, count, money, percent, points, days, date or act; None is an empty cell.

    An act is a button of the page, left out of files.

    `points` are a change in percentage points; a neutral one is neither good nor bad.
    """

    key: str
    label: str
    kind: str = "text"
    is_neutral: bool = False

    @property
    def is_number(self) -> bool:
        """Right aligned on the page, a number in a spreadsheet."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Cell:
    """What the page shows: words, address, column; `tone` colours a change."""

    text: str
    url: str
    column: Column
    tone: str = ""


@dataclass(slots=True)
class Sheet:
    """A table with its title and note; `urls` run beside `rows`, the total is the last line."""

    key: str
    title: str
    columns: list[Column]
    rows: Sequence[Row]
    total: Row | None = None
    urls: Sequence[Mapping[str, str]] = field(default_factory=list)
    total_urls: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    currency: str = ""

    def lines(self) -> list[list[Cell]]:
        """Cells of every row."""
        urls = self.urls or [{}] * len(self.rows)
        return [self._cells(row, url) for row, url in zip(self.rows, urls, strict=True)]

    @property
    def paper_columns(self) -> list[Column]:
        """Columns of files."""
        return [column for column in self.columns if column.kind != "act"]

    def total_line(self) -> list[Cell]:
        """Cells of the total; empty without one."""
        return self._cells(self.total, self.total_urls) if self.total else []

    def _cells(self, row: Row, urls: Mapping[str, str]) -> list[Cell]:
        return [
            Cell(self.text(row, column), urls.get(column.key) or "", column, _tone(row, column))
            for column in self.columns
        ]

    def text(self, row: Row, column: Column) -> str:
        """A value in the active language; great sums without kopecks, files hold them exactly."""
        value = row.get(column.key)
        if column.kind in ("text", "act"):
            return "" if value is None else str(value)
        if value is None:
            return "—" if column.is_number else ""
        if column.kind == "date":
            return date_format(value, "SHORT_DATE_FORMAT")
        if column.kind == "money":
            whole = round(value) if abs(value) >= SUMS_WITHOUT_KOPECKS else value
            return money(whole, self.currency)
        if column.kind == "percent":
            return percent(value, 1)
        return _signed(value) if column.kind == "points" else number(value, _places(column))


def _places(column: Column) -> int:
    return 1 if column.kind == "days" else 0


def _signed(value: Any) -> str:
    sign = "▲ " if value > 0 else "▼ " if value < 0 else ""
    return f"{sign}{number(abs(value), 1)}"


def _tone(row: Row, column: Column) -> str:
    value = row.get(column.key)
    if column.kind != "points" or value is None:
        return ""
    if column.is_neutral:
        return "flat"
    return "up" if value > 0 else "down" if value < 0 else "flat"


@dataclass(slots=True)
class Report:
    """A report: `values` for JSON, sheets, the answer in sentences, its definition.

    `picture` is the template of the picture with `context`; an empty report has `empty` words.
    """

    name: str
    question: str
    definition: str
    values: dict[str, Any]
    sheets: list[Sheet]
    answer: list[str] = field(default_factory=list)
    picture: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    empty: str = ""
