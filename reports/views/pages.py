"""What the pages of reports share: the door, the form, the files, the kept templates."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.generic import TemplateView
from psycopg.errors import QueryCanceled

from accounts.models import User
from catalog.services import base_code
from records.policy import right
from records.views import Door, admit
from reports.asking import Asked
from reports.closed import why_closed
from reports.exports import as_csv, as_pdf, as_xlsx
from reports.forms import ReportForm
from reports.models import SavedReport
from reports.periods import PRESETS
from reports.sheets import Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = ("xlsx", "csv", "pdf")


class SumsPage(Door):
    """A report is made of the amounts of deals: closed to whoever may not see them."""

    policy = right("view_reports")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        admit(request.user, self.policy)
        reason = why_closed(request.user)
        if reason:
            raise PermissionDenied(reason)
        return super().dispatch(request, *args, **kwargs)


class ReportPage(SumsPage, TemplateView):
    """A report: a form read from the address, an answer, a picture, tables, the same as a file."""

    policy = right("view_reports")
    template_name = "reports/report.html"
    form_class: type[ReportForm] = ReportForm
    name = ""
    needs: tuple[tuple[str, str], ...] = ()
    """Fields, as (record type, field), without which the report is closed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.GET, user=request.user)
        try:
            report = self.report(form.asked, form)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            context = {"name": self.name, "query": self.query(form)}
            return render(request, "reports/too_long.html", context, status=503)
        kind = request.GET.get("file", "")
        if kind in FILES and report is not None and not report.empty:
            return self._file(report, form, kind)
        return self.render_to_response(self.context(form, report))

    def report(self, asked: Asked, form: Any) -> Report | None:
        """The report, or None when there is nothing to ask about."""
        raise NotImplementedError

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        """Everything the page shows."""
        shown = self.form_class(self.shown_values(form), user=self.request.user)
        user: Any = self.request.user
        return self.get_context_data(
            name=self.name,
            form=shown,
            errors=form.errors,
            presets=self.presets(form),
            period=form.span,
            base=base_code(),
            report=report,
            files=[(kind, self.query(form, file=kind)) for kind in FILES],
            query=self.query(form),
            saved=list(SavedReport.objects.seen_by(user).filter(report=self.name)[:20]),
            **(report.context if report else {}),
        )

    def query(self, form: Any, **more: Any) -> str:
        """The parameters in effect; a preset stays a preset, so that it moves with the days."""
        kept = {name: value for name, value in form.kept.items() if value}
        days = {"period": form.preset} if form.preset else _days(form)
        return urlencode({**days, **kept, **more})

    def shown_values(self, form: Any) -> dict[str, Any]:
        """What the form shows: the days and choices in effect."""
        return {**form.kept, "from": form.span.first, "to": form.span.last}

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        """Label, address and whether chosen, of each ready-made period."""
        return [
            (label, f"?{urlencode({'period': name, **form.kept})}", name == form.preset)
            for name, label in PRESETS.items()
        ]

    def _file(self, report: Report, form: Any, kind: str) -> HttpResponse:
        content, mime, name = self.file(report, form, kind)
        return HttpResponse(
            content,
            content_type=mime,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def file(self, report: Report, form: Any, kind: str) -> tuple[bytes, str, str]:
        """Content, MIME type and name of the report as a file of the kind."""
        if kind == "xlsx":
            content, mime = as_xlsx(report), XLSX
        elif kind == "csv":
            content, mime = as_csv(report.sheets[0]), "text/csv; charset=utf-8"
        else:
            content, mime = as_pdf(report, self.paper(form, report)), "application/pdf"
        return content, mime, f"{slugify(self.name)}-{timezone.localdate():%Y-%m-%d}.{kind}"

    def paper(self, form: Any, report: Report) -> dict[str, Any]:
        """What the printed page adds: the filter in words, who made it and when."""
        return {
            **report.context,
            "period": form.span,
            "chosen": filter_words(form),
            "person": form.user,
            "now": timezone.now(),
            "base": base_code(),
        }


def _days(form: Any) -> dict[str, Any]:
    """Both sides, an open one empty."""
    return {"from": form.span.first or "", "to": form.span.last or ""}


def filter_words(form: Any) -> list[tuple[str, str]]:
    """Label and value of every choice in effect."""
    values = form.valid
    return [
        (str(field.label), _word(field, values[name]))
        for name, field in form.fields.items()
        if name not in ("period", "from", "to") and values.get(name)
    ]


def _word(field: Any, value: Any) -> str:
    if isinstance(value, User):
        return value.full_name or value.email
    choices = dict(getattr(field, "choices", ()) or ()) if isinstance(value, str) else {}
    return str(choices.get(value, value))
