"""What was wrong with a row, and the report of it."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)
SHOWN_ROWS = 5
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ImportRefused(Exception):
    """The whole import cannot start; the message is for the person."""


class RowRefused(Exception):
    """One row cannot be imported; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: the row as numbered by a spreadsheet, how bad, where, what.

    An error leaves the row out; a warning or a note lets it in.
    """

    row: int
    level: str
    column: str
    text: str


@dataclass(slots=True)
class Outcome:
    """Counts of rows and every finding of one run."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Rows left out."""
        return len({problem.row for problem in self.problems if problem.level == ERROR})

    def add(self, other: "Outcome") -> None:
        """Take over the counts and findings of a chunk."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.repeated += other.repeated
        self.problems += other.problems

    def counts(self) -> str:
        """One line for the terminal."""
        return _(
            "created %(created)d, updated %(updated)d, unchanged %(unchanged)d, "
            "repeated %(repeated)d, failed %(failed)d"
        ) % {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "failed": self.failed,
        }


def summary(problems: Iterable[Problem]) -> list[str]:
    """Equal findings in one line each, with their first rows; the worst first."""
    rows: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for problem in problems:
        rows[(problem.level, problem.column, problem.text)].append(problem.row)
    lines = []
    for key in sorted(rows, key=lambda key: (LEVELS.index(key[0]), -len(rows[key]))):
        level, column, text = key
        count = len(rows[key])
        first = ", ".join(str(row) for row in rows[key][:SHOWN_ROWS])
        more = ", …" if count > SHOWN_ROWS else ""
        lines.append(f"{level} ×{count} [{column}] {text} ({_('rows')} {first}{more})")
    return lines


def write_report(path: Path, problems: Iterable[Problem]) -> None:
    """Every finding as a CSV row; cells that a spreadsheet would run as a formula are quoted."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["row", "level", "column", "text"])
        for problem in sorted(problems, key=lambda found: (found.row, found.level)):
            writer.writerow(
                [problem.row, problem.level, _guarded(problem.column), _guarded(problem.text)]
            )


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
