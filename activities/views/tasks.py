"""The list of tasks: overdue, today, upcoming, done."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.filters import ActivityFilter
from activities.models import Activity
from activities.moments import day_start
from activities.parents import attach_sights, mark_changeable
from records.policy import record
from records.views import RecordList

TABS = {
    "overdue": _("Overdue"),
    "today": _("Today"),
    "upcoming": _("Upcoming"),
    "done": _("Done"),
}
KEPT = ("done_from", "done_to", "late", "result", "connected")
COUNTED = 10_000


class ActivityList(RecordList):
    """One's own by default; `owner=` (empty) shows everybody whom the person may see."""

    model = Activity
    policy = record("activity", "view")
    template_name = "activities/activity_list.html"
    filterset_class = ActivityFilter

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()
        done_only = request.GET.get("done_from") or request.GET.get("done_to")
        tab = request.GET.get("tab", "done" if done_only else "today")
        self.tab = tab if tab in TABS else "today"
        self.sorts = {
            "new": ("-done_at", "-id") if self.tab == "done" else ("due_at", "id"),
        }

    def filtered(self) -> QuerySet:
        data = self.request.GET.copy()
        if "owner" not in data:
            data["owner"] = str(self.request.user.pk)
        self.filter = ActivityFilter(data, queryset=self.get_queryset(), request=self.request)
        self.found = self.filter.qs
        return self.found.filter(self._of_tab(self.tab))

    def _of_tab(self, tab: str) -> Q:
        """By the person's days; what is late since this morning stands in today."""
        if tab == "done":
            return Q(done_at__isnull=False)
        zone = timezone.get_current_timezone()
        today = timezone.localdate(self.now)
        tomorrow = day_start(today + timedelta(days=1), zone)
        spans = {
            "overdue": Q(due_at__lt=day_start(today, zone)),
            "today": Q(due_at__gte=day_start(today, zone), due_at__lt=tomorrow),
            "upcoming": Q(due_at__gte=tomorrow),
        }
        return Q(done_at__isnull=True, due_at__isnull=False) & spans[tab]

    def totals(self, rows: QuerySet) -> dict[str, Any]:
        """Counts of the planned tabs in one query; of the done only when it is open, capped."""
        planned = self.found.planned()
        counts = planned.aggregate(
            **{tab: Count("pk", filter=self._of_tab(tab)) for tab in TABS if tab != "done"}
        )
        if self.tab == "done":
            counts["done"] = rows.order_by()[: COUNTED + 1].count()
        return counts

    def decorate(self, rows: QuerySet) -> QuerySet:
        return rows.select_related("owner")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = kwargs.get("totals", {})
        user: Any = self.request.user
        attach_sights(self.object_list, user)
        mark_changeable(self.object_list, user)
        rest = self.request.GET.copy()
        for name in ("tab", "after"):
            rest.pop(name, None)
        tabs = [(tab, label, counts.get(tab), tab == self.tab) for tab, label in TABS.items()]
        return super().get_context_data(
            tab=self.tab,
            tab_is_long=self.tab != "today",
            tabs=tabs,
            rest=rest.urlencode(),
            keep=[(name, rest[name]) for name in KEPT if rest.get(name)],
            now=self.now,
            capped=COUNTED,
            **kwargs,
        )
