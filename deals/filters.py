"""What the board and the list can be narrowed by; reports link here with the same names."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from contacts.models import Company, Contact
from deals.models import Competitor, Deal, DealStatus, LossReason, Pipeline, Stage
from deals.querysets import DealQuerySet
from records.filtering import PeriodFilter, WhoseFilter
from records.filters import close_filters

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
TABS = {
    "mine": _("Mine"),
    "no_task": _("Without tasks"),
    "overdue": _("Overdue"),
    "new": _("New today"),
    "all": _("All"),
}


class KeyField(forms.ModelChoiceField):
    """A row by its key; a key no database can hold is a wrong choice, not a failure."""

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and not str(value).isdecimal():
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        if len(str(value)) > 18:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class KeyFilter(filters.ModelChoiceFilter):
    """Rows that point at one row."""

    field_class = KeyField


def day_filter(label: Any, name: str, *, inclusive_end: bool = False) -> filters.DateFilter:
    """Moments from, or up to the end of, a day of the viewer's own zone."""
    return filters.DateFilter(
        field_name=name,
        method="until_day" if inclusive_end else "from_day",
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


def _date_filter(label: Any, name: str, lookup: str) -> filters.DateFilter:
    """Days of a column that holds days."""
    return filters.DateFilter(
        field_name=name,
        lookup_expr=lookup,
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


def day_start(day: date) -> datetime:
    """Midnight of the day in the viewer's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def visible(model: Any) -> Callable[[Any], QuerySet]:
    """Rows of another record type that the viewer may see."""
    return lambda request: model.objects.visible_to(request.user)


class DealFilter(filters.FilterSet):
    """Invalid values are named in the form and otherwise ignored."""

    pipeline = KeyFilter(queryset=Pipeline.objects.all(), label=_("Pipeline"))
    owner = KeyFilter(queryset=User.objects.all(), label=_("Owner"))
    department = KeyFilter(
        queryset=Department.objects.all(), label=_("Department"), method="of_department"
    )
    status = filters.ChoiceFilter(choices=DealStatus.choices, label=_("Status"))
    stage = KeyFilter(queryset=Stage.objects.select_related("pipeline"), label=_("Stage"))
    reached = KeyFilter(
        queryset=Stage.objects.select_related("pipeline"),
        label=_("Reached stage"),
        method="which_reached",
    )
    lost_stage = KeyFilter(
        queryset=Stage.objects.select_related("pipeline"),
        label=_("Lost in stage"),
        method="lost_in",
    )
    furthest = KeyFilter(
        queryset=Stage.objects.select_related("pipeline"),
        label=_("Got no further than"),
        method="stopped_at",
    )
    loss_reason = KeyFilter(queryset=LossReason.objects.all(), label=_("Loss reason"))
    competitor = KeyFilter(queryset=Competitor.objects.all(), label=_("Competitor"))
    source = filters.CharFilter(max_length=120, label=_("Source"))
    whose = WhoseFilter()
    amount_from = filters.NumberFilter(
        label=_("Amount from"), field_name="amount_base", lookup_expr="gte", max_value=10**13
    )
    amount_to = filters.NumberFilter(
        label=_("Amount to"), field_name="amount_base", lookup_expr="lte", max_value=10**13
    )
    created = PeriodFilter(label=_("Created"), field_name="created_at")
    closed = PeriodFilter(label=_("Closed"), field_name="closed_at")
    expected = PeriodFilter(
        label=_("Expected close"), field_name="expected_close_date", is_moment=False
    )
    expected_from = _date_filter(_("Expected close from"), "expected_close_date", "gte")
    expected_to = _date_filter(_("Expected close to"), "expected_close_date", "lte")
    created_from = day_filter(_("Created from"), "created_at")
    created_to = day_filter(_("Created to"), "created_at", inclusive_end=True)
    closed_from = day_filter(_("Closed from"), "closed_at")
    closed_to = day_filter(_("Closed to"), "closed_at", inclusive_end=True)
    entered_to = day_filter(
        _("In the stage since, at the latest"), "stage_entered_at", inclusive_end=True
    )
    company = KeyFilter(queryset=visible(Company), label=_("Company"), widget=forms.HiddenInput)
    contact = KeyFilter(queryset=visible(Contact), label=_("Contact"), widget=forms.HiddenInput)
    q = filters.CharFilter(max_length=100, label=_("Search"), method="search")
    tab = filters.ChoiceFilter(
        choices=list(TABS.items()), label=_("View"), method="of_tab", widget=forms.HiddenInput
    )

    class Meta:
        model = Deal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None:
            close_filters(self, self.request.user)

    def from_day(self, rows: DealQuerySet, name: str, day: date) -> DealQuerySet:
        return rows.filter(**{f"{name}__gte": day_start(day)})

    def until_day(self, rows: DealQuerySet, name: str, day: date) -> DealQuerySet:
        return rows.filter(**{f"{name}__lt": day_start(day + timedelta(days=1))})

    def of_department(self, rows: DealQuerySet, name: str, found: Department) -> DealQuerySet:
        people = User.objects.filter(department__path__startswith=found.path)
        return rows.filter(owner__in=people.values("pk"))

    def which_reached(self, rows: DealQuerySet, name: str, stage: Stage) -> DealQuerySet:
        """A won deal counts as having reached every stage; everything reaches the first one."""
        rows = rows.filter(pipeline=stage.pipeline_id)
        if not _beside(stage, "position__lt"):
            return rows
        return rows.filter(Q(furthest__gte=stage.position) | Q(status=DealStatus.WON))

    def stopped_at(self, rows: DealQuerySet, name: str, stage: Stage) -> DealQuerySet:
        """Open and lost deals whose highest stage is this one."""
        rows = rows.filter(pipeline=stage.pipeline_id).exclude(status=DealStatus.WON)
        if _beside(stage, "position__lt"):
            rows = rows.filter(furthest__gte=stage.position)
        above = _beside(stage, "position__gt")
        return rows.filter(furthest__lt=min(above)) if above else rows

    def lost_in(self, rows: DealQuerySet, name: str, stage: Stage) -> DealQuerySet:
        return rows.lost().filter(stage=stage)

    def search(self, rows: DealQuerySet, name: str, text: str) -> DealQuerySet:
        return rows.found_by(text)

    def of_tab(self, rows: DealQuerySet, name: str, tab: str) -> DealQuerySet:
        return narrow_to_tab(rows, tab, self.request.user)


def _beside(stage: Stage, lookup: str) -> list[int]:
    """Positions of the other stages of the pipeline on one side of the stage."""
    others = Stage.objects.filter(pipeline=stage.pipeline_id, **{lookup: stage.position})
    return list(others.values_list("position", flat=True))


def narrow_to_tab(rows: DealQuerySet, tab: str, user: Any) -> DealQuerySet:
    """The rows of a ready-made view; `all` narrows nothing."""
    if tab == "mine":
        return rows.open().filter(owner=user)
    if tab == "no_task":
        return rows.without_task()
    if tab == "overdue":
        return rows.overdue(timezone.now())
    if tab == "new":
        return rows.open().filter(created_at__gte=day_start(timezone.localdate()))
    return rows
