"""What the board and the list share: tabs with counts, chips of the filter, addresses."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db.models import CharField, Value
from django.http import HttpRequest
from django.urls import reverse

from deals.filters import TABS, DealFilter, narrow_to_tab
from deals.models import Deal, Pipeline
from deals.querysets import DealQuerySet
from records.filtering import Chip, chips_of

COUNT_CAP = 100
PASSING = ("after", "page", "csrfmiddlewaretoken", "view")
NO_CHIP = ("tab", "pipeline", "q")


@dataclass(frozen=True, slots=True)
class Tab:
    """A ready-made view above the rows; `count` is a text such as `7` or `99+`."""

    label: str
    count: str
    url: str
    is_current: bool


class Narrowing:
    """The state of the address of one page of deals."""

    def __init__(self, request: HttpRequest, found: DealFilter, pipeline: Pipeline | None) -> None:
        self.request = request
        self.found = found
        self.pipeline = pipeline
        self.values = found.form.cleaned_data if found.form.is_valid() else _valid(found)

    def query(self, **changes: Any) -> str:
        """The present query with changes; None removes a name."""
        params = self.request.GET.copy()
        for name in PASSING:
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        text = params.urlencode()
        return f"?{text}" if text else "?"

    @cached_property
    def back(self) -> str:
        """The address of this page, to come back to, quoted as a value of a query."""
        return quote(f"{self.request.path}{self.query()}", safe="")

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Names and values that the quick search sends along."""
        skipped = (*PASSING, "q")
        return [(name, text) for name, text in self.request.GET.items() if name not in skipped]

    @cached_property
    def board_url(self) -> str:
        return reverse("deals:board") + self.query(status=None, stage=None, sort=None)

    @cached_property
    def forecast_url(self) -> str:
        return reverse("deals:forecast") + self.query(status=None, stage=None, sort=None)

    @cached_property
    def list_url(self) -> str:
        return reverse("deals:list") + self.query()

    @cached_property
    def filter_url(self) -> str:
        """The form of all filters; it answers to the page it was opened from."""
        return reverse("deals:filter") + self.query(to=self.request.resolver_match.url_name)

    @cached_property
    def reset_url(self) -> str:
        return f"?pipeline={self.pipeline.pk}" if self.pipeline else "?"

    @cached_property
    def tabs(self) -> list[Tab]:
        """Counts are capped, so that they cost the same on any amount of deals; one query."""
        rows = Deal.objects.visible_to(self.request.user).open().order_by()
        if self.pipeline:
            rows = rows.filter(pipeline=self.pipeline)
        counts = _capped_counts(rows, self.request.user)
        current = self.values.get("tab") or "all"
        return [
            Tab(
                label=str(label),
                count="" if key == "all" else _capped(counts[key]),
                url=self.query(tab=None if key == "all" else key),
                is_current=key == current,
            )
            for key, label in TABS.items()
        ]

    @cached_property
    def chips(self) -> list[Chip]:
        """Active filters in words."""
        return chips_of(self.request, self.found, NO_CHIP)

    @cached_property
    def errors(self) -> list[tuple[str, str]]:
        """Values of the address that make no sense, by field."""
        fields = self.found.form.fields
        return [
            (str(fields[name].label if name in fields else name), " ".join(messages))
            for name, messages in self.found.form.errors.items()
        ]


def _valid(found: DealFilter) -> dict[str, Any]:
    return dict(getattr(found.form, "cleaned_data", {}))


def _capped_counts(rows: DealQuerySet, user: Any) -> Counter:
    """At most the cap of rows for each tab, all in one union."""
    arms = [
        narrow_to_tab(rows, key, user)
        .annotate(tab=Value(key, CharField()))
        .values_list("tab", flat=True)[:COUNT_CAP]
        for key in TABS
        if key != "all"
    ]
    return Counter(arms[0].union(*arms[1:], all=True))


def _capped(count: int) -> str:
    return f"{COUNT_CAP - 1}+" if count >= COUNT_CAP else str(count)
