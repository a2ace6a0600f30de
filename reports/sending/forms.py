"""Forms of schedules."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from reports.making import pages, why_not
from reports.sending.models import Rhythm, Schedule

MOST_RECEIVERS = 50


class PeopleField(forms.ModelMultipleChoiceField):
    """Active people; a key no database can hold is a wrong choice, not a failure."""

    def clean(self, value: Any) -> Any:
        keys = value or []
        for key in keys:
            if not str(key).isdecimal() or len(str(key)) > 18:
                message = self.error_messages["invalid_choice"]
                raise forms.ValidationError(message, code="invalid_choice", params={"value": key})
        return super().clean(keys)

    def label_from_instance(self, person: User) -> str:
        return person.full_name or person.email


class ScheduleForm(forms.ModelForm):
    """What is sent, when and to whom; each receiver must have the right to the report."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    report = forms.CharField(max_length=20, widget=forms.HiddenInput)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days of the week"),
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    month_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        initial=1,
        help_text=gettext_lazy("In a shorter month: its last day."),
    )
    hour = forms.TypedChoiceField(
        label=gettext_lazy("Hour"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        initial=9,
        help_text=gettext_lazy("Of each receiver's own time zone."),
    )
    people = PeopleField(
        label=gettext_lazy("Receivers"),
        queryset=User.objects.none(),
        help_text=gettext_lazy("Each gets the numbers of what he may see himself."),
    )

    class Meta:
        model = Schedule
        fields = [
            "name",
            "report",
            "query",
            "rhythm",
            "weekdays",
            "month_day",
            "hour",
            "file",
            "people",
            "is_on",
        ]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["form_key"].initial = uuid.uuid4()
        people = User.objects.filter(is_active=True).order_by("last_name", "first_name", "pk")
        fields["people"].queryset = people
        if self.instance.pk:
            chosen = self.instance.receivers.values_list("user", flat=True)
            self.initial["people"] = list(chosen)
        else:
            self.initial.setdefault("people", [user.pk])
            self.initial.setdefault("weekdays", [1])

    def clean_report(self) -> str:
        name = self.cleaned_data["report"]
        if name not in pages():
            raise forms.ValidationError(_("There is no such report."))
        return name

    def clean_query(self) -> str:
        """Only parameters, written anew: nothing that leads elsewhere can be kept."""
        return QueryDict(self.cleaned_data["query"]).urlencode()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        is_weekly = values.get("rhythm") == Rhythm.WEEKLY
        if is_weekly and values.get("weekdays") == []:
            self.add_error("weekdays", _("Choose a day at least."))
        people, report = values.get("people"), values.get("report")
        if people is not None and report:
            self._check(list(people[: MOST_RECEIVERS + 1]), report)
        return values

    def _check(self, people: list[User], report: str) -> None:
        if len(people) > MOST_RECEIVERS:
            text = _("At most %(most)s receivers.") % {"most": MOST_RECEIVERS}
            self.add_error("people", text)
            return
        closed = [str(person) for person in people if why_not(report, person)]
        if closed:
            words = ", ".join(closed)
            text = _("The report is closed to: %(people)s.") % {"people": words}
            self.add_error("people", text)
