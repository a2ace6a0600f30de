"""Facts as features: levels of categories and numbers; blank is a level, rare levels are pooled."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from math import log1p
from typing import Any

from leads.scoring.reading import Facts

LEAST = 30  # leads a level needs to stand for itself
REST = "*"  # all the rarer levels together
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXTS = ("campaign", "utm_source", "utm_medium", "city")
FILLED = {"company_name": "company", "position": "position", "title": "wish", "description": "note"}
COUNTS = ("talked", "missed", "emails", "meetings", "other")
FIXED = {
    **{name: ["", "given"] for name in FILLED.values()},
    "arrived": ["after_hours", "day_off", "hours"],
    "by": ["hand", "itself"],
    "first": ["day", "hour", "later", "new", "none"],
}
"""Features whose every level stands for itself, however rare."""
LEVELS = ("source", *TEXTS, "amount", *FIXED)
NUMBERS = (*COUNTS, "age")
FIELDS = {"source": "source", "amount": "amount", "note": "description"}
"""The ruled field of a lead that a feature would tell; see records.rights.RULED_FIELDS."""


@dataclass(slots=True)
class Scale:
    """Which levels stand for themselves, and the upper ends of the bands of the amount."""

    levels: dict[str, list[str]] = field(default_factory=dict)
    bands: list[float] = field(default_factory=list)

    def level(self, name: str, facts: Facts) -> str:
        """The level of a category; one that is not known is the pooled one."""
        found = _band(facts, self.bands) if name == "amount" else raw_level(name, facts)
        return found if found in self.levels.get(name, ()) else REST


def scale_of(rows: Iterable[Facts]) -> Scale:
    """Levels with at least LEAST leads and the quartiles of the amounts; outcomes are not read."""
    listed = list(rows)
    amounts = sorted(float(row.values["amount"]) for row in listed if row.values["amount"])
    bands = sorted({amounts[len(amounts) * part // 4] for part in (1, 2, 3)}) if amounts else []
    scale = Scale({name: list(levels) for name, levels in FIXED.items()}, bands)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in listed:
        for name in ("source", *TEXTS, "amount"):
            known = _band(row, bands) if name == "amount" else raw_level(name, row)
            counts[name][known] += 1
    for name, counter in counts.items():
        scale.levels[name] = sorted(key for key, count in counter.items() if count >= LEAST)
    return scale


def numbers(facts: Facts) -> dict[str, float]:
    """Logarithms of one more than the counts of work and the age in days."""
    found = {name: log1p(facts.deeds[name]) for name in COUNTS}
    return {**found, "age": log1p(max(0.0, (facts.at - facts.story.created_at) / DAY))}


def raw_level(name: str, facts: Facts) -> str:
    """The level before pooling; empty for a blank field."""
    values = facts.values
    if name == "source":
        return str(values["source_id"] or "")
    if name in TEXTS:
        return (values[name] or "").strip().lower()
    if name in ("arrived", "by"):
        return str(getattr(facts.story, name))
    if name == "first":
        return _first(facts)
    column = next(column for column, feature in FILLED.items() if feature == name)
    return "given" if (values[column] or "").strip() else ""


def _band(facts: Facts, bands: list[float]) -> str:
    amount: Any = facts.values["amount"]
    return str(sum(float(amount) >= edge for edge in bands)) if amount else ""


def _first(facts: Facts) -> str:
    """How soon the work began; of one that has just come nothing is expected yet."""
    if facts.first is None:
        return "new" if facts.at - facts.story.created_at < HOUR else "none"
    waited = facts.first - facts.story.created_at
    return "hour" if waited <= HOUR else "day" if waited <= DAY else "later"
