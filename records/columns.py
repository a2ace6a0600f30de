"""Columns of a list, described once for the table on the page and for the files taken out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from records import formatting
from records.templatetags.crm import icon


def _main(value: Any, row: Any) -> SafeString:
    return format_html('<a class="t" href="{}">{}</a>', row.get_absolute_url(), value)


def _money(value: Any, row: Any) -> str:
    return formatting.money(*value) if value and value[0] is not None else ""


def _number(value: Any, row: Any) -> str:
    return "" if value is None else formatting.number(value)


def _moment(value: datetime | date | None, row: Any) -> str:
    return formatting.short_when(value) if value else ""


def _email(value: str, row: Any) -> Any:
    return format_html('<a href="mailto:{0}">{0}</a>', value) if value else ""


def _phone(value: Any, row: Any) -> Any:
    return format_html('<a href="tel:{}">{}</a>', *value) if value else ""


def _tick(value: bool, row: Any) -> Any:
    return icon("check", label="+") if value else ""


SHOWN: dict[str, Callable[[Any, Any], Any]] = {
    "main": _main,
    "money": _money,
    "number": _number,
    "moment": _moment,
    "email": _email,
    "phone": _phone,
    "tick": _tick,
    "text": lambda value, row: "" if value is None else value,
}
"""How a value of each kind is written in a table."""
STYLES = {"main": "main", "money": "r", "number": "r", "moment": "r muted", "phone": "num"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `value` reads a row already fetched, `sorts` are (first, second) sort keys.

    `kind` says how the value is written: money is (sum, currency), phone is (key, spelling).
    `shown` writes a cell that is more than its value. A column whose name or any of `reads`
    is hidden from the person is not offered.
    """

    name: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    width: str = ""
    sorts: tuple[str, str] | None = None
    reads: tuple[str, ...] = ()
    shown: Callable[[Any], Any] | None = None
    is_default: bool = True

    @property
    def style(self) -> str:
        """Classes of the cell."""
        return STYLES.get(self.kind, "")

    def cell(self, row: Any) -> Any:
        """What the table shows."""
        return self.shown(row) if self.shown else SHOWN[self.kind](self.value(row), row)

    def opening(self) -> SafeString:
        """The tag before a cell; a narrow screen shows the label before the value."""
        if self.kind == "main":
            return format_html('<td class="{}">', self.style)
        return format_html('<td class="{}" data-label="{}">', self.style, self.label)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column under the present sort; `turn` is the sort that a click asks for."""

    column: Column
    turn: str = ""
    direction: str = ""


def offered(columns: Sequence[Column], user: Any, record_type: str) -> list[Column]:
    """The columns whose fields the person may see: the one place where a list asks for it."""
    hidden = user.fields(record_type).hidden
    return [column for column in columns if not hidden.intersection({column.name, *column.reads})]


def chosen(columns: Sequence[Column], names: Iterable[str]) -> list[Column]:
    """The named columns in their order behind the first one; without names the default ones."""
    known = {column.name: column for column in columns[1:]}
    picked = [known[name] for name in dict.fromkeys(names) if name in known]
    return [*columns[:1], *(picked or [column for column in columns[1:] if column.is_default])]


def heads(columns: Iterable[Column], sort: str, sorts: Any) -> list[Head]:
    """Heads with the address of the other direction; a sort that is not offered is no link."""
    return [_head(column, sort, sorts) for column in columns]


def _head(column: Column, sort: str, sorts: Any) -> Head:
    keys = [key for key in column.sorts or () if key in sorts]
    if len(keys) < 2:
        return Head(column)
    turn = keys[1] if sort == keys[0] else keys[0]
    if sort not in keys:
        return Head(column, turn)
    falling = sorts[sort][0].startswith("-")
    return Head(column, turn, "descending" if falling else "ascending")


def lines(columns: Iterable[Column], rows: Iterable[Any]) -> list[tuple[Any, SafeString]]:
    """Each row with its cells as HTML: hundreds of cells on a page are dear in a template."""
    parts = [(column, column.opening()) for column in columns]
    return [
        (
            row,
            SafeString(
                "".join(
                    f"{tag}{conditional_escape(column.cell(row))}</td>" for column, tag in parts
                )
            ),
        )
        for row in rows
    ]


def step_cell(due_at: Any, kind: str = "") -> SafeString:
    """The next-step sign: icon and words."""
    state, name, words = formatting.step_sign(due_at, kind)
    return format_html(
        '<span class="sg sg-{}">{}<span class="cut">{}</span></span>', state, icon(name), words
    )
