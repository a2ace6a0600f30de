"""Rows of a list as files for a spreadsheet: CSV, and XLSX with typed cells.

Both are written to a temporary file row by row, so that memory stays the same for any list and
the language and the zone of the reader hold to the last line.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.formats import get_format

from records.columns import Column

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
SHEET_ROWS = 1_048_575
BOM = "\ufeff"


def plain(column: Column, row: Any) -> Any:
    """A value without its dress: a sum without its sign, a phone as it is read, a local moment."""
    value = column.value(row)
    if column.kind == "money":
        return value[0] if value else None
    if column.kind == "phone":
        return value[1] if value else ""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | Decimal | date):
        return value
    return str(value)


def csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    """Lines for a spreadsheet: UTF-8 with a mark, semicolons, the decimal sign of the language."""
    point = get_format("DECIMAL_SEPARATOR")
    yield BOM + _line([str(column.label) for column in columns])
    for row in rows:
        yield _line([_text(plain(column, row), point) for column in columns])


def _line(cells: list[str]) -> str:
    quoted = [
        f'"{cell.replace(chr(34), chr(34) * 2)}"'
        if any(mark in cell for mark in ';"\r\n')
        else cell
        for cell in cells
    ]
    return ";".join(quoted) + "\r\n"


def _text(value: Any, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", point)
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return guarded(str(value)) if isinstance(value, str) else str(value)


def guarded(cell: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_MARKS) else cell


def csv_file(columns: Sequence[Column], rows: Iterable[Any]) -> IO[bytes]:
    """The lines in a temporary file, at its beginning."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    made.writelines(line.encode() for line in csv_lines(columns, rows))
    made.seek(0)
    return made


def xlsx_file(columns: Sequence[Column], rows: Iterable[Any]) -> IO[bytes]:
    """A workbook in a temporary file, at its beginning; rows beyond the sheet are left out."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    money = book.add_format({"num_format": "#,##0.00"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 32 if place == 0 else 18)
        sheet.write_string(0, place, str(column.label), bold)
    for number, row in zip(range(1, SHEET_ROWS), rows, strict=False):
        for place, column in enumerate(columns):
            _write(sheet, number, place, plain(column, row), (day, moment, money))
    book.close()
    made.seek(0)
    return made


def _write(sheet: Any, number: int, place: int, value: Any, formats: tuple[Any, Any, Any]) -> None:
    day, moment, money = formats
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(number, place, value)
    elif isinstance(value, Decimal):
        sheet.write_number(number, place, value, money)
    elif isinstance(value, int):
        sheet.write_number(number, place, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(number, place, value, moment)
    elif isinstance(value, date):
        sheet.write_datetime(number, place, value, day)
    else:
        sheet.write_string(number, place, value[:32_000])
