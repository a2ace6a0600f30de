"""Forms of deals: card, lines, losing, moving, giving to another person."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from catalog.models import Currency, Product
from contacts.models import Company, Contact
from deals.expected import NONE, Span
from deals.models import Competitor, Deal, LossReason, Pipeline, Stage
from deals.services import LineInput
from records.forms import DayField, MoneyField, RecordField, RecordForm
from records.money import parse_amount

MOST_LINES = 200


class StageSelect(forms.ModelChoiceField):
    """Active stages; several pipelines are told apart by name."""

    def __init__(self, **kwargs: Any) -> None:
        stages = Stage.objects.filter(is_active=True, pipeline__is_active=True)
        super().__init__(
            stages.select_related("pipeline").order_by("pipeline__position", "position"), **kwargs
        )

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and len(str(value)) > 18:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice"
            )
        return super().to_python(value)


class DealForm(RecordForm):
    """Create and edit; stage and pipeline are chosen at creation and change by moves."""

    company = RecordField(Company.objects.all(), "company", label=_("Company"), required=False)
    contact = RecordField(Contact.objects.all(), "contact", label=_("Contact"), required=False)
    amount = MoneyField(label=_("Amount"), required=False)
    owner = PersonField("deal", required=False)
    expected_close_date = DayField(label=_("Expected close"), required=False)

    class Meta:
        model = Deal
        fields = [
            "title",
            "company",
            "contact",
            "amount",
            "currency",
            "pipeline",
            "stage",
            "owner",
            "expected_close_date",
            "source",
            "description",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self._keep_client()
            for name in ("pipeline", "stage", "owner"):
                del self.fields[name]
            if self.instance.lines.exists():
                self.fields["amount"].disabled = True
                self.fields["amount"].help_text = _("The sum of the lines.")
        else:
            self._prepare_new()

    def _keep_client(self) -> None:
        """The present client stays a choice even for a person who may not see its card."""
        for name in ("company", "contact"):
            key = getattr(self.instance, f"{name}_id")
            if key:
                field = self.fields[name]
                field.queryset |= field.queryset.model.objects.filter(pk=key)

    def _prepare_new(self) -> None:
        """Defaults of a new deal; the first stage of the pipeline unless one is named."""
        stages = StageSelect(label=_("Stage"), required=False)
        stages.empty_label = _("First stage of the pipeline")
        self.fields["stage"] = stages
        pipelines = Pipeline.objects.filter(is_active=True)
        self.fields["pipeline"].queryset = pipelines
        self.fields["pipeline"].initial = pipelines.filter(is_default=True).first()
        self.fields["pipeline"].required = False
        self.fields["currency"].initial = Currency.objects.filter(is_base=True).first()
        self.fields["owner"].initial = self.user.pk
        if self.initial.get("stage"):
            self.fields["pipeline"].initial = None
        if not self.is_bound:
            self._tell_required(stages)

    def _tell_required(self, stages: StageSelect) -> None:
        """What the stage demands with which the form opens."""
        named, pipeline = self.initial.get("stage"), self.fields["pipeline"].initial
        rows = stages.queryset.filter(pk=named) if named else stages.queryset
        stage = rows.filter(pipeline=pipeline).first() if not named else rows.first()
        for name in stage.required_fields if stage else ():
            if name in self.fields:
                text = _("Obligatory in the stage “%(stage)s”.")
                self.fields[name].help_text = text % {"stage": stage.label}

    def clean_amount(self) -> Any:
        if self.fields["amount"].disabled:
            return self.instance.amount
        amount = self.cleaned_data["amount"]
        return Decimal(0) if amount is None else amount

    def clean_expected_close_date(self) -> Any:
        day = self.cleaned_data["expected_close_date"]
        if day and not 1990 <= day.year <= 2100:
            raise forms.ValidationError(_("Enter a year between 1990 and 2100."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stage, pipeline = cleaned.get("stage"), cleaned.get("pipeline")
        if "stage" in self.fields and stage:
            if pipeline and stage.pipeline_id != pipeline.pk:
                self.add_error("stage", _("This stage belongs to another pipeline."))
            cleaned["pipeline"] = stage.pipeline
        elif "pipeline" in self.fields and not pipeline and "pipeline" not in self.errors:
            self.add_error("pipeline", self.fields["pipeline"].error_messages["required"])
        return cleaned


class MoveForm(forms.Form):
    """Where the deal goes, and the version the person looked at."""

    stage = StageSelect(label=_("Stage"), empty_label=None)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stage"]
        field.queryset = field.queryset.filter(pipeline=deal.pipeline_id)
        field.initial = deal.stage_id
        self.fields["version"].initial = deal.version


class MonthForm(forms.Form):
    """The month a deal is expected to close in, as a `Span`; none takes the date away."""

    month = forms.TypedChoiceField(label=_("Month"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Deal, spans: list[Span], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {span.code: span for span in spans}
        field = self.fields["month"]
        field.choices = [  # type: ignore[attr-defined]
            *((code, date_format(span.first, "F Y")) for code, span in known.items()),
            (NONE, _("Without a date")),
        ]
        field.coerce = known.get  # type: ignore[attr-defined]
        field.empty_value = None  # type: ignore[attr-defined]
        if deal.expected_close_date:
            field.initial = f"{deal.expected_close_date:%Y-%m}"
        self.fields["version"].initial = deal.version


class VersionForm(forms.Form):
    """A button: nothing but the version the person looked at."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = deal.version


