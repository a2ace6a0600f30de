"""Forms of the first run and of the company's settings."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import ZoneField
from accounts.models import Role, Workplace
from accounts.models.users import Language, zone_choices
from accounts.models.workplace import WEEK, Country
from accounts.querysets import people_with_addresses
from accounts.services import workplace
from catalog.services import SYMBOLS, base_code
from deals.trades import TRADES
from records.forms import RecordForm

MOST_INVITED = 20
COMPANY_FIELDS = (
    "name",
    "country",
    "language",
    "time_zone",
    "work_days",
    "work_from",
    "work_to",
)


def time_box() -> forms.TimeInput:
    """The browser's own box of hours and minutes."""
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class CompanyForm(RecordForm):
    """The company: name, country, language, zone, hours."""

    name = forms.CharField(label=gettext_lazy("Company name"), max_length=120)
    time_zone = ZoneField(choices=zone_choices, required=True)
    work_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Working days"),
        choices=WEEK,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Workplace
        fields = list(COMPANY_FIELDS)
        widgets = {"work_from": time_box(), "work_to": time_box()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("work_from"), data.get("work_to")
        if begins and ends and begins >= ends:
            self.add_error("work_to", _("Work ends after it begins."))
        return data

    def company_fields(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in COMPANY_FIELDS}


class SetupForm(CompanyForm):
    """Everything a company says once: itself, its money, its way of selling, its people."""

    last_name = forms.CharField(label=gettext_lazy("Surname"), max_length=80, required=False)
    first_name = forms.CharField(label=gettext_lazy("Given name"), max_length=80, required=False)
    currency = forms.ChoiceField(
        label=gettext_lazy("Base currency"),
        choices=[(code, f"{code} {symbol}") for code, symbol in SYMBOLS.items()],
        help_text=gettext_lazy("Totals and reports are counted in it. Deals may be in others."),
    )
    trade = forms.ChoiceField(
        label=gettext_lazy("Stages"),
        choices=lambda: [("", ""), *((trade.code, trade.title) for trade in TRADES)],
        required=False,
    )
    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses of colleagues"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "On lines of their own or by comma. Each gets a letter with a link."
        ),
    )
    role = forms.ModelChoiceField(
        Role.objects.all(), label=gettext_lazy("Their role"), required=False, empty_label=None
    )
    demo = forms.BooleanField(
        label=gettext_lazy("Load a demo company to look around"),
        required=False,
        help_text=gettext_lazy(
            "Invented clients, deals and people who cannot sign in. One button removes them."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trades = TRADES
        for name in ("last_name", "first_name"):
            self.fields[name].initial = getattr(self.user, name)
        speaks_ukrainian = self.instance.language == Language.UK
        self.fields["currency"].initial = "UAH" if speaks_ukrainian else base_code()
        if speaks_ukrainian and not self.instance.country:
            self.initial["country"] = Country.UA
        self.fields["role"].initial = Role.objects.filter(preset="manager").first()

    def clean_emails(self) -> list[str]:
        """Addresses in lower case, each once; every wrong one is named."""
        words = re.split(r"[\s,;]+", self.cleaned_data["emails"].strip())
        found = list(dict.fromkeys(word.lower() for word in words if word))
        if len(found) > MOST_INVITED:
            raise ValidationError(
                _("At most %(count)d at once; invite the others from the page of people.")
                % {"count": MOST_INVITED}
            )
        wrong = [address for address in found if not is_address(address)]
        if wrong:
            raise ValidationError(_("Not an address: %(list)s") % {"list": ", ".join(wrong)})
        taken = people_with_addresses(found)
        if taken:
            raise ValidationError(_("Signs in here already: %(list)s") % {"list": ", ".join(taken)})
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("emails") and not data.get("role") and "role" not in self.errors:
            self.add_error("role", _("Choose a role for them."))
        return data


def is_address(text: str) -> bool:
    """An e-mail address as Django and the column take it."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def present() -> Workplace:
    """The company's row as it is now, for the form."""
    return Workplace.objects.filter(pk=1).first() or workplace()
