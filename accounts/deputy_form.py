"""The form that appoints a deputy for whole days."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Deputy, User
from records.forms import RecordField

LONGEST = timedelta(days=366)


class DeputyForm(forms.Form):
    """Who stands in, and the first and the last day of it."""

    deputy = RecordField(
        User.objects.filter(is_active=True), "user", label=gettext_lazy("Who stands in")
    )
    first_day = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        field: Any = self.fields["deputy"]
        field.queryset = field.queryset.exclude(pk=person.pk)
        self.fields["first_day"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and first < timezone.localdate():
            self.add_error("first_day", _("Choose today or a later day."))
        elif first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        elif first and last and last - timezone.localdate() > LONGEST:
            self.add_error("last_day", _("At most a year ahead."))
        elif first and last and data.get("deputy") and self._is_known(data):
            self.add_error("deputy", _("This person stands in at that time already."))
        return data

    def _is_known(self, data: dict[str, Any]) -> bool:
        same = Deputy.objects.filter(person=self.person, deputy=data["deputy"])
        period = self.period(data)
        return same.filter(
            starts_at__lt=period["ends_at"], ends_at__gt=period["starts_at"]
        ).exists()

    def period(self, data: dict[str, Any] | None = None) -> dict[str, datetime]:
        """From the start of the first day to the end of the last, in the reader's time zone."""
        data = data or self.cleaned_data
        return {
            "starts_at": _midnight(data["first_day"]),
            "ends_at": _midnight(data["last_day"] + timedelta(days=1)),
        }


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
