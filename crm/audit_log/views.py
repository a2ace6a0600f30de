"""The audit log: newest first by key, filtered, exported."""

import csv
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.audit_log.filters import AuditFilter
from crm.audit_log.words import Line, lines_of, sentence
from records.models import AuditEntry, Deed
from records.policy import right
from records.views import Door, RecordList

COUNTED = 1000
EXPORTED_AT_ONCE = 500
MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class AuditList(RecordList):
    """The log page by page; the number of rows is counted up to a thousand."""

    policy = right("view_audit")
    deed = Deed.LIST
    model = AuditEntry
    template_name = "audit/audit_list.html"
    filterset_class = AuditFilter
    sorts = {"new": ("-at", "-id")}

    def get_queryset(self) -> QuerySet:
        return AuditEntry.objects.all()

    def decorate(self, rows: QuerySet) -> QuerySet:
        return rows.select_related("user", "acting_as")

    def totals(self, rows: QuerySet) -> dict[str, Any]:
        if self.request.GET.get("after"):
            return {}
        count = rows.order_by()[: COUNTED + 1].values("pk").count()
        return {"count": min(count, COUNTED), "is_more": count > COUNTED}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values = getattr(self.filter.form, "cleaned_data", {})
        subject = [
            AuditEntry(record_type=values.get("record_type"), record_id=values.get("record_id"))
        ]
        is_one = bool(values.get("record_type") and values.get("record_id"))
        return super().get_context_data(
            lines=lines_of(self.object_list, self.request.user),
            subject=lines_of(subject, self.request.user)[0] if is_one else None,
            **kwargs,
        )


class Echo:
    """A file that gives back what is written into it."""

    def write(self, text: str) -> str:
        return text


class AuditExport(Door):
    """The filtered log as CSV, streamed; the export is an entry itself, written first."""

    policy = right("view_audit")
    deed = Deed.EXPORT
    model = AuditEntry

    def get(self, request: HttpRequest) -> HttpResponse:
        entries = AuditEntry.objects.select_related("user", "acting_as").order_by("-at", "-id")
        found = AuditFilter(request.GET, queryset=entries, request=request).qs
        newest = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first()
        rows = found.filter(id__lte=newest or 0)
        name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            _csv(rows, request.user, translation.get_language(), timezone.get_current_timezone()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _csv(rows: QuerySet, viewer: Any, language: str, zone: Any) -> Iterator[str]:
    """Semicolons and a byte-order mark, as spreadsheets of this market expect.

    The body is made after the middlewares have ended, so language and zone are set here.
    """
    writer = csv.writer(Echo(), delimiter=";")
    yield "\ufeff"
    with translation.override(language):
        heads = [_("When"), _("Person"), _("What"), _("Record type"), _("Record №")]
        yield writer.writerow([*heads, _("Address"), _("Device")])
    for part in batched(rows.iterator(chunk_size=EXPORTED_AT_ONCE), EXPORTED_AT_ONCE, strict=False):
        with translation.override(language), timezone.override(zone):
            text = "".join(_written(writer, lines_of(part, viewer)))
        yield text


def _written(writer: Any, lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        entry = line.entry
        cells = [
            f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}",
            line.who,
            sentence(line),
            entry.record_type,
            entry.record_id or "",
            entry.address or "",
            entry.device,
        ]
        yield writer.writerow([guarded(str(cell)) for cell in cells])


def guarded(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(MARKS) else cell
