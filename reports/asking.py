"""What a report is asked for: by whom, of which days, narrowed to what."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Department, User
from deals.filters import day_start
from deals.models import Deal, Pipeline
from deals.querysets import DealQuerySet
from reports.periods import Period


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything counted is what `user` may see, narrowed by the other fields when they are set.

    `before` is the period of comparison; with `as_of` only events before the end of that day are
    read; `options` are of one report (a lens, a mode).
    """

    user: User
    period: Period = field(default_factory=Period)
    before: Period | None = None
    pipeline: Pipeline | None = None
    owner: User | None = None
    department: Department | None = None
    source: str = ""
    as_of: date | None = None
    now: datetime = field(default_factory=timezone.now)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def until(self) -> datetime | None:
        """The moment up to which events are read, or None for today."""
        return min(self.now, day_start(self.as_of + timedelta(days=1))) if self.as_of else None

    def of(self, **changes: Any) -> "Asked":
        """The same question with changes."""
        return replace(self, **changes)

    def narrowed(self, rows: QuerySet) -> QuerySet:
        """Rows of the chosen manager or department, else as they are."""
        if self.owner:
            return rows.filter(owner=self.owner.pk)
        if self.department:
            people = User.objects.filter(department__path__startswith=self.department.path)
            return rows.filter(owner__in=list(people.values_list("pk", flat=True)))
        return rows

    def deals(self) -> DealQuerySet:
        """Deals of the report, unsorted."""
        rows: Any = self.narrowed(Deal.objects.visible_to(self.user).order_by())
        if self.pipeline:
            rows = rows.filter(pipeline=self.pipeline)
        return rows.filter(source=self.source) if self.source else rows

    def link(self) -> dict[str, Any]:
        """The narrowing as parameters of the list of deals."""
        return {
            "pipeline": self.pipeline.pk if self.pipeline else None,
            "owner": self.owner.pk if self.owner else None,
            "department": self.department.pk if self.department else None,
            "source": self.source or None,
        }
