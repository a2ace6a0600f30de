"""The history of a record: who changed which field, when and by what; one value back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.history.parts import TITLES, changes_of_all_parts
from crm.history.restoring import EDITS, Edit, NotRestored
from crm.kinds import RECORDS, SETTINGS
from records.access import find_record
from records.changes import readable_changes
from records.history import changes_of, value_before
from records.models import Deed
from records.policy import PERSON
from records.views import Door, go_to

PAGE_SIZE = 50
LARGEST = 2**31 - 1
PAGES = {
    "user": ("accounts:person_edit", True),
    "role": ("accounts:role_edit", True),
    "department": ("accounts:department_edit", True),
    "pipeline": ("deals:pipelines", False),
}
CAUSES = {
    "import": gettext_lazy("import"),
    "task": gettext_lazy("automatic"),
    "demo": gettext_lazy("demo data"),
}


def find(user: Any, kind: str, pk: int, action: str = "view", *, lock: bool = False) -> Any:
    """The row whose history is asked; settings only for holders of their right."""
    if kind in RECORDS:
        return find_record(RECORDS[kind], user, pk, action, lock=lock)
    if kind not in SETTINGS:
        raise Http404
    model, right = SETTINGS[kind]
    if not user.has_right(right):
        raise PermissionDenied(_("Your role does not include this."))
    rows = model._default_manager.all()
    return get_object_or_404(rows.select_for_update(of=("self",)) if lock else rows, pk=pk)


def page_of(kind: str, record: Any) -> str:
    """Where one came from: the card, or the page of a setting."""
    if kind in PAGES:
        name, has_key = PAGES[kind]
        return reverse(name, args=[record.pk] if has_key else [])
    return record.get_absolute_url()


def number(text: str) -> int | None:
    """The key of an event, or None for anything else."""
    is_key = text.isascii() and text.isdigit() and len(text) < 11
    return int(text) if is_key and int(text) <= LARGEST else None


def columns_of(record: Any) -> list[tuple[str, str]]:
    """(column, label) of the fields that people see, for the filter."""
    events = {f.name for f in record.pgh_event_model._meta.local_fields}
    return [
        (field.attname, str(field.verbose_name))
        for field in record._meta.concrete_fields
        if field.name in events and isinstance(field.verbose_name, Promise)
    ]


class RecordHistory(Door):
    """Newest first by key, of all fields or of one."""

    policy = PERSON
    deed = Deed.VIEW

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return self.page(request, kind, find(request.user, kind, pk))

    def page(
        self, request: HttpRequest, kind: str, record: Any, problem: str = "", status: int = 200
    ) -> HttpResponse:
        """The page, with a refusal above it when there is one."""
        hidden = request.user.fields(kind).hidden
        columns = [row for row in columns_of(record) if row[0].removesuffix("_id") not in hidden]
        asked = request.GET.get("field", "")
        column = asked if asked in dict(columns) else ""
        before = number(request.GET.get("after", ""))
        found = changes_of(record, PAGE_SIZE + 1, column=column, before=before)
        shown = found[:PAGE_SIZE]
        moments = readable_changes(record, request.user, changes=shown)
        context = {
            "record": record,
            "kind": kind,
            "back_url": page_of(kind, record),
            "moments": [(moment, CAUSES.get(moment.cause, "")) for moment in moments],
            "next_after": shown[-1].event_id if len(found) > PAGE_SIZE else "",
            "parts": [] if column or before else changes_of_all_parts(record, kind, request.user),
            "parts_title": TITLES.get(kind, _("Phones, e-mails, companies")),
            "columns": columns,
            "column": column,
            "restorable": self._restorable(request, kind, record),
            "problem": problem,
        }
        return render(request, "history/history.html", context, status=status)

    def _restorable(self, request: HttpRequest, kind: str, record: Any) -> set[str]:
        if kind not in EDITS:
            return set()
        if kind in RECORDS:
            rows = RECORDS[kind].objects.permitted(request.user, "change").filter(pk=record.pk)
            if not rows.exists():
                return set()
        return Edit(request, kind, record).names()


class RestoreValue(RecordHistory):
    """The value before one change, saved as an ordinary edit with its own row of history."""

    deed = Deed.CHANGE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        if kind not in EDITS:
            raise Http404
        event = number(request.POST.get("event", ""))
        column = request.POST.get("field", "")
        with transaction.atomic():
            record = find(request.user, kind, pk, "change", lock=True)
            edit = Edit(request, kind, record)
            try:
                if event is None or column not in edit.names():
                    raise LookupError
                value = value_before(record, event, column)
            except LookupError:
                return self._refused(kind, pk, _("There is no such value to bring back."), 422)
            if request.POST.get("version", "") != str(record.version):
                text = _("Somebody changed the record meanwhile. Look again and decide.")
                return self._refused(kind, pk, text, 409)
            try:
                with transaction.atomic():
                    edit.put(column, value)
            except NotRestored as error:
                return self._refused(kind, pk, str(error), 422)
        messages.success(request, _("The old value is back."))
        return go_to(request, reverse("history:record", args=[kind, pk]))

    def _refused(self, kind: str, pk: int, problem: str, status: int) -> HttpResponse:
        record = find(self.request.user, kind, pk)
        return self.page(self.request, kind, record, problem, status)
