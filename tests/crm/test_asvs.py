"""The table of ASVS is whole, names only what exists, counts right, leaves no level 1 open."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text()
LINES = re.findall(
    r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (met|n/a|open) \| (.+) \|$", TEXT, re.M
)
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
SETTING = re.compile(r"[A-Z][A-Z0-9_]{3,}")
OURS = ("accounts.", "contacts.", "crm.", "records.")
FILES = {".md", ".py", ".yml", ".html", ".js", ".toml", ".lock", ".json", ".dockerignore"}
COUNTS = {
    "V1": (8, 19),
    "V2": (4, 7),
    "V3": (8, 11),
    "V4": (2, 8),
    "V5": (4, 5),
    "V6": (13, 22),
    "V7": (6, 12),
    "V8": (4, 3),
    "V9": (4, 3),
    "V10": (5, 24),
    "V11": (3, 11),
    "V12": (3, 6),
    "V13": (1, 12),
    "V14": (2, 7),
    "V15": (3, 10),
    "V16": (0, 16),
    "V17": (0, 7),
}
"""As many requirements of level 1 and 2 as ASVS 5.0.0 has: 70 and 183."""


def anchors(text: str) -> set[str]:
    """Headings as links name them."""
    found = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in found}


def proofs(text: str) -> list[str]:
    """What a line refers to; an error where it does not exist."""
    found = []
    for path, name in TEST.findall(text):
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M), name
        found.append(name)
    for word in re.findall(r"`([^`]+)`", TEST.sub("", text)):
        path, _, anchor = word.partition("#")
        if path.startswith(OURS) and not path.endswith(".py"):
            module, _, name = path.rpartition(".")
            is_known = thing(module, name)
        elif Path(path).suffix in FILES or path in FILES:
            is_known = (ROOT / path).is_file()
            is_known = is_known and (not anchor or anchor in anchors((ROOT / path).read_text()))
        elif SETTING.fullmatch(path):
            named = f"{path}=" in (ROOT / ".env.example").read_text()
            is_known = hasattr(settings, path) or named or path == "NAME_FILE"
        else:
            continue
        assert is_known, word
        found.append(word)
    return found


def thing(module: str, name: str) -> bool:
    """A module of ours, or something in it or in its class."""
    try:
        import_module(f"{module}.{name}")
    except ImportError:
        owner, _, inner = module.rpartition(".")
        try:
            return hasattr(import_module(module), name)
        except ImportError:
            return hasattr(getattr(import_module(owner), inner), name)
    return True


def test_every_requirement_has_its_line():
    ids = [line[0] for line in LINES]
    assert len(ids) == len(set(ids)) == 253
    found = Counter((line[0].split(".")[0], line[1]) for line in LINES)
    for chapter, (first, second) in COUNTS.items():
        assert (found[chapter, "1"], found[chapter, "2"]) == (first, second), chapter


def test_counts_at_the_head_are_true():
    told = Counter((level, state) for _id, level, _asks, state, _by in LINES)
    for level in ("1", "2"):
        numbers = [told[level, state] for state in ("met", "n/a", "open")]
        row = " | ".join(map(str, [*numbers, sum(numbers)]))
        assert f"| level {level} | {row} |" in TEXT
    sums = [told["1", state] + told["2", state] for state in ("met", "n/a", "open")]
    assert f"| both | {' | '.join(map(str, [*sums, 253]))} |" in TEXT


def test_nothing_of_level_1_is_open():
    assert [line[0] for line in LINES if line[1] == "1" and line[3] == "open"] == []


@pytest.mark.parametrize("chapter", COUNTS)
def test_what_proves_a_line_exists(chapter):
    for number, _level, _asks, state, by in LINES:
        if number.startswith(f"{chapter}."):
            assert proofs(by) or state != "met", f"{number} names no proof: {by}"
