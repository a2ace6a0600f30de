"""The page of lost deals."""

from typing import Any

from django import forms

from reports.asking import Asked
from reports.dimensions import DIMENSIONS, offered
from reports.forms import ReportForm
from reports.losses.counting import BY
from reports.losses.report import losses_report
from reports.sheets import Report
from reports.views.pages import ReportPage


class LossesForm(ReportForm):
    """The dimension by which the lost deals are shown."""

    options = {"by": "reason"}

    by = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["by"]
        field.choices = [(name, DIMENSIONS[name].label) for name in offered(BY, self.user)]


class LossesPage(ReportPage):
    """Why deals are lost: by reason, stage, manager, source, and by month."""

    name = "losses"
    form_class = LossesForm

    def report(self, asked: Asked, form: Any) -> Report:
        return losses_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["by"]
        found["tabs"] = [
            (label, "?" + self.query(form, by=name), name == chosen)
            for name, label in form.fields["by"].choices
        ]
        return found
