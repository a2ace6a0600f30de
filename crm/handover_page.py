"""The page of handing a person's work over, on the way out or for any other reason."""

import contextlib
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from kombu.exceptions import OperationalError as QueueAway

from accounts.models import OPEN_STATES, User
from accounts.models import HandOver as HandOverRow
from accounts.services import LastAdministrator, deactivate_person
from accounts.views.people import LAST_ADMINISTRATOR
from crm import handover_job, tasks
from crm.handover import KINDS, HandOverRefused, Share, hand_over, work_counts
from records.forms import RecordField
from records.policy import right
from records.views import Door, Fragments, admit, go_to

RECEIVERS = 5


class HandOverForm(forms.Form):
    """What is handed over, to whom, and whether the person is deactivated then."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    deactivate = forms.BooleanField(
        label=gettext_lazy("Deactivate the person then"),
        help_text=gettext_lazy("Open sessions end on their next request; the history stays."),
        required=False,
    )

    def __init__(self, *args: Any, person: User, counts: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(kind, f"{label}: {counts[kind]}") for kind, label in KINDS.items()]
        people = User.objects.filter(is_active=True).exclude(pk=person.pk)
        for number in range(1, RECEIVERS + 1):
            label = gettext_lazy("To whom") if number == 1 else gettext_lazy("and")
            self.fields[f"to_{number}"] = RecordField(people, "user", label=label, required=False)
        if not person.is_active:
            del self.fields["deactivate"]

    def receivers(self) -> list[User]:
        """Each chosen person once."""
        chosen = (self.cleaned_data.get(f"to_{number}") for number in range(1, RECEIVERS + 1))
        return list(dict.fromkeys(person for person in chosen if person))

    def boxes(self) -> list[forms.BoundField]:
        """The fields of the receivers."""
        return [self[f"to_{number}"] for number in range(1, RECEIVERS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kinds") and not self.receivers():
            self.add_error("to_1", _("Choose who receives the work."))
        if not data.get("kinds") and not data.get("deactivate"):
            self.add_error("kinds", _("Choose what to hand over."))
        return data


class HandOver(Door, FormView):
    """Counts, a trial of the sharing (`preview` in the post), then all of it at once."""

    policy = right("administer")
    template_name = "accounts/hand_over.html"
    form_class = HandOverForm

    @cached_property
    def person(self) -> User:
        """Whose work it is."""
        return get_object_or_404(User, pk=self.kwargs["pk"])

    @cached_property
    def counts(self) -> dict[str, int]:
        """How much of every kind."""
        return work_counts(self.person)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """While the worker is at it, there is nothing to ask but how far it is."""
        admit(request.user, self.policy)
        going = HandOverRow.objects.filter(person=kwargs["pk"], state__in=OPEN_STATES).first()
        if going is not None:
            return go_to(request, progress_url(going))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {
            "kinds": [kind for kind in KINDS if self.counts[kind]],
            "deactivate": self.request.GET.get("then") == "deactivate",
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": self.person, "counts": self.counts}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            person=self.person,
            labels=list(KINDS.values()),
            total=sum(self.counts.values()),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            if "preview" in self.request.POST:
                shares = self._hand_over(form, is_trial=True)
                return self.render_to_response(self.get_context_data(form=form, shares=shares))
            if handover_job.is_large(self.person, form.cleaned_data["kinds"]):
                return self._begin(form)
            with transaction.atomic():
                self._hand_over(form)
                if form.cleaned_data.get("deactivate"):
                    deactivate_person(person=self.person)
        except HandOverRefused:
            form.add_error("to_1", _("Choose active people other than the person."))
            return self.form_invalid(form)
        except handover_job.AlreadyGoing:
            return go_to(self.request, self.request.path)
        except LastAdministrator:
            form.add_error(None, LAST_ADMINISTRATOR)
            return self.form_invalid(form)
        messages.success(self.request, _("Handed over: %(name)s") % {"name": self.person})
        return go_to(self.request, reverse("accounts:person_edit", args=[self.person.pk]))

    def _begin(self, form: Any) -> HttpResponse:
        """Too much for a request: the worker does it, the next page shows how far it is."""
        row = handover_job.begin(
            person=self.person,
            kinds=form.cleaned_data["kinds"],
            to=form.receivers(),
            deactivates=bool(form.cleaned_data.get("deactivate")),
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        wake(row)
        return go_to(self.request, progress_url(row))

    def _hand_over(self, form: Any, *, is_trial: bool = False) -> list[Share]:
        if not form.cleaned_data["kinds"]:
            return []
        return hand_over(
            person=self.person,
            kinds=form.cleaned_data["kinds"],
            to=form.receivers(),
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            is_trial=is_trial,
        )

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def progress_url(row: HandOverRow) -> str:
    """Where the progress of a large hand-over is shown."""
    return reverse("hand_over_progress", args=[row.pk])


def wake(row: HandOverRow) -> None:
    """Call a worker once the row is stored; when the queue is away, the sweep does."""

    def call() -> None:
        with contextlib.suppress(QueueAway):
            tasks.hand_over.apply_async(args=[row.pk], retry=False)

    transaction.on_commit(call)


class HandOverProgress(Fragments, Door, TemplateView):
    """How far a large hand-over is and who got how much; a post lets a stopped one go on."""

    policy = right("administer")
    template_name = "accounts/hand_over_progress.html"
    fragment = "progress"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(HandOverRow, pk=pk)
        try:
            woken = handover_job.go_on(pk=row.pk, now=timezone.now())
        except handover_job.AlreadyGoing:
            return go_to(request, reverse("hand_over", args=[row.person_id]))
        if woken is not None:
            wake(woken)
        return go_to(request, progress_url(row))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = HandOverRow.objects.select_related("person", "by")
        row = get_object_or_404(rows, pk=self.kwargs["pk"])
        return super().get_context_data(
            row=row,
            shares=handover_job.shares_of(row),
            labels=list(KINDS.values()),
            left=sum(work_counts(row.person).values()) if not row.is_open else None,
            **kwargs,
        )
