"""The timeline of a record and the two doors of its composer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from activities import services
from activities.forms import LogForm, PersonForm, PlanForm
from activities.parents import find_parent
from activities.timeline import build_timeline
from activities.views.answers import back
from records.idempotency import submit_once
from records.models import Deed
from records.policy import record
from records.views import Door

TEMPLATE = "activities/timeline.html"
PAGE = "activities/timeline_page.html"
FRAGMENTS = {"composer": f"{TEMPLATE}#composer", "history-more": f"{TEMPLATE}#rows"}


def render_timeline(request: HttpRequest, found: Any, form: Any = None) -> HttpResponse:
    """The part that htmx asked for, or the whole page; a refused form answers 422."""
    context = {
        "timeline": build_timeline(found, request.user, request.GET, form),
        "record": found,
    }
    is_part = request.htmx and not request.htmx.boosted
    template = FRAGMENTS.get(request.htmx.target, TEMPLATE) if is_part else PAGE
    if is_part and form is not None:
        template = TEMPLATE
    return render(request, template, context, status=200 if form is None else 422)


class RecordTimeline(Door):
    """Composer, plan and history of one record; without htmx a page of its own."""

    policy = record("activity", "view")

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return render_timeline(request, find_parent(kind, pk, request.user))


class ComposerPost(Door):
    """A post of the composer: once per form key, on a record the person may see."""

    policy = record("activity", "create")
    deed = Deed.CHANGE
    http_method_names = ["post", "options"]
    form_class: type[PersonForm]

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        found = find_parent(kind, pk, request.user)
        form = self.form_class(request.POST, user=request.user, now=timezone.now())
        if not form.is_valid():
            return render_timeline(request, found, form)
        try:
            submit_once(request.user, form.cleaned_data["form_key"], lambda: self.act(form, found))
        except services.ActivityError as error:
            form.refuse(error)
            return render_timeline(request, found, form)
        if request.htmx and request.htmx.target == "timeline":
            # The part alone: the page it stands on would be drawn inside itself.
            return HttpResponseRedirect(reverse("activities:timeline", args=[kind, pk]), status=303)
        return back(request, found.get_absolute_url())

    def act(self, form: Any, found: Any) -> str:
        """Store it and return the address of the result."""
        raise NotImplementedError


class LogActivity(ComposerPost):
    """A note, or a call that has happened, with the next step."""

    form_class = LogForm

    def act(self, form: Any, found: Any) -> str:
        activity = services.log_activity(
            by=self.request.user, now=form.now, record=found, **form.values()
        )
        return activity.get_absolute_url()


class PlanActivity(ComposerPost):
    """A task, meeting, call or e-mail to do."""

    form_class = PlanForm

    def act(self, form: Any, found: Any) -> str:
        activity = services.plan_activity(
            by=self.request.user, now=form.now, record=found, **form.values()
        )
        return activity.get_absolute_url()
