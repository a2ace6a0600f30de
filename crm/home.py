"""My day: what is late, today and tomorrow; new leads; deals that need a step."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.querysets import people_reached
from accounts.services import workplace
from activities.models import Activity
from activities.moments import day_start
from activities.parents import attach_sights, mark_changeable
from crm.setup.steps import first_steps
from deals.models import Deal
from leads.models import Lead, LeadStatus
from records.policy import PERSON
from records.querysets import effective_grant
from records.rights import Scope
from records.views import Door, go_to

GROUP = 30
SIDE = 6
PEOPLE = 100
ANSWER_WITHIN = timedelta(minutes=15)


class Days(Func):
    """A whole number of days as an interval of PostgreSQL."""

    template = "make_interval(days => %(expressions)s)"
    output_field = DurationField()


class MyDay(Door):
    """One's own day; `?person=` shows the day of somebody whose activities one may see."""

    policy = PERSON

    def get(self, request: HttpRequest) -> HttpResponse:
        if workplace().awaits_setup and request.user.has_right("administer"):
            return go_to(request, reverse("setup"))
        person, people = self._person()
        htmx: Any = getattr(request, "htmx", None)
        now = timezone.now()
        context = {
            "person": person,
            "people": people,
            "is_mine": person.pk == request.user.pk,
            "now": now,
            "groups": self._groups(person, now),
            "steps": first_steps(request.user) if person.pk == request.user.pk else [],
            **self._sides(person, now),
        }
        is_part = htmx and htmx.target == "day"
        return render(request, "home.html#day" if is_part else "home.html", context)

    def _person(self) -> tuple[Any, list[User]]:
        """Whose day it is and whom the switch offers; Http404 for anybody else."""
        user: Any = self.request.user
        people: list[User] = []
        if effective_grant(user, "activity", "view").scope >= Scope.DEPARTMENT:
            found = (
                people_reached(user, "activity", "view").filter(is_active=True).exclude(pk=user.pk)
            )
            people = list(found.order_by("last_name", "first_name", "pk")[:PEOPLE])
        wanted = self.request.GET.get("person", "")
        if not wanted or wanted == str(user.pk):
            return user, people
        for person in people:
            if str(person.pk) == wanted:
                return person, people
        raise Http404

    def _groups(self, person: User, now: datetime) -> list[dict[str, Any]]:
        """Three groups of at most 30 rows with their full counts, in one query."""
        user: Any = self.request.user
        zone = timezone.get_current_timezone()
        today = timezone.localdate(now)
        starts = [day_start(today + timedelta(days=days), zone) for days in range(3)]
        bucket = Case(
            When(due_at__lt=starts[0], then=Value("overdue")),
            When(due_at__lt=starts[1], then=Value("today")),
            default=Value("tomorrow"),
            output_field=CharField(),
        )
        rows = list(
            Activity.objects.visible_to(user)
            .planned()
            .filter(owner=person, due_at__lt=starts[2])
            .annotate(bucket=bucket)
            .annotate(
                place_in_group=Window(
                    RowNumber(), partition_by=[F("bucket")], order_by=[F("due_at"), F("pk")]
                ),
                group_size=Window(Count("pk"), partition_by=[F("bucket")]),
            )
            .filter(place_in_group__lte=GROUP)
            .order_by("due_at", "pk")
        )
        attach_sights(rows, user)
        mark_changeable(rows, user)
        return [_group(name, rows) for name in ("overdue", "today", "tomorrow")]

    def _sides(self, person: User, now: datetime) -> dict[str, Any]:
        """The right column; each list is short and carries its full count."""
        user: Any = self.request.user
        leads = (
            Lead.objects.visible_to(user)
            .filter(owner=person, status=LeadStatus.NEW)
            .annotate(waits_since=Coalesce("assigned_at", "created_at"))
            .select_related("source")
            .order_by("waits_since", "pk")
        )
        for_person = (
            Deal.objects.visible_to(user)
            .open()
            .filter(owner=person)
            .select_related("stage", "company", "contact", "currency")
        )
        return {
            "answer_by": now - ANSWER_WITHIN,
            "answer_minutes": ANSWER_WITHIN.seconds // 60,
            "new_leads": _counted(leads),
            "no_step": _counted(without_step(for_person).order_by("-amount_base", "-pk")),
            "stuck": _counted(stuck(for_person, now).order_by("stage_entered_at", "pk")),
        }


def without_step(deals: QuerySet) -> QuerySet:
    """Deals with nothing planned."""
    planned = Activity.objects.alive().planned().filter(deal=OuterRef("pk"))
    return deals.filter(~Exists(planned))


def stuck(deals: QuerySet, now: datetime) -> QuerySet:
    """Deals that stand in their stage longer than it allows, with the limit of the stage."""
    since = ExpressionWrapper(
        Value(now, output_field=DateTimeField()) - Days("stage__rot_days"),
        output_field=DateTimeField(),
    )
    return deals.filter(stage__rot_days__isnull=False, stage_entered_at__lt=since)


def _group(name: str, rows: list[Any]) -> dict[str, Any]:
    own = [row for row in rows if row.bucket == name]
    size = own[0].group_size if own else 0
    return {"name": name, "rows": own, "count": size, "more": size - len(own)}


def _counted(rows: QuerySet) -> dict[str, Any]:
    """The first rows and how many there are, in one query."""
    found = list(rows.annotate(list_size=Window(Count("pk")))[:SIDE])
    size = found[0].list_size if found else 0
    return {"rows": found, "count": size, "more": size - len(found)}
