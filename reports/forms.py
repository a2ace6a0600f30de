"""The form above every report, read from the address."""

import uuid
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department, Role, User
from accounts.querysets import people_reached
from deals.filters import FIRST_DAY, LAST_DAY, KeyField
from deals.models import Pipeline
from leads.models import Source
from reports.asking import Asked
from reports.models import SavedReport
from reports.periods import COMPARED, DEFAULT_PRESET, PRESETS, Period, compared_with, preset_period


def day_field(label: Any) -> forms.DateField:
    """An optional day the calendar and the database both hold."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


SAVED = (
    "funnel",
    "managers",
    "manager",
    "day",
    "rfm",
    "losses",
    "sources",
    "retention",
    "purchases",
    "abc",
    "velocity",
    "compare",
    "push",
    "forecast",
    "score",
    "plan",
    "voice",
    "health",
)


def role_field(help_text: Any = "") -> KeyField:
    """The role that something kept is given to; for administrators."""
    return KeyField(
        queryset=Role.objects.order_by("name"),
        label=gettext_lazy("Give to the role"),
        required=False,
        empty_label="—",
        help_text=help_text,
    )


class SaveForm(forms.ModelForm):
    """A name for the settings of a report; the same name again is refused."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    report = forms.ChoiceField(choices=[(name, name) for name in SAVED], widget=forms.HiddenInput)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)

    class Meta:
        model = SavedReport
        fields = ["name", "is_shared", "role", "report", "query"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["form_key"].initial = uuid.uuid4()
        del self.fields["role"]
        if user.has_right("administer"):
            self.fields["role"] = role_field()

    def clean_query(self) -> str:
        """Only parameters, written anew: nothing that leads elsewhere can be kept."""
        return QueryDict(self.cleaned_data["query"]).urlencode()

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if SavedReport.objects.filter(owner=self.user, name=name).exists():
            raise forms.ValidationError(_("You have a report with this name."))
        return name


class RemoveForm(forms.Form):
    """One of one's own kept reports."""

    saved = KeyField(queryset=SavedReport.objects.none(), label=gettext_lazy("Report"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["saved"]
        field.queryset = SavedReport.objects.filter(owner=user.pk)


class ReportForm(forms.Form):
    """Days, comparison, pipeline, department, manager, source; a wrong value is named and left out.

    `period` names a preset and wins over `from` and `to`. Without any of the three the preset is
    the present month; with empty days the report covers all time.
    """

    options: dict[str, str] = {}
    """Names of further choices of one report and their defaults."""
    usual = DEFAULT_PRESET
    """The preset of a report that is opened without days."""

    period = forms.ChoiceField(
        choices=list(PRESETS.items()), required=False, widget=forms.HiddenInput
    )
    compare = forms.ChoiceField(
        choices=list(COMPARED.items()), required=False, label=gettext_lazy("Compare")
    )
    pipeline = KeyField(
        queryset=Pipeline.objects.all(),
        label=gettext_lazy("Pipeline"),
        required=False,
        empty_label=gettext_lazy("All pipelines"),
    )
    department = KeyField(
        queryset=Department.objects.none(),
        label=gettext_lazy("Department"),
        required=False,
        empty_label=gettext_lazy("All departments"),
    )
    owner = KeyField(
        queryset=User.objects.none(),
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=gettext_lazy("Everybody"),
    )
    source = forms.ChoiceField(required=False, label=gettext_lazy("Source"))

    field_order = [
        "period",
        "from",
        "to",
        "compare",
        "as_of",
        "pipeline",
        "department",
        "owner",
        "source",
    ]

    def __init__(self, data: Any, *, user: Any, today: date | None = None) -> None:
        super().__init__(data, auto_id="report_%s")
        self.user = user
        self.today = today or timezone.localdate()
        self.fields["from"] = day_field(_("From"))
        self.fields["to"] = day_field(_("To"))
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = people_seen(user)
        fields["department"].queryset = departments_seen(user)
        names = Source.objects.values_list("name", flat=True)
        fields["source"].choices = [("", _("All sources")), *((name, name) for name in names)]
        if not user.fields("deal").sees("source"):
            del self.fields["source"]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("from"), values.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last day is before the first one."))
        return values

    @cached_property
    def span(self) -> Period:
        """The chosen period, or the default one when a value makes no sense."""
        values = self.valid
        preset = values.get("period")
        if preset:
            return preset_period(preset, self.today)
        if {"from", "to", "period"} & set(self.errors):
            return preset_period(self.usual, self.today)
        if "from" in self.data or "to" in self.data:
            return Period(values.get("from"), values.get("to"))
        return preset_period(self.usual, self.today)

    @property
    def preset(self) -> str:
        """The preset whose days are shown, or an empty string."""
        named = self.valid.get("period")
        if named:
            return named
        found = [name for name in PRESETS if preset_period(name, self.today) == self.span]
        return self.usual if self.usual in found else next(iter(found), "")

    @property
    def valid(self) -> dict[str, Any]:
        """The values that make sense."""
        self.is_valid()
        return self.cleaned_data

    @cached_property
    def asked(self) -> Asked:
        """The question of the form."""
        values = self.valid
        return Asked(
            user=self.user,
            period=self.span,
            before=compared_with(self.span, values.get("compare") or "previous"),
            pipeline=values.get("pipeline"),
            owner=values.get("owner"),
            department=values.get("department"),
            source=values.get("source") or "",
            as_of=values.get("as_of"),
            options={name: values.get(name) or usual for name, usual in self.options.items()},
        )

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What the form shows and every address of the page repeats, the days left out."""
        names = [name for name in self.fields if name not in ("period", "from", "to")]
        found = {name: self.valid.get(name) for name in names}
        return {
            name: getattr(value, "pk", value)
            for name, value in found.items()
            if value and value != self.options.get(name)
        }


def people_seen(user: Any) -> Any:
    """People whose deals the person may see, dismissed ones too."""
    return people_reached(user, "deal", "view").order_by("last_name", "first_name", "pk")


def departments_seen(user: Any) -> Any:
    """Departments in which somebody works whose deals the person may see."""
    people = people_reached(user, "deal", "view").filter(department__isnull=False)
    return Department.objects.filter(pk__in=people.values("department")).order_by("path")
