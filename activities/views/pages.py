"""An activity's own pages: card, quick task, edit, complete, move, delete."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import services
from activities.forms import CompleteForm, CreateForm, EditForm, RescheduleForm
from activities.models import Activity, Kind
from activities.parents import parse_parent
from activities.services.activities import record_of
from activities.views.answers import back_url, close_dialog
from records.access import find_record
from records.changes import readable_changes
from records.idempotency import submit_once
from records.policy import record
from records.views import RecordCreate, RecordDelete, RecordDetail, RecordFormView, RecordUpdate


class ActivityDetail(RecordDetail):
    """What it is, when, of which record, and its history."""

    model = Activity
    policy = record("activity", "view")
    template_name = "activities/activity_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parent = record_of(self.object)
        seen = parent and type(parent)._default_manager.visible_to(self.request.user)
        return super().get_context_data(
            parent=parent if seen and seen.filter(pk=parent.pk).exists() else None,
            reminder=self.object.reminders.filter(state="waiting").first(),
            marked=list(self.object.marked.select_related("mark")),
            changes=readable_changes(self.object, self.request.user, 20),
            now=timezone.now(),
            **kwargs,
        )


class ActivityCreate(RecordCreate):
    """A quick task, of a record (`?record=deal:7`) or of none."""

    model = Activity
    policy = record("activity", "create")
    form_class = CreateForm
    template_name = "activities/activity_form.html"
    title = gettext_lazy("New task")
    submit_label = gettext_lazy("Add")

    def get_initial(self) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        known = kind in Kind.values and kind != Kind.NOTE
        return {"record": self.request.GET.get("record", ""), "kind": kind if known else Kind.TASK}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        parent = parse_parent(form["record"].value() or "", self.request.user)
        cancel = back_url(self.request, str(reverse_lazy("activities:list")))
        return super().get_context_data(
            form=form, parent=parent, cancel_url=cancel, next=cancel, **_without(kwargs, "form")
        )

    def form_valid(self, form: Any) -> HttpResponse:
        key = form.cleaned_data["form_key"]
        try:
            url = submit_once(self.request.user, key, lambda: self.save(form).get_absolute_url())
        except services.ActivityError as error:
            form.refuse(error)
            return self.form_invalid(form)
        parent = parse_parent(form.cleaned_data["record"], self.request.user)
        return close_dialog(self.request, parent, str(_("Task added")), url)

    def save(self, form: Any) -> Activity:
        values = form.values()
        parent = parse_parent(values.pop("record"), self.request.user)
        return services.plan_activity(by=self.request.user, now=form.now, record=parent, **values)


class ActivityUpdate(RecordUpdate):
    """An edit of the plan or of what was written; a stale version shows both."""

    model = Activity
    policy = record("activity", "change")
    form_class = EditForm
    title = gettext_lazy("Edit activity")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=self.object.get_absolute_url(), **kwargs)

    def save(self, form: Any) -> Activity:
        return services.edit_activity(
            activity_id=self.object.pk,
            by=self.request.user,
            now=form.now,
            changes=form.changes(),
            remind_before=form.cleaned_data.get("remind"),
            marks=form.cleaned_data.get("marks"),
        )


class PlanAction(RecordFormView):
    """What complete and reschedule share: a small form on a plan, refused by the service or not."""

    model = Activity
    policy = record("activity", "change")
    done_text: Any = gettext_lazy("Saved")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object: Activity | None = None
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = find_record(Activity, request.user, kwargs["pk"], "change")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = find_record(Activity, request.user, kwargs["pk"], "change")
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        default = self.object.get_absolute_url()
        cancel = back_url(self.request, default)
        return super().get_context_data(
            record=self.object, cancel_url=cancel, next=cancel, **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            activity = self.act(form)
        except services.ActivityError as error:
            form.refuse(error)
            return self.form_invalid(form)
        parent = record_of(activity)
        default = (parent or activity).get_absolute_url()
        return close_dialog(self.request, parent, str(self.done_text), default)

    def act(self, form: Any) -> Activity:
        """The service call."""
        raise NotImplementedError


class ActivityComplete(PlanAction):
    """Tick: how it went and the next step."""

    form_class = CompleteForm
    template_name = "activities/complete.html"
    title = done_text = gettext_lazy("Done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "kind": self.object.kind}

    def act(self, form: Any) -> Activity:
        return services.complete_activity(
            activity_id=self.object.pk,
            by=self.request.user,
            now=form.now,
            result=form.cleaned_data.get("result", ""),
            body=form.cleaned_data["body"],
            next_step=form.next_step(),
            marks=form.cleaned_data.get("marks", ()),
        )


class ActivityReschedule(PlanAction):
    """Another time; a post with `shift=day` moves it one day on."""

    form_class = RescheduleForm
    template_name = "activities/activity_form.html"
    title = gettext_lazy("Move to another time")

    def get_initial(self) -> dict[str, Any]:
        return {"due_at": self.object.due_at}

    def act(self, form: Any) -> Activity:
        chosen = {"activity_id": self.object.pk, "by": self.request.user, "now": form.now}
        if form.cleaned_data["shift"]:
            return services.postpone_activity(**chosen)
        return services.reschedule_activity(**chosen, due_at=form.cleaned_data["due_at"])


class ActivityDelete(RecordDelete):
    """Into the trash."""

    model = Activity
    policy = record("activity", "delete")
    success_url = reverse_lazy("activities:list")

    def delete_record(self, record: Activity) -> None:
        services.delete_activity(activity_id=record.pk, by=self.request.user, now=timezone.now())
        self.success_url = back_url(self.request, str(self.success_url))
        if self.success_url.startswith(record.get_absolute_url()):
            self.success_url = str(reverse_lazy("activities:list"))


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