class LoseForm(VersionForm):
    """Why the deal is lost; the reason is obligatory, the competitor is asked if there are any."""

    reason = forms.ModelChoiceField(
        LossReason.objects.filter(is_active=True),
        label=_("Loss reason"),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    competitor = forms.ModelChoiceField(
        Competitor.objects.filter(is_active=True),
        label=_("Lost to"),
        required=False,
        empty_label=_("not known"),
    )
    comment = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["competitor"]
        if not field.queryset.exists():
            del self.fields["competitor"]


class AssignForm(VersionForm):
    """The new owner."""

    def __init__(self, *args: Any, user: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, deal=deal, **kwargs)
        self.fields["owner"] = PersonField("deal", user=user, initial=deal.owner_id)


class NumberField(forms.DecimalField):
    """A number as people type it, `1,5` or `1.5`, in every language; never negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return parse_amount(str(value)[:60])
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            text = f"{value:f}"
            if "." in text:
                text = text.rstrip("0").rstrip(".")
            return text.replace(".", ",")
        return value


class LineForm(forms.Form):
    """One line; an empty one is left out."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    product = RecordField(Product.objects.all(), "product", label=_("Product"), required=False)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    quantity = NumberField(label=_("Quantity"), max_digits=12, decimal_places=3, initial=1)
    price = MoneyField(label=_("Price"), required=False)
    discount = NumberField(label=_("Discount, %"), max_digits=5, decimal_places=2, max_value=100)
    vat = NumberField(label=_("VAT, %"), max_digits=5, decimal_places=2, max_value=100)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = self.fields["product"].queryset
        self.fields["product"].queryset = products.visible_to(user)

    def clean_quantity(self) -> Any:
        quantity = self.cleaned_data["quantity"]
        if quantity is not None and quantity <= 0:
            raise forms.ValidationError(_("Enter a quantity above zero."))
        return quantity

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        product = cleaned.get("product")
        if product and not cleaned.get("name"):
            cleaned["name"] = product.name
        if product and cleaned.get("price") is None and "price" not in self.errors:
            cleaned["price"] = product.price
        if not cleaned.get("name") and self.is_filled():
            self.add_error("name", _("Name the line or choose a product."))
        return cleaned

    def is_filled(self) -> bool:
        """Something but the ready-made quantity was entered."""
        names = ("pk", "product", "name", "price", "discount", "vat")
        return any(self.cleaned_data.get(name) for name in names)

    def line(self) -> LineInput:
        """The line for the service."""
        given = self.cleaned_data
        return LineInput(
            pk=given.get("pk"),
            product=given.get("product"),
            name=given["name"].strip(),
            quantity=given.get("quantity") or 1,
            price=given.get("price") or 0,
            discount=given.get("discount") or 0,
            vat=given.get("vat") or 0,
        )


class LineFormSet(BaseFormSet):
    """The lines of a deal; a line without a name or marked for deletion is left out."""

    def lines(self) -> list[LineInput]:
        """What is to be kept, in order."""
        return [
            form.line()
            for form in self.forms
            if form.is_filled() and not form.cleaned_data.get("DELETE")
        ]


LINES = formset_factory(
    LineForm,
    formset=LineFormSet,
    extra=1,
    can_delete=True,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES + 20,
    validate_max=True,
)
