"""Forms of the composer, of completing and moving, and of an activity's own page."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from activities.models import Activity, CallResult, Direction, Kind, Mark, MarkKind
from activities.moments import to_instant, usual_next_moment
from activities.services import ActivityError, NextStep
from activities.services.activities import check_end
from activities.services.reminders import remind_before
from records.forms import spoken_input
from records.spoken import read_moment

LONGEST_TEXT = 20_000
MARKED = (Kind.CALL, Kind.MEETING, Kind.NOTE)
PLANNABLE = [choice for choice in Kind.choices if choice[0] != Kind.NOTE]
REMINDERS = [
    ("", _("No reminder")),
    ("0", _("At its time")),
    ("5", _("5 minutes before")),
    ("15", _("15 minutes before")),
    ("60", _("An hour before")),
    ("1440", _("A day before")),
]


class Moment(forms.CharField):
    """A wall time of the person, given back as an instant in UTC.

    A time that the clocks skip is shifted forward by the gap; one that comes twice is the first.
    """

    widget = spoken_input(forms.DateTimeInput, "moment", "%d.%m.%Y %H:%M")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if text in self.empty_values:
            return None
        try:
            wall = read_moment(text, timezone.localtime().replace(tzinfo=None))
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                _("Not understood. Try 24.11.2026 15:30, tomorrow 15, Mon 10:00 or +3d."),
                code="invalid",
            ) from error
        return self._instant(wall)

    def _instant(self, wall: datetime) -> datetime:
        try:
            return to_instant(wall, timezone.get_current_timezone())
        except ValueError as error:
            raise ValidationError(_("The year must be between 2000 and 2099.")) from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            posted = self.to_python(data)
        except ValidationError:
            return True
        return (initial or None) != posted


class MarksField(forms.ModelMultipleChoiceField):
    """Marks in use, each picked by one click."""

    def __init__(self) -> None:
        super().__init__(
            Mark.objects.none(),
            required=False,
            label=_("Marks"),
            widget=forms.CheckboxSelectMultiple,
        )


class Before(forms.TypedChoiceField):
    """How long before the due time to remind, as a timedelta or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=REMINDERS,
            coerce=lambda text: timedelta(minutes=int(text)),
            empty_value=None,
            required=False,
            label=_("Remind"),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, timedelta):
            return str(int(value.total_seconds() // 60))
        return value


class PersonForm(forms.Form):
    """Knows the person who posts."""

    def __init__(self, *args: Any, user: Any, now: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.now = now or timezone.now()
        if "owner" in self.fields:
            owner: Any = self.fields["owner"]
            owner.narrow(user, getattr(self, "instance", None))
            owner.initial = user.pk
        if "form_key" in self.fields:
            self.fields["form_key"].initial = uuid.uuid4
        if "marks" in self.fields:
            marks: Any = self.fields["marks"]
            marks.queryset = Mark.objects.offered(self.marks_present())

    def marks_present(self) -> list[Mark]:
        """Marks that are set already: they stay choosable when taken out of use."""
        return []

    def refuse(self, error: ActivityError) -> None:
        """A refusal of the service at its field."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class NextStepMixin(forms.Form):
    """The chip "next step": off, or a kind, a time and words."""

    plan_next = forms.BooleanField(required=False, label=_("Next step"))
    next_kind = forms.ChoiceField(
        choices=PLANNABLE,
        required=False,
        label=_("Kind"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    next_at = Moment(required=False, label=_("When"))
    next_subject = forms.CharField(
        max_length=200,
        required=False,
        label=_("What to do"),
        widget=forms.TextInput(attrs={"class": "form-control", "placeholder": _("What to do")}),
    )

    def propose_next(self, kind: str, *, checked: bool) -> None:
        """Fill the chip with the usual delay of the kind."""
        zone = timezone.get_current_timezone()
        self.initial |= {
            "plan_next": checked,
            "next_kind": kind,
            "next_at": usual_next_moment(kind, self.now, zone),
        }

    @property
    def next_label(self) -> str:
        """The chip in words: `Call · Fri, 27 Nov`."""
        at = self["next_at"].initial
        kind = dict(PLANNABLE).get(self["next_kind"].initial, "")
        if not isinstance(at, datetime):
            return str(kind)
        return f"{kind} · {formats.date_format(timezone.localtime(at), 'D, j b')}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("plan_next") and "next_at" not in self.errors and not data.get("next_at"):
            self.add_error("next_at", _("Say when."))
        return data

    def next_step(self) -> NextStep | None:
        """What to plan, once the form is valid."""
        data = self.cleaned_data
        if not data.get("plan_next"):
            return None
        return NextStep(
            kind=data.get("next_kind") or Kind.CALL,
            due_at=data["next_at"],
            subject=data.get("next_subject", ""),
            remind_before=timedelta(minutes=15),
        )


class LogForm(NextStepMixin, PersonForm):
    """A note or a call that has happened."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=[(Kind.NOTE, Kind.NOTE.label), (Kind.CALL, Kind.CALL.label)],
        widget=forms.HiddenInput,
    )
    direction = forms.ChoiceField(
        choices=Direction.choices,
        required=False,
        label=_("Direction"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    result = forms.ChoiceField(
        choices=CallResult.choices, required=False, widget=forms.RadioSelect, label=_("Result")
    )
    minutes = forms.IntegerField(min_value=0, max_value=1440, required=False, label=_("Minutes"))
    body = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        label=_("Details"),
        widget=forms.Textarea(
            attrs={"rows": 2, "class": "form-control", "placeholder": _("What happened")}
        ),
    )
    marks = MarksField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.initial.get("kind", Kind.NOTE)
        self.propose_next(Kind.CALL, checked=kind == Kind.CALL)
        self.initial.setdefault("direction", Direction.OUT)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") == Kind.NOTE and not data.get("body") and "body" not in self.errors:
            self.add_error("body", _("Write something."))
        return data

    def values(self) -> dict[str, Any]:
        """Arguments of log_activity."""
        data = self.cleaned_data
        is_call = data["kind"] == Kind.CALL
        minutes = data.get("minutes")
        return {
            "kind": data["kind"],
            "body": data["body"],
            "result": data.get("result", "") if is_call else "",
            "direction": (data.get("direction") or Direction.OUT) if is_call else "",
            "duration": minutes * 60 if is_call and minutes is not None else None,
            "marks": data["marks"],
            "next_step": self.next_step(),
        }


class PlanForm(PersonForm):
    """Something to do: task, meeting, call, e-mail."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=PLANNABLE, label=_("Kind"))
    subject = forms.CharField(max_length=200, label=_("What to do"))
    due_at = Moment(label=_("When"))
    ends_at = Moment(required=False, label=_("Ends"))
    place = forms.CharField(max_length=200, required=False, label=_("Place"))
    owner = PersonField("activity", required=False, empty_label=None)
    remind = Before()
    body = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        label=_("Details"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.initial.get("kind") or Kind.TASK
        zone = timezone.get_current_timezone()
        self.initial.setdefault("due_at", usual_next_moment(kind, self.now, zone))
        self.initial.setdefault("remind", "15")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("due_at") and data.get("ends_at"):
            try:
                check_end(data["due_at"], data["ends_at"])
            except ActivityError as error:
                self.refuse(error)
        return data

    def values(self) -> dict[str, Any]:
        """Arguments of plan_activity."""
        data = dict(self.cleaned_data)
        data.pop("form_key", None)
        data.pop("version", None)
        data["remind_before"] = data.pop("remind")
        return data


class CompleteForm(NextStepMixin, PersonForm):
    """How it went and what comes next."""

    result = forms.ChoiceField(
        choices=CallResult.choices, required=False, widget=forms.RadioSelect, label=_("Result")
    )
    body = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        label=_("How it went"),
    )
    marks = MarksField()

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != Kind.CALL:
            del self.fields["result"]
        if kind not in MARKED:
            del self.fields["marks"]
        self.propose_next(kind if kind != Kind.NOTE else Kind.CALL, checked=False)


class RescheduleForm(PersonForm):
    """Another time for a plan: a chosen one, or `shift=day`, one day on."""

    due_at = Moment(required=False, label=_("When"))
    shift = forms.ChoiceField(choices=[("day", "day")], required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("shift") and not data.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", _("Say when."))
        return data


class CreateForm(PlanForm):
    """A task made away from a record's page; `record` is like `deal:7` or empty."""

    record = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class EditForm(PlanForm):
    """An activity's own page: what PlanForm has, with the version instead of the key."""

    version = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)
    result = forms.ChoiceField(
        choices=[("", "—"), *CallResult.choices], required=False, label=_("Result")
    )
    marks = MarksField()

    def __init__(self, *args: Any, instance: Activity, **kwargs: Any) -> None:
        self.instance = instance
        self.present = [row.mark for row in instance.marked.select_related("mark")]
        kwargs["initial"] = self._stored() | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        del self.fields["form_key"]
        if instance.kind == Kind.NOTE:
            self.fields["kind"].choices = [(Kind.NOTE, Kind.NOTE.label)]
            self.fields["subject"].required = False
        if instance.kind != Kind.CALL:
            del self.fields["result"]
        if instance.done_at is not None:
            for name in ("due_at", "ends_at", "remind"):
                del self.fields[name]
            self.fields["subject"].required = False
        if instance.kind not in MARKED:
            del self.fields["marks"]
        self._keep_choices()

    def marks_present(self) -> list[Mark]:
        return self.present

    def _stored(self) -> dict[str, Any]:
        names = ("kind", "subject", "due_at", "ends_at", "place", "body", "result", "version")
        stored = {name: getattr(self.instance, name) for name in names}
        return stored | {
            "owner": self.instance.owner_id,
            "remind": remind_before(self.instance) or "",
            "marks": [mark.pk for mark in self.present],
        }

    def _keep_choices(self) -> None:
        """What it has now stays choosable: no owner, and the present reminder."""
        if self.instance.owner_id is None:
            self.fields["owner"].empty_label = "—"
        before = self.initial["remind"]
        if "remind" in self.fields and isinstance(before, timedelta):
            minutes = str(int(before.total_seconds() // 60))
            if minutes not in dict(REMINDERS):
                label = _("%(n)s minutes before") % {"n": minutes}
                self.fields["remind"].choices = [*REMINDERS, (minutes, label)]

    def changes(self) -> dict[str, Any]:
        """The changed columns for edit_activity."""
        names = [name for name in self.changed_data if name not in ("version", "remind", "marks")]
        return {name: self.cleaned_data[name] for name in names}


class MarkForm(forms.Form):
    """A mark of the list."""

    name = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(label=_("What it tells"), choices=MarkKind.choices)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)
