"""The page of one manager."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from reports.asking import Asked
from reports.forms import ReportForm
from reports.periods import Period
from reports.sheets import Report
from reports.trend.report import manager_report
from reports.views.pages import ReportPage


class ManagerForm(ReportForm):
    """A person; the viewer himself unless another one is chosen. The months are the last twelve."""

    field_order = ["owner", "pipeline", "source"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "from", "to", "compare", "department"):
            self.fields.pop(name)
        owner: Any = self.fields["owner"]
        owner.empty_label = None
        owner.initial = self.user.pk

    @cached_property
    def asked(self) -> Asked:
        asked = super().asked
        return asked.of(period=Period(), before=None, owner=asked.owner or self.user)


class ManagerPage(ReportPage):
    """Twelve months of one person beside the median of the department, plan and fact."""

    name = "manager"
    form_class = ManagerForm

    def report(self, asked: Asked, form: Any) -> Report | None:
        return manager_report(asked)

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []

    def query(self, form: Any, **more: Any) -> str:
        return urlencode({**form.kept, **more})

    def shown_values(self, form: Any) -> dict[str, Any]:
        return {**form.kept, "owner": form.asked.owner.pk}
