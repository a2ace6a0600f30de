"""Reports sent by e-mail: the page of schedules, the form, leaving one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from records.idempotency import submit_once
from records.policy import PERSON, right
from records.views import Door, RecordFormView, go_to
from reports.making import question_of
from reports.sending import services
from reports.sending.forms import ScheduleForm
from reports.sending.models import Receiver, Schedule
from reports.views.pages import SumsPage

MOST_ROWS = 200


class Schedules(SumsPage, TemplateView):
    """One's own schedules; every one for administrators."""

    policy = right("view_reports")
    template_name = "reports/schedules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        seen = Schedule.objects.seen_by(user).select_related("owner")
        rows = list(seen.prefetch_related("receivers__user")[:MOST_ROWS])
        return super().get_context_data(
            rows=[(row, question_of(row.report), list(row.receivers.all())) for row in rows],
            person=user,
            is_administrator=user.has_right("administer"),
            **kwargs,
        )


class ScheduleCreate(SumsPage, RecordFormView):
    """A report with its parameters, by e-mail."""

    policy = right("view_reports")
    form_class = ScheduleForm
    title = _("Send by e-mail")

    def get_initial(self) -> dict[str, Any]:
        name = self.request.GET.get("report", "managers")
        return {
            "report": name,
            "query": self.request.GET.get("query", "")[:1000],
            "name": str(question_of(name))[:80],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:schedules"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        def save() -> str:
            form.instance.owner = self.request.user
            return kept(form)

        key = form.cleaned_data["form_key"]
        return go_to(self.request, submit_once(self.request.user, key, save))


def kept(form: ScheduleForm) -> str:
    """Store what the form says; the page of schedules."""
    people = list(form.cleaned_data["people"])
    schedule = form.save(commit=False)
    services.keep_schedule(schedule=schedule, people=people, now=timezone.now())
    return schedule.get_absolute_url()


class ScheduleEdit(SumsPage, RecordFormView):
    """Every choice, by the owner."""

    policy = right("view_reports")
    form_class = ScheduleForm
    title = _("Send by e-mail")

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = Schedule.objects.kept_by(self.request.user)
        schedule = get_object_or_404(rows, pk=self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": schedule}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("reports:schedules"), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        return go_to(self.request, kept(form))


class ScheduleRemove(SumsPage):
    """Away with it, by the owner."""

    policy = right("view_reports")
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Schedule.objects.kept_by(request.user), pk=pk).delete()
        return go_to(request, reverse("reports:schedules"))


class ScheduleStop(Door):
    """An administrator stops anybody's."""

    policy = right("administer")
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.stop_schedule(schedule=get_object_or_404(Schedule, pk=pk))
        return go_to(request, reverse("reports:schedules"))


class Unsubscribe(Door, TemplateView):
    """The link of a letter: the receiver leaves, or comes back."""

    policy = PERSON
    template_name = "reports/unsubscribe.html"

    def receiver(self) -> Receiver:
        """The person's own row."""
        rows = Receiver.objects.select_related("schedule__owner", "user")
        return get_object_or_404(rows, pk=self.kwargs["pk"], user=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(receiver=self.receiver(), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        wanted = request.POST.get("to") == "back"
        services.set_subscription(receiver=self.receiver(), wanted=wanted, now=timezone.now())
        return go_to(request, request.path)
