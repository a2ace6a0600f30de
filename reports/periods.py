"""Spans of local days, their presets, and the form above every report."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.querysets import people_reached
from deals.filters import FIRST_DAY, LAST_DAY, KeyField, day_start
from deals.models import Pipeline

DEFAULT_PRESET = "this_month"
PRESETS = {
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
    "all": gettext_lazy("All time"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`, both included; None bounds nothing on its side."""

    first: date | None = None
    last: date | None = None

    @property
    def start(self) -> datetime | None:
        """The moment the first day begins in the active zone."""
        return day_start(self.first) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The moment the last day is over in the active zone; itself outside the period."""
        return day_start(self.last + timedelta(days=1)) if self.last else None

    @property
    def previous(self) -> "Period | None":
        """As many days as here, ending the day before; None for a period without an edge."""
        if not self.first or not self.last:
            return None
        length = self.last - self.first
        last = self.first - timedelta(days=1)
        if last < FIRST_DAY + length:
            return None
        return Period(last - length, last)

    def within(self, name: str) -> Q:
        """Rows whose moment `name` lies in [start, end)."""
        found = Q()
        if self.start:
            found &= Q(**{f"{name}__gte": self.start})
        if self.end:
            found &= Q(**{f"{name}__lt": self.end})
        return found

    def link(self, prefix: str) -> dict[str, str]:
        """Parameters of a list: `created_from`, `created_to` for the prefix `created`."""
        edges = {f"{prefix}_from": self.first, f"{prefix}_to": self.last}
        return {name: day.isoformat() for name, day in edges.items() if day}

    def __str__(self) -> str:
        days = [date_format(day, "SHORT_DATE_FORMAT") for day in (self.first, self.last) if day]
        return " – ".join(days) or str(_("all time"))


def preset_period(name: str, today: date) -> Period:
    """The days of a preset; the present month, quarter and year end today."""
    month = today.replace(day=1)
    if name == "last_month":
        last = month - timedelta(days=1)
        return Period(last.replace(day=1), last)
    if name == "quarter":
        return Period(month.replace(month=(today.month - 1) // 3 * 3 + 1), today)
    if name == "year":
        return Period(month.replace(month=1), today)
    if name == "all":
        return Period()
    return Period(month, today)


def day_field(label: Any) -> forms.DateField:
    """An optional day the calendar and the database both hold."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


class PeriodForm(forms.Form):
    """Days, pipeline and owner of a report; a wrong value is named and its default used.

    `period` names a preset and wins over `from` and `to`. Without any of the three the preset is
    the present month; with empty days the report covers all time.
    """

    period = forms.ChoiceField(
        choices=list(PRESETS.items()), required=False, widget=forms.HiddenInput
    )
    pipeline = KeyField(
        queryset=Pipeline.objects.all(),
        label=gettext_lazy("Pipeline"),
        required=False,
        empty_label=gettext_lazy("All pipelines"),
    )
    owner = KeyField(
        queryset=User.objects.none(),
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=gettext_lazy("Everybody"),
    )

    def __init__(self, data: Any, *, user: Any, today: date | None = None) -> None:
        super().__init__(data, auto_id="report_%s")
        self.today = today or timezone.localdate()
        self.fields["from"] = day_field(_("From"))
        self.fields["to"] = day_field(_("To"))
        owner: Any = self.fields["owner"]
        owner.queryset = people_seen(user)
        self.order_fields(["period", "from", "to", "pipeline", "owner"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("from"), values.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last day is before the first one."))
        return values

    @property
    def span(self) -> Period:
        """The chosen period, or the default one when a value makes no sense."""
        values = self.valid
        preset = values.get("period")
        if preset:
            return preset_period(preset, self.today)
        if {"from", "to", "period"} & set(self.errors):
            return preset_period(DEFAULT_PRESET, self.today)
        if "from" in self.data or "to" in self.data:
            return Period(values.get("from"), values.get("to"))
        return preset_period(DEFAULT_PRESET, self.today)

    @property
    def preset(self) -> str:
        """The preset whose days are shown, or an empty string."""
        found = [name for name in PRESETS if preset_period(name, self.today) == self.span]
        return found[0] if found else ""

    @property
    def valid(self) -> dict[str, Any]:
        """The values that make sense."""
        self.is_valid()
        return self.cleaned_data

    @property
    def chosen_pipeline(self) -> Pipeline | None:
        """The chosen pipeline, else the default one, else the first."""
        ordered = Pipeline.objects.order_by("-is_default", "-is_active", "position", "pk")
        return self.valid.get("pipeline") or ordered.first()


class FunnelForm(PeriodForm):
    """The same of exactly one pipeline, and the day up to whose end events are read."""

    pipeline = KeyField(
        queryset=Pipeline.objects.all(),
        label=gettext_lazy("Pipeline"),
        required=False,
        empty_label=None,
    )
    as_of = day_field(gettext_lazy("As of"))

    field_order = ["period", "from", "to", "pipeline", "owner", "as_of"]


def people_seen(user: Any) -> Any:
    """People whose deals the person may see, dismissed ones too."""
    return people_reached(user, "deal", "view").order_by("last_name", "first_name", "pk")
