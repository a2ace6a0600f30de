"""Reports counted in the background: asking for one, its progress, its file."""

import logging
from typing import Any

from celery import current_app
from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError as QueueAway

from records.policy import right
from records.views import Fragments, RecordFormView, go_to
from reports.making import allow, pages, question_of
from reports.running import services
from reports.running.models import Run
from reports.sending.models import FileKind
from reports.views.pages import SumsPage

MOST_ROWS = 50

logger = logging.getLogger(__name__)


class RunForm(forms.Form):
    """Which report, as which file."""

    report = forms.CharField(max_length=20, widget=forms.HiddenInput)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    file = forms.ChoiceField(label=gettext_lazy("File"), choices=FileKind.choices)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean_report(self) -> str:
        name = self.cleaned_data["report"]
        if name not in pages():
            raise forms.ValidationError(_("There is no such report."))
        return name

    def clean_query(self) -> str:
        """Only parameters, written anew: nothing that leads elsewhere can be kept."""
        return QueryDict(self.cleaned_data["query"]).urlencode()


class RunAsk(SumsPage, RecordFormView):
    """In the background: the page need not wait."""

    policy = right("view_reports")
    form_class = RunForm
    title = gettext_lazy("Count in the background")
    submit_label = gettext_lazy("Count in the background")

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        return {
            "report": given.get("report", "managers"),
            "query": given.get("query", "")[:1000],
            "file": FileKind.XLSX,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:runs"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.request.user
        allow(form.cleaned_data["report"], user)
        try:
            run = services.ask_run(by=user, now=timezone.now(), **form.cleaned_data)
        except services.TooManyRuns:
            text = _("Wait: %(most)s reports of yours are being counted.")
            form.add_error(None, text % {"most": services.MOST_OPEN})
            return self.form_invalid(form)
        transaction.on_commit(lambda: wake(run))
        return go_to(self.request, run.get_absolute_url())


def wake(run: Run) -> None:
    """Call a worker at once; while the queue is away the sweep finds the row."""
    try:
        # By its name: the module of the tasks loads numpy, a web worker does not.
        current_app.send_task("reports.tasks.run_report", args=[run.pk], retry=False)
    except QueueAway:
        logger.warning("the queue is away, run %s waits for the sweep", run.pk)


class Runs(SumsPage, TemplateView):
    """One's own runs."""

    policy = right("view_reports")
    template_name = "reports/runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(Run.objects.of(self.request.user)[:MOST_ROWS])
        return super().get_context_data(
            rows=[(row, question_of(row.report)) for row in rows], **kwargs
        )


class RunShow(Fragments, SumsPage, TemplateView):
    """How far it is; while it is open the page asks again every two seconds."""

    policy = right("view_reports")
    template_name = "reports/run.html"
    fragment = "progress"

    def get_context_data(self, pk: int, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(Run.objects.of(self.request.user), pk=pk)
        name = (
            reverse(f"reports:{row.report}") if row.report in pages() else reverse("reports:index")
        )
        return super().get_context_data(
            row=row, question=question_of(row.report), url=f"{name}?{row.query}", **kwargs
        )


class RunFile(SumsPage):
    """The file, for whoever asked for it while the report is open to him."""

    policy = right("view_reports")
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Run, pk=pk, user=request.user)
        allow(row.report, request.user)
        if row.content is None:
            raise Http404
        return HttpResponse(
            bytes(row.content),
            content_type=row.mime,
            headers={"Content-Disposition": f'attachment; filename="{row.file_name}"'},
        )
