"""What the pages of reports share: the door, the form, addresses of the lists behind numbers."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import TemplateView

from catalog.services import base_code
from records.access import require_shown
from records.policy import right
from records.views import Door, admit
from reports.periods import PRESETS, PeriodForm


class SumsPage(Door):
    """A report that is nothing without the amounts of deals."""

    policy = right("view_reports")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        admit(request.user, self.policy)
        require_shown(request.user, "deal", "amount")
        return super().dispatch(request, *args, **kwargs)


class ReportPage(Door, TemplateView):
    """A report: a form read from the address, an answer, a picture and the same as a table."""

    policy = right("view_reports")
    form_class = PeriodForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form_class(self.request.GET, user=self.request.user)
        found = self.report(form)
        shown = self.form_class(self.shown_values(form), user=self.request.user)
        return super().get_context_data(
            form=shown,
            errors=form.errors,
            presets=self.presets(form),
            period=form.span,
            base=base_code(),
            **found,
            **kwargs,
        )

    def report(self, form: Any) -> dict[str, Any]:
        """The context of this report."""
        raise NotImplementedError

    def shown_values(self, form: Any) -> dict[str, Any]:
        """What the form shows: the days and choices in effect."""
        values = {name: value for name, value in form.valid.items() if name in form.fields}
        values |= {"from": form.span.first, "to": form.span.last}
        values.pop("period", None)
        return {name: getattr(value, "pk", value) for name, value in values.items() if value}

    def presets(self, form: PeriodForm) -> list[tuple[Any, str, bool]]:
        """Label, address and whether chosen, of each ready-made period."""
        kept = {name: value for name, value in self.shown_values(form).items()}
        kept = {name: value for name, value in kept.items() if name not in ("from", "to")}
        return [
            (label, f"?{urlencode({'period': name, **kept})}", name == form.preset)
            for name, label in PRESETS.items()
        ]


def list_url(**params: Any) -> str:
    """The list of deals narrowed by the parameters that have a value."""
    return f"{reverse('deals:list')}?{_query(params)}"


def tasks_url(*, owner: int | None, **params: Any) -> str:
    """The list of done activities; an empty `owner` asks it for everybody's, not one's own."""
    query = _query({"tab": "done", **params})
    return f"{reverse('activities:list')}?{query}&owner={owner or ''}"


def _query(params: dict[str, Any]) -> str:
    return urlencode({name: value for name, value in params.items() if value not in (None, "")})
