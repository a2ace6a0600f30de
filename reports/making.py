"""A report made from its name and parameters, outside its page: tiles, letters, long runs.

Rights are asked here as its page asks them, of the person for whom it is counted.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import get_resolver, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from records.access import require_shown
from records.views import admit
from reports.closed import why_closed
from reports.periods import PRESETS
from reports.sheets import Report
from reports.views.menu import GROUPS
from reports.views.pages import ReportPage

APART = {
    "compare": gettext_lazy("Whose funnel is better?"),
    "manager": gettext_lazy("One manager"),
}
"""Questions of reports that are not in the menu."""
DAYS = ("period", "from", "to", "file")


@cache
def pages() -> dict[str, type[ReportPage]]:
    """Every routed report by its name: what can be pinned, sent and counted in the worker."""
    patterns = get_resolver("reports.urls").url_patterns
    views: list[Any] = [getattr(each.callback, "view_class", object) for each in patterns]
    return {view.name: view for view in views if issubclass(view, ReportPage)}


@dataclass(slots=True)
class Made:
    """A report with the form it was asked by; `report` is None when nothing can be asked."""

    page: ReportPage
    form: Any
    report: Report | None

    def file(self, kind: str) -> tuple[bytes, str, str]:
        """Content, MIME type and name of the report as a file."""
        assert self.report is not None
        return self.page.file(self.report, self.form, kind)

    @property
    def url(self) -> str:
        """The page of the report with the same parameters."""
        return f"{reverse(f'reports:{self.page.name}')}?{self.page.query(self.form)}"


def why_not(name: str, user: Any) -> str:
    """Why the report is closed to the person, in words; empty when it is open."""
    try:
        allow(name, user)
    except PermissionDenied as error:
        return str(error)
    return ""


def allow(name: str, user: Any) -> None:
    """Raise PermissionDenied when the page of the report would refuse the person."""
    page = pages()[name]
    admit(user, page.policy)
    reason = why_closed(user)
    if reason:
        raise PermissionDenied(reason)
    for kind, field in page.needs:
        require_shown(user, kind, field)


def made(name: str, query: str, user: Any, period: str = "") -> Made:
    """The report of the person; `period` is a preset put in the place of its own days.

    Raises PermissionDenied.
    """
    allow(name, user)
    page = pages()[name]()
    given = QueryDict(query).copy()
    if period in PRESETS:
        for day in DAYS:
            given.pop(day, None)
        given["period"] = period
    form = page.form_class(given, user=user)
    return Made(page, form, page.report(form.asked, form))


def question_of(name: str) -> Promise | str:
    """The question the report answers."""
    questions = {url: question for _group, lines in GROUPS for url, _icon, question, _text in lines}
    found: Promise | str = questions.get(f"reports:{name}") or APART.get(name) or name
    return found
