"""The page of one day, and the acts behind its numbers."""

from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from accounts.models import User
from activities.parents import attach_sights
from deals.filters import KeyField
from records.policy import right
from reports.asking import Asked
from reports.days.counting import COUNTED, acts_behind
from reports.days.report import day_report, hour_name
from reports.forms import ReportForm, day_field
from reports.periods import Period
from reports.sheets import Report
from reports.views.funnel import ROWS
from reports.views.pages import ReportPage, SumsPage

TITLES = {
    "": gettext_lazy("Everything done"),
    "calls": gettext_lazy("Calls"),
    "connected": gettext_lazy("Connected calls"),
    "meetings": gettext_lazy("Meetings"),
    "emails": gettext_lazy("Letters"),
    "tasks": gettext_lazy("Tasks"),
    "notes": gettext_lazy("Notes"),
    "moved": gettext_lazy("Moves of deals"),
    "won": pgettext_lazy("deals", "Won deals"),
    "lost": pgettext_lazy("deals", "Lost deals"),
}


class DayForm(ReportForm):
    """One day in place of the period; today unless chosen."""

    field_order = ["on", "pipeline", "department", "owner", "source"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "from", "to", "compare"):
            self.fields.pop(name)
        self.fields["on"] = day_field(_("Day"))
        self.order_fields(self.field_order)

    @property
    def day(self) -> date:
        """The chosen day."""
        return self.valid.get("on") or self.today

    @cached_property
    def span(self) -> Period:
        return Period(self.day, self.day)

    @cached_property
    def asked(self) -> Asked:
        return super().asked.of(before=None)


class DayPage(ReportPage):
    """What was done on a day by hour and person."""

    name = "day"
    form_class = DayForm

    def report(self, asked: Asked, form: Any) -> Report:
        return day_report(asked)

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        """Today, yesterday, and the days beside the chosen one."""
        kept = {name: value for name, value in form.kept.items() if name != "on"}
        step, today, day = timedelta(days=1), form.today, form.day
        days = [(_("Today"), today), (_("Yesterday"), today - step)]
        days += [("←", day - step), ("→", day + step)] if date.min < day < date.max else []
        return [
            (label, f"?{urlencode({'on': found, **kept})}", found == day and label not in "←→")
            for label, found in days
        ]

    def query(self, form: Any, **more: Any) -> str:
        """The choices in effect; without a day the report stays one of today."""
        return urlencode({**{name: v for name, v in form.kept.items() if v}, **more})

    def shown_values(self, form: Any) -> dict[str, Any]:
        return {**form.kept, "on": form.day}


class ActsForm(DayForm):
    """The filter of the report and what one number counts."""

    what = forms.ChoiceField(choices=[(name, name) for name in COUNTED], required=False)
    hour = forms.IntegerField(min_value=0, max_value=23, required=False)
    who = forms.CharField(max_length=18, required=False)

    def clean_who(self) -> Any:
        """A person, `nobody`, or everybody."""
        text = self.cleaned_data["who"]
        if text in ("", "nobody"):
            return text
        return KeyField(queryset=User.objects.all()).clean(text)

    def acts(self) -> tuple[Any, Any]:
        """Activities and moves. Raises Http404 for a number that is not there."""
        values = self.valid
        if {"what", "hour", "who"} & set(self.errors):
            raise Http404
        who = values["who"]
        return acts_behind(
            self.asked,
            values["what"],
            values["hour"],
            who.pk if isinstance(who, User) else None,
            is_nobody=who == "nobody",
        )


class DayActs(SumsPage, TemplateView):
    """Exactly the activities and moves that the report counts."""

    policy = right("view_reports")
    template_name = "reports/day_acts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ActsForm(self.request.GET, user=self.request.user)
        work, moves = form.acts()
        keys = [("work", pk, at) for pk, at in work.values_list("pk", "done_at")]
        keys += [("move", pk, at) for pk, at in moves.values_list("pk", "at")]
        keys.sort(key=lambda key: (key[2], key[0], key[1]))
        page = Paginator(keys, ROWS).get_page(self.request.GET.get("page"))
        values = form.valid
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            title=TITLES[values["what"]],
            day=form.day,
            hour=hour_name(values["hour"]) if values["hour"] is not None else "",
            page_obj=page,
            count=page.paginator.count,
            rows=shown_acts(list(page.object_list), work, moves, self.request.user),
            query=query.urlencode(),
            **kwargs,
        )


def shown_acts(keys: list[Any], work: Any, moves: Any, user: Any) -> list[Any]:
    """The rows of the keys in their order; the table needs to know which are moves."""
    found = {
        kind: rows.filter(pk__in=[pk for name, pk, _at in keys if name == kind])
        for kind, rows in (("work", work), ("move", moves))
    }
    acts = list(found["work"].select_related("owner"))
    attach_sights(acts, user)
    moved = found["move"].select_related("by", "deal", "from_stage", "to_stage")
    known = {("work", row.pk): row for row in acts} | {("move", row.pk): row for row in moved}
    named = attrgetter("kind")
    return [
        {"row": row, "is_move": name == "move", "at": at, "kind": named(row)}
        for name, pk, at in keys
        if (row := known.get((name, pk)))
    ]
