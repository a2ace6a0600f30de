"""The form every record inherits, and the fields that choose one row of a big table."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.models import ModelFormMetaclass
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from records.money import parse_amount
from records.spoken import read_day

OFFERED = 20
FIRST_YEAR, LAST_YEAR = 2000, 2099


class RecordSelect(forms.Select):
    """A select that holds only the chosen row and twenty more; script searches the rest."""

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None, query: str = "") -> None:
        url = format_lazy("{}{}", reverse_lazy("pick", args=[kind]), query)
        super().__init__({"data-combobox": "", "data-url": url, **(attrs or {})})

    def first(self, rows: Any) -> Any:
        """The order in which rows are offered before anything is typed; the newest first."""
        return rows.order_by("-pk")

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        field = self.choices.field
        chosen = [key for key in value if str(key).isdigit() and len(str(key)) < 19]
        offered = list(self.first(field.queryset)[:OFFERED])
        missing = {int(key) for key in chosen} - {row.pk for row in offered}
        rows = [*field.queryset.filter(pk__in=missing), *offered] if missing else offered
        options = [("", field.empty_label or "")]
        options += [(row.pk, field.label_from_instance(row)) for row in rows]
        groups = []
        for index, (key, label) in enumerate(options):
            selected = str(key) in {str(item) for item in value}
            option = self.create_option(name, key, label, selected, index, attrs=attrs)
            groups.append((None, [option], index))
        return groups


class RecordField(forms.ModelChoiceField):
    """One visible row of a record type; `kind` names the search address /pick/<kind>/."""

    def __init__(self, queryset: Any, kind: str, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "—")
        super().__init__(queryset, widget=RecordSelect(kind), **kwargs)

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and len(str(value)) > 18:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


def spoken_input(widget: type, kind: str, pattern: str = "") -> Any:
    """A line for a day, a moment or a sum in words; script shows what was understood."""
    attrs = {"autocomplete": "off", "data-spoken": kind, "data-url": reverse_lazy("understood")}
    if not pattern:
        return widget(attrs={**attrs, "inputmode": "decimal"})
    return widget(
        format=pattern, attrs={**attrs, "class": "form-control", "data-word": _("Calendar")}
    )


class DayField(forms.DateField):
    """A day as people say it: `24.11.2026`, `завтра`, `пт`, `+3д`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", spoken_input(forms.DateInput, "day", "%d.%m.%Y"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        try:
            day = read_day(str(value), timezone.localdate())
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                _("Not understood. Try 24.11.2026, tomorrow, Fri or +3d."), code="invalid"
            ) from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("The year must be between 2000 and 2099."), code="invalid")
        return day


class MoneyField(forms.DecimalField):
    """A sum as people type it: `1 234,50`, `1,5 млн`; never negative, at most 13 whole digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 15)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)
        self.widget = spoken_input(forms.TextInput, "sum")
        self.validators += [
            MinValueValidator(Decimal(0)),
            MaxValueValidator(Decimal("9999999999999.99")),
        ]

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return parse_amount(str(value)[:60])
        except ValueError as error:
            raise ValidationError(
                _("Enter a sum, for example 1 234,50."), code="invalid"
            ) from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            text = f"{value:,.2f}".replace(",", " ").replace(".", ",")
            return text.removesuffix(",00")
        return value


class RuledForm(ModelFormMetaclass):
    """Takes the fields the person may not edit out of a form, once it is built completely."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        form = super().__call__(*args, **kwargs)
        form.close_fields()
        return form


class RecordForm(forms.ModelForm, metaclass=RuledForm):
    """Knows the person, narrows every related choice, carries the form key or the version.

    A field the person may not edit is not offered; what is posted for it is ignored and the
    stored value stays.
    """

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if self.instance.pk:
            del self.fields["form_key"]
            self.fields["version"].initial = self.instance.version
        else:
            del self.fields["version"]
            self.fields["form_key"].initial = uuid.uuid4
        for field in self.fields.values():
            if hasattr(field, "narrow"):
                field.narrow(user, self.instance)
            queryset = getattr(field, "queryset", None)
            if queryset is not None and hasattr(queryset, "visible_to"):
                field.queryset = queryset.visible_to(user)

    def close_fields(self) -> None:
        """Put aside the fields that are closed to the person."""
        record_type = getattr(self._meta.model, "record_type", "")
        locked = self.user.fields(record_type).locked
        self.closed = {name: field for name, field in self.fields.items() if name in locked}
        for name, field in self.closed.items():
            field.disabled, field.required = True, False
            del self.fields[name]

    def full_clean(self) -> None:
        """Closed fields keep their stored values, beyond doubt."""
        offered = dict(self.fields)
        self.fields = {**offered, **self.closed}
        super().full_clean()
        self.fields = offered
        for name in self.closed.keys() & self.errors.keys():
            del self.errors[name]

    def model_fields_changed(self) -> list[str]:
        """Names of the model's own columns that the post changed."""
        own = {field.name for field in self._meta.model._meta.concrete_fields}
        return [name for name in self.changed_data if name in own and name != "version"]
