"""Marked activities of the period by mark, kind of mark or manager, and by month.

An activity counts once in a row however many of its marks belong there, on the day it was done.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts.models import User
from activities.models import Activity, ActivityMark, Mark, MarkKind
from deals.models import Deal
from deals.querysets import DealQuerySet
from reports.asking import Asked
from reports.funnel.steps import percent
from reports.periods import months_later

BY = {"mark": "mark", "kind": "mark__kind", "manager": "activity__owner"}
Key = Any


@dataclass(slots=True)
class VoiceRow:
    """Marked activities with one value, and how the deals they belong to ended."""

    key: Key
    name: str = ""
    said: int = 0
    share: Decimal | None = None
    previous_said: int | None = None
    deals: int = 0
    won: int = 0
    lost: int = 0

    @property
    def loss_rate(self) -> Decimal | None:
        """Lost of the closed deals, per cent."""
        return percent(self.lost, self.won + self.lost)


@dataclass(slots=True)
class VoiceMonth:
    """Marked activities of a calendar month of the active zone; `parts` by value."""

    month: date
    said: int = 0
    parts: dict[Key, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Voice:
    """Rows, the most frequent first; months; `total` of all marked activities."""

    by: str
    rows: list[VoiceRow]
    months: list[VoiceMonth]
    total: VoiceRow


def activities(asked: Asked) -> QuerySet[Activity]:
    """Done activities of the period that the viewer sees, of any mark or of none."""
    rows: Any = asked.narrowed(Activity.objects.visible_to(asked.user).done().order_by())
    if asked.pipeline:
        seen = Deal.objects.visible_to(asked.user).filter(pipeline=asked.pipeline)
        rows = rows.filter(deal__in=seen.values("pk"))
    return rows.filter(asked.period.within("done_at"))


def marks(asked: Asked) -> QuerySet[ActivityMark]:
    """Marks on these activities."""
    return ActivityMark.objects.filter(activity__in=activities(asked).values("pk")).order_by()


def marked(asked: Asked, **keys: Any) -> QuerySet[Activity]:
    """The marked activities behind a number; `keys` are values by the names of BY."""
    rows = marks(asked)
    for name, key in keys.items():
        rows = rows.filter(**{BY[name]: key})
    return activities(asked).filter(pk__in=rows.values("activity"))


def marked_deals(asked: Asked, **keys: Any) -> DealQuerySet:
    """Deals of these activities that the viewer sees."""
    rows: Any = Deal.objects.visible_to(asked.user).order_by()
    return rows.filter(pk__in=marked(asked, **keys).values("deal"))


def voice(asked: Asked, by: str = "mark") -> Voice:
    """Rows, months and the total."""
    by = by if by in BY else "mark"
    rows = _rows(asked, by)
    total = _row(None, marks(asked).aggregate(**_counts(asked)))
    for row in rows.values():
        row.share = percent(row.said, total.said)
    if asked.before:
        _add_past(rows, total, asked, by)
    for key, name in _names(by, rows).items():
        rows[key].name = name
    listed = sorted(rows.values(), key=lambda row: (-row.said, row.name))
    return Voice(by, listed, _months(asked, by), total)


def _counts(asked: Asked) -> dict[str, Any]:
    seen = Q(activity__deal__in=Deal.objects.visible_to(asked.user).values("pk"))
    deals = {
        "deals": seen,
        "won": seen & Q(activity__deal__status="won"),
        "lost": seen & Q(activity__deal__status="lost"),
    }
    return {
        "said": Count("activity", distinct=True),
        **{
            name: Count("activity__deal", distinct=True, filter=wanted)
            for name, wanted in deals.items()
        },
    }


def _rows(asked: Asked, by: str) -> dict[Key, VoiceRow]:
    groups = marks(asked).annotate(key=F(BY[by])).values("key").annotate(**_counts(asked))
    return {group["key"]: _row(group["key"], group) for group in groups}


def _row(key: Key, counts: dict[str, Any]) -> VoiceRow:
    names = ("said", "deals", "won", "lost")
    return VoiceRow(key, **{name: counts[name] for name in names})


def _add_past(rows: dict[Key, VoiceRow], total: VoiceRow, asked: Asked, by: str) -> None:
    past = marks(asked.of(period=asked.before))
    groups = past.annotate(key=F(BY[by])).values_list("key")
    known = dict(groups.annotate(n=Count("activity", distinct=True)))
    for key in known:
        rows.setdefault(key, VoiceRow(key))
    for row in rows.values():
        row.previous_said = known.get(row.key, 0)
    total.previous_said = past.aggregate(n=Count("activity", distinct=True))["n"]


def _names(by: str, rows: dict[Key, VoiceRow]) -> dict[Key, str]:
    if by == "kind":
        labels = dict(MarkKind.choices)
        return {key: str(labels.get(key, key)) for key in rows}
    if by == "mark":
        return {pk: mark.name for pk, mark in Mark.objects.in_bulk(rows).items()}
    people = User.objects.in_bulk([key for key in rows if key])
    return {key: str(people[key].full_name) if key in people else "—" for key in rows}


def _months(asked: Asked, by: str) -> list[VoiceMonth]:
    """Every month from the first to the last one with a mark."""
    found: dict[date, VoiceMonth] = {}
    dated = marks(asked).annotate(month=TruncMonth("activity__done_at"), key=F(BY[by]))
    for row in dated.values("month", "key").annotate(n=Count("activity", distinct=True)):
        month = found.setdefault(row["month"].date(), VoiceMonth(row["month"].date()))
        month.parts[row["key"]] = row["n"]
    for row in dated.values("month").annotate(n=Count("activity", distinct=True)):
        found[row["month"].date()].said = row["n"]
    filled, at = [], min(found, default=None)
    while at is not None and at <= max(found):
        filled.append(found.get(at) or VoiceMonth(at))
        at = months_later(at, 1)
    return filled
