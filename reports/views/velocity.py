"""Pages of the sales velocity and of the deals to push."""

from functools import cached_property
from typing import Any

from django import forms

from reports.asking import Asked
from reports.dimensions import DIMENSIONS, offered
from reports.forms import ReportForm
from reports.periods import Period
from reports.sheets import Report
from reports.velocity.counting import BY
from reports.velocity.push_report import push_report
from reports.velocity.report import velocity_report
from reports.views.pages import ReportPage


class VelocityForm(ReportForm):
    """The dimension by which the velocity is shown, of the present year unless chosen."""

    options = {"by": "manager"}
    usual = "year"

    by = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["by"]
        field.choices = [(name, DIMENSIONS[name].label) for name in offered(BY, self.user)]


class VelocityPage(ReportPage):
    """Open deals, win rate, average sale, cycle, and the money a day they make."""

    name = "velocity"
    form_class = VelocityForm

    def report(self, asked: Asked, form: Any) -> Report:
        return velocity_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["by"]
        found["tabs"] = [
            (label, "?" + self.query(form, by=name), name == chosen)
            for name, label in form.fields["by"].choices
        ]
        return found


class PushForm(ReportForm):
    """Deals of now: no period, no comparison."""

    usual = "all"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "from", "to", "compare"):
            self.fields.pop(name)

    @cached_property
    def asked(self) -> Asked:
        return super().asked.of(period=Period(), before=None)


class PushPage(ReportPage):
    """Open deals that stand longer than won ones did, to act on."""

    name = "push"
    form_class = PushForm

    def report(self, asked: Asked, form: Any) -> Report:
        return push_report(asked)

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []

    def query(self, form: Any, **more: Any) -> str:
        return super().query(form, **more).removeprefix("period=all&").removeprefix("period=all")
