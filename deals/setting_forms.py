"""Forms of pipelines, stages, loss reasons and rates."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Currency
from deals.models import Competitor, LossReason, Pipeline, Stage
from deals.models.pipelines import REQUIRABLE
from deals.trades import TRADES
from records.forms import RecordForm


def trade_choices() -> list[tuple[str, Any]]:
    """Codes and titles of the ready pipelines."""
    return [(trade.code, trade.title) for trade in TRADES]


class PipelineForm(RecordForm):
    """The name; a new pipeline takes the stages of a trade or names its first stage."""

    trade = forms.ChoiceField(
        label=_("Stages"),
        choices=lambda: [("", _("My own stages")), *trade_choices()],
        required=False,
        widget=forms.RadioSelect,
    )
    first_stage = forms.CharField(label=_("First stage"), max_length=120, required=False)

    class Meta:
        model = Pipeline
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trades = TRADES
        if self.instance.pk:
            del self.fields["first_stage"], self.fields["trade"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asks = "first_stage" in self.fields and not data.get("trade")
        if asks and not data.get("first_stage") and "first_stage" not in self.errors:
            self.add_error("first_stage", _("Name the first stage or choose a trade above."))
        return data


class StageForm(RecordForm):
    """A stage: names, probability in percent, colour, limit of days."""

    probability = forms.IntegerField(label=_("Probability, %"), min_value=0, max_value=100)
    rot_days = forms.IntegerField(
        label=_("Stuck after, days"),
        min_value=1,
        max_value=365,
        required=False,
        help_text=_("Empty: deals never count as stuck here."),
    )

    required_fields = forms.MultipleChoiceField(
        choices=REQUIRABLE,
        label=_("Obligatory in this stage"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A deal enters the stage only when these are filled."),
    )

    class Meta:
        model = Stage
        fields = ["name", "short_name", "probability", "hue", "rot_days", "required_fields"]
        help_texts = {"short_name": _("For columns of the board, when the name is long.")}


class ArchiveStageForm(forms.Form):
    """Where the open deals of the stage go."""

    to_stage = forms.ModelChoiceField(
        Stage.objects.none(), label=_("Its deals go to"), required=False, empty_label="—"
    )

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rest = Stage.objects.filter(pipeline=stage.pipeline_id, is_active=True)
        self.fields["to_stage"].queryset = rest.exclude(pk=stage.pk).order_by("position")


class LossReasonForm(forms.ModelForm):
    """A reason of loss."""

    class Meta:
        model = LossReason
        fields = ["name", "is_active"]


class CompetitorForm(forms.ModelForm):
    """A competitor."""

    class Meta:
        model = Competitor
        fields = ["name", "is_active"]


class RateForm(forms.Form):
    """What one unit of a currency costs in the base currency from a day on."""

    currency = forms.ModelChoiceField(
        Currency.objects.filter(is_base=False), label=_("Currency"), empty_label=None
    )
    valid_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    rate = forms.DecimalField(
        label=_("Rate"),
        max_digits=18,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        max_value=Decimal("1000000"),
    )
