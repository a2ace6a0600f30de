"""A report as a file: XLSX with typed cells, CSV for Excel, PDF with the picture."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import get_language

from reports.sheets import Column, Report, Sheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "percent": "0.0%",
    "points": "+0.0;-0.0;0.0",
    "days": "0.0",
    "date": "dd.mm.yyyy",
}
WIDEST = 40
NAME_LIMIT = 31


def as_xlsx(report: Report) -> bytes:
    """A worksheet for every table: frozen bold header, typed cells, the total below."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": report.question, "comments": report.definition})
    styles = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
    totals = {
        kind: book.add_format({"num_format": text, "bold": True, "top": 1})
        for kind, text in FORMATS.items()
    }
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    totals["text"] = book.add_format({"bold": True, "top": 1})
    for number, sheet in enumerate(report.sheets, start=1):
        page = book.add_worksheet(_sheet_name(sheet.title, number))
        page.freeze_panes(1, 1)
        for at, column in enumerate(sheet.paper_columns):
            page.write_string(0, at, column.label, bold)
            page.set_column(at, at, _width(sheet, column))
        lines = [(row, styles) for row in sheet.rows]
        if sheet.total:
            lines.append((sheet.total, totals))
        for line, (row, chosen) in enumerate(lines, start=1):
            for at, column in enumerate(sheet.paper_columns):
                _write(page, line, at, row.get(column.key), column.kind, chosen)
    book.close()
    return target.getvalue()


def _write(page: Any, line: int, at: int, value: Any, kind: str, styles: dict[str, Any]) -> None:
    style = styles.get(kind)
    if value is None or value == "":
        page.write_blank(line, at, None, style)
    elif kind == "text":
        page.write_string(line, at, str(value), style)
    elif kind == "date":
        page.write_datetime(line, at, datetime.combine(value, datetime.min.time()), style)
    else:
        page.write_number(line, at, float(value) / (100 if kind == "percent" else 1), style)


def _sheet_name(title: str, number: int) -> str:
    """Excel refuses some characters and long or equal names."""
    clean = "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip("' ")
    return f"{number}. {clean}"[:NAME_LIMIT]


def _width(sheet: Sheet, column: Column) -> int:
    texts = [column.label[:18], *(sheet.text(row, column) for row in sheet.rows)]
    return min(WIDEST, max(10, *(len(text) + 2 for text in texts)))


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a mark and CRLF; in Russian and Ukrainian `;` and a decimal comma."""
    is_english = (get_language() or "").startswith("en")
    target = StringIO()
    writer = csv.writer(target, delimiter="," if is_english else ";", lineterminator="\r\n")
    writer.writerow([_guarded(column.label) for column in sheet.paper_columns])
    for row in [*sheet.rows, *([sheet.total] if sheet.total else [])]:
        writer.writerow([_plain(row.get(column.key), is_english) for column in sheet.paper_columns])
    return target.getvalue().encode("utf-8-sig")


def _plain(value: Any, is_english: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return date_format(value, "Y-m-d" if is_english else "d.m.Y")
    if isinstance(value, int | float | Decimal):
        return str(value) if is_english else str(value).replace(".", ",")
    return _guarded(str(value))


def _guarded(text: str) -> str:
    """A text that a spreadsheet would run as a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_pdf(report: Report, context: dict[str, Any]) -> bytes:
    """The answer, the picture and the tables on A4 across; nothing is fetched."""
    from weasyprint import HTML  # loads Pango only where a PDF is made

    text = render_to_string("reports/print.html", {"report": report, **context})
    return HTML(string=text, url_fetcher=_nothing).write_pdf()


def _nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError(url)
