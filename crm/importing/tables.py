"""Reading a table as people save it: encoding and delimiter are guessed."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from crm.importing.problems import ImportRefused

ENCODINGS = ("utf-8-sig", "cp1251")
DELIMITERS = ",;\t|"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
csv.field_size_limit(1_000_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, numbered as a spreadsheet shows it (the header is row 1)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its header, encoding and delimiter."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Every line that is not empty; missing cells read as empty texts."""
        with self.path.open(encoding=self.encoding, newline="") as source:
            reader = csv.reader(source, delimiter=self.delimiter)
            next(reader, None)
            for number, cells in enumerate(reader, start=2):
                if any(cell.strip() for cell in cells):
                    padded = [*cells, *[""] * (len(self.header) - len(cells))]
                    yield Row(number, dict(zip(self.header, padded, strict=False)))


def open_table(path: Path, *, encoding: str = "", delimiter: str = "") -> Table:
    """Look at the file. Raises ImportRefused when it cannot be read or has no header."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path}: {error.strerror}") from error
    encoding = encoding or guess_encoding(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise ImportRefused(
            _("%(path)s is not in the encoding %(encoding)s.")
            % {"path": path, "encoding": encoding}
        ) from error
    delimiter = delimiter or guess_delimiter(text)
    header = next(csv.reader(text.splitlines()[:1], delimiter=delimiter), [])
    names = tuple(name.strip() for name in header)
    if not any(names):
        raise ImportRefused(_("%(path)s has no header row.") % {"path": path})
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise ImportRefused(
            _("These columns are there twice: %(names)s.") % {"names": ", ".join(doubled)}
        )
    return Table(path, encoding, delimiter, names)


def guess_encoding(content: bytes) -> str:
    """UTF-8 (with or without a mark) if it decodes, UTF-16 by its mark, else Windows-1251."""
    if content.startswith(UTF16_MARKS):
        return "utf-16"
    for encoding in ENCODINGS[:-1]:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return ENCODINGS[-1]


def guess_delimiter(text: str) -> str:
    """The delimiter that cuts the first line into the most cells, quotes respected."""
    first = text.splitlines()[:1]
    counts = {mark: len(next(csv.reader(first, delimiter=mark), [])) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: counts[mark])
