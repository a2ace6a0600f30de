"""A row on its way to becoming a record."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from crm.importing.problems import ERROR, NOTE, WARNING, Problem

LEVEL_OF = {"error": ERROR, "warn": WARNING, "note": NOTE}


@dataclass(slots=True)
class Draft:
    """The values of one row.

    `values` are those the mapping names and are compared with the record; `initial` apply only
    to a new record; `derived` follow from the values and are written when something changed.
    `pieces` belong to rows of other tables (phones, product lines).
    """

    row: int
    key: str
    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    initial: dict[str, Any] = field(default_factory=dict)
    derived: dict[str, Any] = field(default_factory=dict)
    pieces: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    record: models.Model | None = None
    is_new: bool = True
    changes: dict[str, Any] = field(default_factory=dict)

    def report(self, level: str, column: str, text: str) -> None:
        """Note a finding; level is one of the mapping's words."""
        if level in LEVEL_OF:
            self.problems.append(Problem(self.row, LEVEL_OF[level], column, text))

    def refuse(self, column: str, text: str) -> None:
        """Leave the row out."""
        self.report("error", column, text)

    @property
    def is_refused(self) -> bool:
        """An error was found."""
        return any(problem.level == ERROR for problem in self.problems)

    def value(self, name: str, default: Any = None) -> Any:
        """What the record will hold: from the row, else for a new record, else what it holds."""
        for given in (self.values, self.initial):
            if name in given:
                return given[name]
        return getattr(self.record, name, default) if self.record else default
