"""The page of the plan and the form that sets one."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals.filters import KeyField
from records.forms import MoneyField
from records.policy import right
from records.views import RecordFormView, go_to
from reports.addresses import query_of
from reports.asking import Asked
from reports.forms import ReportForm, day_field, departments_seen, people_seen
from reports.models import Plan, PlanPeriod
from reports.plan_report import plan_report
from reports.plans import plan_days, sees_company, set_plan
from reports.sheets import Report
from reports.views.pages import ReportPage, SumsPage

MOST_PEOPLE = 200


class PlanForm(ReportForm):
    """A month or a quarter by a day in it."""

    options = {"kind": PlanPeriod.MONTH.value}

    kind = forms.ChoiceField(choices=PlanPeriod.choices, required=False, label=_("Period"))
    day = day_field(_("A day in it"))

    field_order = ["kind", "day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unused = ("period", "from", "to", "compare", "pipeline", "department", "owner", "source")
        for name in unused:
            self.fields.pop(name, None)

    @cached_property
    def asked(self) -> Asked:
        kind = self.valid.get("kind") or PlanPeriod.MONTH.value
        days = plan_days(kind, self.valid.get("day") or self.today)
        return super().asked.of(period=days, before=None)


class PlanPage(ReportPage):
    """Plan and fact of everybody whose deals the person may see."""

    name = "plan"
    form_class = PlanForm

    def report(self, asked: Asked, form: Any) -> Report:
        user = asked.user
        people = people_seen(user).filter(is_active=True)[:MOST_PEOPLE]
        departments = departments_seen(user).filter(is_active=True)[:MOST_PEOPLE]
        return plan_report(
            asked,
            asked.options["kind"],
            list(people),
            list(departments),
            company=sees_company(user),
        )

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []


class SetPlanForm(forms.Form):
    """The plan of one holder; neither person nor department is the company."""

    owner = KeyField(queryset=None, required=False, widget=forms.HiddenInput, label=_("Manager"))
    department = KeyField(
        queryset=None, required=False, widget=forms.HiddenInput, label=_("Department")
    )
    period = forms.ChoiceField(choices=PlanPeriod.choices, label=_("Period"))
    day = day_field(_("A day in it"))
    amount = MoneyField(label=_("Sum"))
    count = forms.IntegerField(label=_("Number of deals"), min_value=0, max_value=1_000_000)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = people_seen(user)
        fields["department"].queryset = departments_seen(user)
        fields["day"].required = True
        self.user = user

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        owner, department = values.get("owner"), values.get("department")
        if owner and department:
            raise forms.ValidationError(_("A plan is of a person or of a department, not of both."))
        if not owner and not department and not sees_company(self.user):
            raise forms.ValidationError(_("Only who sees every deal sets the plan of the company."))
        return values


class SetPlan(SumsPage, RecordFormView):
    """Writes a plan; the same post again writes the same."""

    policy = right("view_reports")
    form_class = SetPlanForm
    title = _("Set the plan")

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        found = {name: given.get(name, "") for name in ("owner", "department", "period", "day")}
        form = SetPlanForm({**found, "amount": "0", "count": "0"}, user=self.request.user)
        form.is_valid()
        values = form.cleaned_data
        period = values.get("period") or PlanPeriod.MONTH.value
        day = values.get("day") or timezone.localdate()
        plan = Plan.objects.filter(
            period=period,
            first=plan_days(period, day).first,
            owner=values.get("owner"),
            department=values.get("department"),
        ).first()
        return {
            "owner": values.get("owner"),
            "department": values.get("department"),
            "period": period,
            "day": day,
            "amount": plan.amount if plan else 0,
            "count": plan.count if plan else 0,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:plan"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        plan = set_plan(**values, by=self.request.user, now=timezone.now())
        query = query_of({"kind": plan.period, "day": plan.first})
        return go_to(self.request, f"{reverse('reports:plan')}?{query}")
