"""The front page of reports."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from records.policy import right
from reports.views.menu import GROUPS
from reports.views.pages import SumsPage


class ReportsIndex(SumsPage, TemplateView):
    """Every report by the question it answers."""

    policy = right("view_reports")
    template_name = "reports/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = [
            (title, [(reverse(name), *rest) for name, *rest in lines]) for title, lines in GROUPS
        ]
        return super().get_context_data(groups=groups, **kwargs)
