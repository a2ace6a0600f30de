"""The table of a record type: columns as the person likes them, filters in words, saved views."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from records.columns import Column, chosen, heads, lines, offered
from records.export import csv_file, xlsx_file
from records.filtering import address, chips_of
from records.formatting import number
from records.keyset import Keyset
from records.models import ListLayout, SavedView
from records.views import RecordList

MARKS = ("view", "columns", "after", "page", "sort", "file")
BATCH = 500
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Tab:
    """A view above the rows; `pk` is set for a saved one."""

    label: Any
    url: str
    is_current: bool
    pk: int | None = None


class TableList(RecordList):
    """A list whose table is made of `columns`; `presets` are ready-made tabs (label, query)."""

    template_name = "records/list.html"
    columns: Sequence[Column] = ()
    presets: Sequence[tuple[Any, str]] = ()
    list_name = ""
    export_name = ""
    head_template = ""
    foot_template = ""
    title: Any = ""
    bulk_rights = {"assign": "assign", "delete": "delete"}
    empty_icon = "inbox"
    empty_title: Any = ""
    empty_text: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The bare address opens the person's own default view."""
        layout = self.layout
        if not request.GET and layout and layout.default_view_id:
            views = [view for view in self.saved_views if view.pk == layout.default_view_id]
            if views:
                return HttpResponseRedirect(self.address_of(views[0]))
        return super().get(request, *args, **kwargs)

    @cached_property
    def layout(self) -> ListLayout | None:
        rows = ListLayout.objects.filter(user=self.request.user, record_type=self.model.record_type)
        return rows.first()

    @cached_property
    def saved_views(self) -> list[SavedView]:
        seen = SavedView.objects.visible_to(self.request.user)
        return list(seen.filter(record_type=self.model.record_type)[:30])

    @cached_property
    def view_now(self) -> SavedView | None:
        named = self.request.GET.get("view", "")
        return next((view for view in self.saved_views if str(view.pk) == named), None)

    @cached_property
    def shown_columns(self) -> list[Column]:
        """Those of the saved view, else the person's own, else the default ones."""
        known = offered(self.columns, self.request.user, self.model.record_type)
        own = self.layout.columns if self.layout else []
        names = self.view_now.columns if self.view_now and self.view_now.columns else own
        return chosen(known, [name for name in names if isinstance(name, str)])

    def read_by_columns(self, *related: str) -> list[str]:
        """Those of the related rows that a shown column reads; the others need no query."""
        return [name for name in related if any(name in each.reads for each in self.shown_columns)]

    def address_of(self, view: SavedView) -> str:
        """The list under a saved view: its own filter in the address, so that links can be sent."""
        query = QueryDict(view.query, mutable=True)
        query["view"] = str(view.pk)
        return f"{reverse(self.list_name)}?{query.urlencode()}"

    def tabs(self) -> list[Tab]:
        present = self.request.GET.copy()
        for name in MARKS:
            present.pop(name, None)
        plain = "" if self.view_now else present.urlencode()
        made = [
            Tab(label, f"{reverse(self.list_name)}?{query or 'view=all'}", plain == query)
            for label, query in self.presets
        ]
        return made + [
            Tab(view.name, self.address_of(view), view == self.view_now, view.pk)
            for view in self.saved_views
        ]

    def is_saved(self) -> bool:
        """Nothing in the address that the present tab does not say already."""
        kept = QueryDict(self.view_now.query if self.view_now else "", mutable=True)
        present = self.request.GET.copy()
        for query in (kept, present):
            for name in ("view", "after", "page"):
                query.pop(name, None)
        return sorted(kept.lists()) == sorted(present.lists())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("rows", self.object_list)
        columns = self.shown_columns
        may_export = self.request.user.grant(self.model.record_type, "export")
        acts = self.bulk_acts()
        chips = chips_of(self.request, self.filter)
        return super().get_context_data(
            table=self,
            title=self.title,
            total_text=self.total_text(kwargs.get("totals")),
            kind=self.model.record_type,
            heads=heads(columns, self.sort, self.sorts),
            lines=lines(columns, self.object_list),
            kept=self.kept(),
            span=len(columns) + bool(acts),
            shown_count=len(columns),
            bulk_acts=acts,
            bulk_name=f"lists:{self.model.record_type}_bulk",
            chips=chips,
            is_narrowed=bool(chips or self.request.GET.get("q")),
            reset_url=f"{reverse(self.list_name)}?view=all",
            export_url=self.export_url() if may_export and self.export_name else "",
            present=address(self.request),
            **kwargs,
        )

    def kept(self) -> list[tuple[str, str]]:
        """The present filter, which the quick search sends along."""
        skipped = (*MARKS, "q")
        pairs = self.request.GET.lists()
        return [(name, text) for name, texts in pairs if name not in skipped for text in texts]

    def bulk_acts(self) -> list[str]:
        """Deeds on many rows that the person's roles allow for this record type."""
        user, kind = self.request.user, self.model.record_type
        if not user.grant(kind, "bulk"):
            return []
        return [act for act, right in self.bulk_rights.items() if user.grant(kind, right)]

    def total_text(self, totals: Any) -> str:
        """How many rows the filter has, in words."""
        count = totals["count"] if isinstance(totals, dict) else 0
        return ngettext("%(shown)s record", "%(shown)s records", count) % {"shown": number(count)}

    def export_url(self) -> str:
        view = {"view": self.view_now.pk} if self.view_now else {}
        return reverse(self.export_name) + address(self.request, **view)


class TableExport:
    """The filtered list as a file, with the columns and the order of the page.

    Put before the list class: `class LeadExport(TableExport, LeadList)` with its own policy.
    """

    request: HttpRequest

    def get_queryset(self) -> QuerySet:
        return self.model._default_manager.permitted(self.request.user, "export")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.filtered()
        self.shown_count = rows.count()
        sort = request.GET.get("sort", "")
        sorts = self.offered_sorts()
        order = sorts.get(sort, sorts[self.default_sort])
        name = f"{self.model.record_type}-{timezone.localdate():%Y-%m-%d}"
        found = self.in_batches(rows, order)
        if request.GET.get("file") == "csv":
            made, ending, content = csv_file(self.shown_columns, found), "csv", CSV
        else:
            made, ending, content = xlsx_file(self.shown_columns, found), "xlsx", XLSX
        return FileResponse(
            made, as_attachment=True, filename=f"{name}.{ending}", content_type=content
        )

    def in_batches(self, rows: QuerySet, order: tuple[str, ...]) -> Iterator[Any]:
        """Every row, five hundred at a time, so that memory does not grow with the list."""
        keyset, after = Keyset(order, BATCH), ""
        decorated = self.decorate(rows)
        while True:
            page, after = keyset.page(decorated, after)
            yield from page
            if not after:
                return
