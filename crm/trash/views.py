"""Pages of the trash: by type, newest first; bring back, remove for good."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from crm.kinds import ICONS, RECORDS
from crm.trash import services
from records.keyset import Keyset
from records.models import Deed
from records.policy import PERSON, right
from records.rights import RECORD_TYPES
from records.views import Door, Fragments, go_to

PAGE_SIZE = 50
COUNTED = 1000


def model_of(kind: str) -> Any:
    """The model of a record type; Http404 for another word."""
    if kind not in RECORDS:
        raise Http404
    return RECORDS[kind]


class Trash(Fragments, Door, TemplateView):
    """What the person could delete and so may bring back, one type at a time."""

    policy = PERSON
    template_name = "trash/trash.html"
    fragment = "rows"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        kinds = [kind for kind in RECORDS if user.grant(kind, "delete")]
        counts = {kind: self._count(kind) for kind in kinds}
        asked = self.request.GET.get("kind", "")
        full = [kind for kind in kinds if counts[kind]]
        kind = asked if asked in kinds else next(iter(full or kinds), "")
        lines, next_after = self._lines(kind) if kind else ([], "")
        return super().get_context_data(
            lines=lines,
            kind=kind,
            icon=ICONS.get(kind, "trash"),
            tabs=[(name, RECORD_TYPES[name], counts[name]) for name in kinds],
            next_after=next_after,
            days=settings.TRASH_DAYS,
            can_purge=user.has_right("administer"),
            **kwargs,
        )

    def _count(self, kind: str) -> int:
        rows = RECORDS[kind].objects.in_trash(self.request.user)
        return rows.order_by()[:COUNTED].values("pk").count()

    def _lines(self, kind: str) -> tuple[list[tuple[Any, Any, Any]], str]:
        """(record, who deleted it, the day it leaves) of one page, and the next page's token."""
        rows, next_after = Keyset(("-deleted_at", "-id"), PAGE_SIZE).page(
            RECORDS[kind].objects.in_trash(self.request.user), self.request.GET.get("after", "")
        )
        deleted, span = services.deletions(rows), timedelta(days=settings.TRASH_DAYS)
        return [(row, deleted.get(row.pk), row.deleted_at + span) for row in rows], next_after


class Restore(Door):
    """Back to its place; the second click of a double click opens the record."""

    policy = PERSON
    deed = Deed.RESTORE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        model, user = model_of(kind), request.user
        with transaction.atomic():
            rows = model.objects.in_trash(user).select_for_update(of=("self",))
            found = rows.filter(pk=pk).first()
            if found is None:
                return self._open(model, pk)
            taken = services.taken_keys(found, user)
            if taken and "confirmed" not in request.POST:
                self.deed = ""
                context = {"record": found, "kind": kind, "duplicates": taken}
                return render(request, "trash/taken.html", context, status=422)
            services.restore(record=found, by=user, now=timezone.now())
        messages.success(request, _("“%(record)s” is back.") % {"record": found})
        return self._open(model, pk)

    def _open(self, model: Any, pk: int) -> HttpResponse:
        """The card; of a record out of sight, 404."""
        found = model.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise Http404
        return go_to(self.request, found.get_absolute_url())


class Purge(Fragments, Door):
    """Asks, then removes one record with its history for good."""

    policy = right("administer")
    deed = Deed.PURGE
    template_name = "trash/purge.html"

    def find(self, kind: str, pk: int, *, lock: bool = False) -> Any:
        """The deleted row; Http404 otherwise."""
        rows = model_of(kind).objects.in_trash(self.request.user)
        if lock:
            rows = rows.select_for_update(of=("self",))
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        self.deed = ""
        context = {"record": self.find(kind, pk), "kind": kind}
        part = "#form" if request.htmx else ""
        return render(request, f"{self.template_name}{part}", context)

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        try:
            with transaction.atomic():
                record = self.find(kind, pk, lock=True)
                name = str(record)
                services.purge(record)
        except services.StillUsed:
            self.deed = ""
            text = _("“%(record)s” stays: other records point at it.") % {"record": name}
            messages.error(request, text)
        else:
            messages.success(request, _("“%(record)s” is removed for good.") % {"record": name})
        return go_to(request, f"{reverse('trash:list')}?kind={kind}")
