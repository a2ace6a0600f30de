"""The table of ASVS names only tests that exist and leaves no requirement of level 1 open."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| (test|setting|n/a|open) \| (.+) \|$", re.M)
LINES = LINE.findall((ROOT / "docs" / "asvs.md").read_text())
COUNTS = {("V6", "1"): 13, ("V6", "2"): 22, ("V7", "1"): 6, ("V7", "2"): 12}
"""As many requirements as ASVS 5.0.0 has in these chapters and levels."""


def test_chapters_are_whole():
    ids = [line[0] for line in LINES]
    assert len(ids) == len(set(ids))
    for (chapter, level), count in COUNTS.items():
        found = [line for line in LINES if line[0].startswith(f"{chapter}.") and line[1] == level]
        assert len(found) == count, (chapter, level)


def test_nothing_of_level_1_is_open():
    assert [line[0] for line in LINES if line[1] == "1" and line[2] == "open"] == []


@pytest.mark.parametrize("line", [line for line in LINES if line[2] == "test"], ids=lambda x: x[0])
def test_named_test_exists(line):
    path, name = re.match(r"(tests/\S+\.py)::(\w+)", line[3]).groups()
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M)
