"""The one line that says how the whole matrix went, gathered over all worker processes."""

from collections import Counter
from typing import Any

MINIMUM_URLS = 185
MINIMUM_CELLS = 15_000
MINIMUM_MUTANTS = 53
"""A broken generator must not pass with an empty matrix."""


class Summary:
    """Counts what the tests of the matrix report; a plugin of the process that prints."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wanted: dict[str, int] = {}
        self.first, self.last = float("inf"), 0.0
        self.alive: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        is_ours = "tests/matrix/" in report.nodeid and "test_bad_input" not in report.nodeid
        if report.when != "call" or not is_ours:
            return
        self.first, self.last = min(self.first, report.start), max(self.last, report.stop)
        told = {name: value for name, value in report.user_properties if "matrix_" in str(name)}
        if "matrix_cells" in told:
            self.counts["urls"] += 1
        if "matrix_mutant" in told:
            self.counts["mutants"] += 1
            self.counts["killed"] += report.passed
            self.alive += [] if report.passed else [told.pop("matrix_mutant")]
        for name, value in told.items():
            if name in ("matrix_of", "matrix_of_mutants"):
                self.wanted[name] = value
            elif isinstance(value, int):
                self.counts[name] += value

    @property
    def is_whole(self) -> bool:
        """All doors and all mutants ran, so that the counts may be judged."""
        urls, mutants = (self.wanted.get(name, -1) for name in ("matrix_of", "matrix_of_mutants"))
        return self.counts["urls"] == urls and self.counts["mutants"] == mutants

    @property
    def is_short(self) -> bool:
        """The whole ran, but fewer cells or mutants than there were before."""
        few = self.counts["matrix_cells"] < MINIMUM_CELLS
        return self.is_whole and (few or self.counts["mutants"] < MINIMUM_MUTANTS)

    def line(self) -> str:
        """`109 urls, 9000 cells, 0 unclassified, …`."""
        count = self.counts
        return (
            f"matrix: {count['urls']} urls, {count['matrix_cells']} cells,"
            f" {count['matrix_unclassified']} unclassified, {count['matrix_leak']} leaks,"
            f" {count['matrix_write']} writes on refusal,"
            f" {count['killed']} of {count['mutants']} mutants killed,"
            f" {max(self.last - self.first, 0):.0f} s"
        )

    def pytest_sessionfinish(self, session: Any) -> None:
        if self.is_short:
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.counts["urls"]:
            return
        if self.alive:
            terminalreporter.write_line(f"mutants alive: {', '.join(self.alive)}")
        if self.is_short:
            least = f"{MINIMUM_CELLS} cells, {MINIMUM_MUTANTS} mutants"
            terminalreporter.write_line(f"fewer than the stored minimum: {least}", red=True)
        terminalreporter.write_line(self.line() + ("" if self.is_whole else " (a part)"))
