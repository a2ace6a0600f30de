"""Records and offenders by check and owner, parts in per cent, the score as their weighted mean."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from reports.asking import Asked
from reports.funnel.steps import percent
from reports.health.checks import KINDS, PARTS, WEIGHTS, Check, Kind

TENTH = Decimal("0.1")


@dataclass(slots=True)
class Tally:
    """How many records a check asks, and how many of them offend."""

    asked: int = 0
    bad: int = 0


@dataclass(slots=True)
class Health:
    """Records of a type, of all owners or of one, with the tallies of their checks."""

    kind: Kind
    key: int | None = None
    name: str = ""
    records: int = 0
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def part(self, part: str, checks: list[Check]) -> Decimal | None:
        """100 × good / asked over the checks of the part; None when nothing is asked."""
        own = [self.tallies[check.name] for check in checks if check.part == part]
        asked = sum(tally.asked for tally in own)
        return percent(asked - sum(tally.bad for tally in own), asked)

    def score(self, checks: list[Check]) -> Decimal | None:
        """The mean of the parts that have something to ask, by their weights."""
        parts = {part: self.part(part, checks) for part in PARTS}
        known = {part: value for part, value in parts.items() if value is not None}
        weight = sum(WEIGHTS[part] for part in known)
        if not weight:
            return None
        total = sum((WEIGHTS[part] * value for part, value in known.items()), Decimal(0))
        return (total / weight).quantize(TENTH, ROUND_HALF_UP)


def health(kind: Kind, asked: Asked) -> tuple[Health, list[Health]]:
    """The whole, and the same by owner, the worst score first; one query and the names.

    A repeat is one of any record the viewer sees, whoever owns the earlier one.
    """
    rows, checks = kind.rows(asked), kind.shown(asked.user)
    every = kind.rows(asked.of(owner=None, department=None))
    counts: dict[str, Any] = {"records": Count("pk")}
    for check in checks:
        of, bad = conditions(check, every, asked)
        counts[f"of_{check.name}"] = Count("pk", filter=of) if check.of else Count("pk")
        counts[f"bad_{check.name}"] = Count("pk", filter=bad)
    whole, owners = Health(kind), []
    for group in rows.values("owner").annotate(**counts):
        one = Health(kind, group["owner"], records=group["records"])
        for row in (one, whole):
            for check in checks:
                row.tallies[check.name].asked += group[f"of_{check.name}"]
                row.tallies[check.name].bad += group[f"bad_{check.name}"]
        whole.records += one.records
        owners.append(one)
    people = User.objects.in_bulk([row.key for row in owners if row.key])
    for row in owners:
        row.name = people[row.key].full_name or people[row.key].email if row.key else ""
    owners.sort(key=lambda row: (row.score(checks) or Decimal(0), row.name))
    return whole, owners


def conditions(check: Check, every: Any, asked: Asked) -> tuple[Q, Q]:
    """Which records are asked, and which of them offend; `every` are all the viewer sees."""
    of = check.of(every, asked.now) if check.of else Q()
    return of, of & check.bad(every, asked.now)


def offenders(kind: Kind, asked: Asked, name: str = "", part: str = "") -> Any:
    """The records that offend in a check, or in any one of a part; all of them without both."""
    rows, every = kind.rows(asked), kind.rows(asked.of(owner=None, department=None))
    wanted = [check for check in kind.shown(asked.user) if name == check.name or part == check.part]
    if not name and not part:
        return rows
    found = Q(pk__in=[])
    for check in wanted:
        found |= conditions(check, every, asked)[1]
    return rows.filter(found)


def all_kinds(asked: Asked) -> list[Kind]:
    """Types the viewer may see some records of."""
    return [kind for kind in KINDS.values() if asked.user.grant(kind.name, "view")]
