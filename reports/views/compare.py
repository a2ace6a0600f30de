"""The page of two funnels side by side."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from deals.filters import KeyField
from deals.models import Deal, Pipeline
from reports.asking import Asked
from reports.forms import departments_seen, people_seen
from reports.funnel.beside_report import beside_report
from reports.sheets import Report
from reports.views.funnel import FunnelForm, lens_tabs
from reports.views.pages import ReportPage

SIDES = (
    "owner",
    "department",
    "source",
    "other_pipeline",
    "other_owner",
    "other_department",
    "other_source",
)


class CompareForm(FunnelForm):
    """The filter of the first side, and of the second one where it differs."""

    usual = "year"

    other_pipeline = KeyField(
        queryset=Pipeline.objects.all(),
        label=_("Second: pipeline"),
        required=False,
        empty_label=_("the same"),
    )
    other_department = KeyField(
        queryset=Department.objects.none(),
        label=_("Second: department"),
        required=False,
        empty_label=_("All departments"),
    )
    other_owner = KeyField(
        queryset=User.objects.none(),
        label=_("Second: owner"),
        required=False,
        empty_label=_("Everybody"),
    )
    other_source = forms.ChoiceField(required=False, label=_("Second: source"))

    def __init__(self, data: Any, *, user: Any, **kwargs: Any) -> None:
        super().__init__(with_people(data, user), user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        del fields["compare"]
        fields["other_owner"].queryset = people_seen(self.user)
        fields["other_department"].queryset = departments_seen(self.user)
        if "source" in fields:
            fields["other_source"].choices = fields["source"].choices
        else:
            del fields["other_source"]

    @cached_property
    def other(self) -> Asked:
        """The second side: the same days, its own filter, the first pipeline unless named."""
        values, first = self.valid, self.asked
        return first.of(
            pipeline=values.get("other_pipeline") or first.pipeline,
            department=values.get("other_department"),
            owner=values.get("other_owner"),
            source=values.get("other_source") or "",
        )


def with_people(data: Any, user: Any) -> dict[str, Any]:
    """What is asked; with no side chosen at all, the two people with the most deals."""
    given = {name: data.get(name) for name in data}
    if any(name in given for name in SIDES):
        return given
    deals = Deal.objects.visible_to(user).order_by().filter(owner__in=people_seen(user).order_by())
    counted = deals.values("owner").annotate(count=Count("pk")).order_by("-count", "owner")[:2]
    owners = [row["owner"] for row in counted]
    return {**given, **dict(zip(("owner", "other_owner"), owners, strict=False))}


class ComparePage(ReportPage):
    """Whose funnel is better: two pipelines, managers, departments or sources."""

    name = "compare"
    form_class = CompareForm

    def report(self, asked: Asked, form: Any) -> Report | None:
        return beside_report(asked, form.other) if asked.pipeline else None

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        found["tabs"] = lens_tabs(form, self, "")
        return found
