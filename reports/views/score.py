"""The page of the lead score."""

from functools import cached_property
from typing import Any

from reports.asking import Asked
from reports.forms import ReportForm
from reports.periods import Period
from reports.score.report import score_report
from reports.sheets import Report
from reports.views.pages import ReportPage


class ScoreForm(ReportForm):
    """Open leads of now, of one person if asked."""

    usual = "all"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "from", "to", "compare", "pipeline", "department", "source"):
            self.fields.pop(name, None)

    @cached_property
    def asked(self) -> Asked:
        return super().asked.of(period=Period(), before=None)


class ScorePage(ReportPage):
    """How good the chances of leads are, and which open leads have the greatest."""

    name = "score"
    form_class = ScoreForm

    def report(self, asked: Asked, form: Any) -> Report:
        return score_report(asked)

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []

    def query(self, form: Any, **more: Any) -> str:
        return super().query(form, **more).removeprefix("period=all&").removeprefix("period=all")
