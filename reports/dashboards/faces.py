"""What of a report stands on a tile: its main figure, and the first rows as bars."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.services import base_code
from reports.sheets import Column, Report, Sheet

ROWS = 6


@dataclass(frozen=True, slots=True)
class Face:
    """`path` leads to the figure in the values, `bars` is a column of the table `sheet`."""

    label: Promise | str = ""
    kind: str = "count"
    path: tuple[str | int, ...] = ()
    bars: str = ""
    sheet: str = "rows"


FACES: dict[str, Face] = {
    "funnel": Face(_("Won of the entered"), "percent", ("won_share",), "entered"),
    "funnel:strict": Face(_("Won in order"), "count", ("won",), "entered"),
    "funnel:flow": Face(_("Entries"), "count", ("total", "entries"), "entries"),
    "funnel:snapshot": Face(_("Sum of open deals"), "money", ("total", "open_amount"), "open"),
    "funnel:leads": Face(_("Leads that came"), "count", ("rows", 0, "leads"), "leads"),
    "managers": Face(_("Won for"), "money", ("total", "won_amount"), "won_amount"),
    "losses": Face(_("Lost for"), "money", ("lost_amount",), "lost"),
    "sources": Face(_("Leads"), "count", ("leads",), "leads"),
    "retention": Face(_("Bought again"), "percent", ("repeat_share",), "customers", "times"),
    "purchases": Face(_("Bought for"), "money", ("gross",), "gross"),
    "abc": Face(_("Less returns"), "money", ("amount",), "amount"),
    "velocity": Face(_("Money a day"), "money", ("velocity",), "velocity"),
    "push": Face(_("Deals to push"), "count", ("push",), "push"),
    "forecast": Face(_("Expected"), "money", ("expected",), "expected"),
    "rfm": Face(_("Customers"), "count", ("customers",), "customers", "segments"),
    "plan": Face(pgettext_lazy("plan", "Done"), "percent", ("rows", 0, "done"), "done"),
    "score": Face("", "count", (), "leads", "bands"),
    "voice": Face(_("Marked"), "count", ("said",), "said"),
    "health": Face("", "days", (), "score", "kinds"),
}
"""By report, or by report and lens; a report without an entry shows its answer and first number."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the picture: words, value, its share of the greatest, address of the rows."""

    label: str
    value: str
    share: Decimal
    url: str


def face_of(report: Report) -> Face:
    """The face of this report and lens."""
    lens = report.values.get("lens", "")
    return FACES.get(f"{report.name}:{lens}") or FACES.get(report.name) or Face()


def figure_of(report: Report) -> tuple[str, str] | None:
    """Label and value of the main figure; None when the report has none."""
    face = face_of(report)
    found: Any = report.values
    for step in face.path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return None
    if not face.path or found is None:
        return None
    column = Column("figure", "", face.kind)
    sheet = Sheet("figure", "", [column], [], currency=base_code())
    return str(face.label), sheet.text({"figure": found}, column)


def bars_of(report: Report) -> tuple[str, list[Bar]]:
    """The label of the column and its first rows above zero, on the scale of the greatest."""
    face = face_of(report)
    sheets = [sheet for sheet in report.sheets if sheet.key == face.sheet] or report.sheets[:1]
    for sheet in sheets:
        column = _column(sheet, face.bars)
        if column:
            return column.label, _bars(sheet, column)
    return "", []


def _column(sheet: Sheet, key: str) -> Column | None:
    numbers = [column for column in sheet.columns if column.is_number]
    named = [column for column in numbers if column.key == key]
    return next(iter([*named, *numbers]), None)


def _bars(sheet: Sheet, column: Column) -> list[Bar]:
    key = sheet.columns[0].key
    urls = sheet.urls or [{}] * len(sheet.rows)
    told = [
        (row, url)
        for row, url in zip(sheet.rows, urls, strict=True)
        if (row.get(column.key) or 0) > 0
    ][:ROWS]
    greatest = max((Decimal(row[column.key]) for row, _url in told), default=Decimal(1))
    return [
        Bar(
            str(row.get(key) or "—"),
            sheet.text(row, column),
            round(Decimal(row[column.key]) * 100 / greatest, 2),
            url.get(column.key) or "",
        )
        for row, url in told
    ]
