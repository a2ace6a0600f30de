"""Forms of companies and people."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from contacts.fields import EmailsField, PhonesField
from contacts.folds import FoldedFields
from contacts.models import Company, Contact
from records.forms import MoneyField, RecordField, RecordForm

EARLIEST_YEAR = 1500
SITE = re.compile(r"(https?://)?[\w-]+(\.[\w-]+)+\.?(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)


def _is_novice(person: Any) -> bool:
    """The person's own roles hide key clients; what he does as a deputy does not count."""
    return any(holder.is_novice for holder in person.holders() if not holder.is_deputised)


class ReachableForm(FoldedFields, RecordForm):
    """Phones and e-mails, one a line, beside the record's own fields."""

    phones = PhonesField()
    emails = EmailsField()
    owner = PersonField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["owner"]
            self.fields["phones"].initial = [
                f"{phone.number}" for phone in self.instance.phones.all()
            ]
            self.fields["emails"].initial = [email.address for email in self.instance.emails.all()]
        else:
            self.fields["owner"] = PersonField(
                self._meta.model.record_type, required=False, user=self.user, initial=self.user.pk
            )
        self._prepare_key()

    def _prepare_key(self) -> None:
        """Whoever must not see key clients is not asked who is one."""
        if any(holder.is_novice for holder in self.user.holders()):
            del self.fields["is_key"]
            return
        self.fields["is_key"].help_text = _(
            "Hidden, with its deals, leads and work, from whoever has a role marked "
            "“Does not see key clients”."
        )

    def clean(self) -> dict[str, Any]:
        """A key client does not become invisible to the person who answers for it."""
        data = super().clean() or self.cleaned_data
        owner = data.get("owner") or self.instance.owner or self.user
        if data.get("is_key") and not self.initial.get("is_key") and _is_novice(owner):
            text = _("The role of %(person)s hides key clients. Choose another owner first.")
            self.add_error("is_key", text % {"person": owner})
        return data


class CompanyForm(ReachableForm):
    """A company; tax numbers are kept as digits."""

    annual_revenue = MoneyField(label=_("Annual revenue"), required=False)
    parent = RecordField(
        Company.objects.all(), "company", label=_("Parent company"), required=False
    )

    field_order = ["name", "kind", "phones", "emails", "tax_id", "city", "owner"]
    folded = (
        (_("Address and requisites"), ("registration_code", "country", "address", "website")),
        (
            _("About the company"),
            (
                "is_key",
                "industry",
                "founded_year",
                "head_count",
                "annual_revenue",
                "parent",
                "description",
            ),
        ),
    )

    class Meta:
        model = Company
        fields = [
            "name",
            "kind",
            "tax_id",
            "registration_code",
            "industry",
            "country",
            "city",
            "address",
            "website",
            "founded_year",
            "head_count",
            "annual_revenue",
            "is_key",
            "parent",
            "owner",
            "description",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean_tax_id(self) -> str:
        return "".join(
            sign for sign in self.cleaned_data["tax_id"] if sign.isascii() and sign.isdigit()
        )

    def clean_founded_year(self) -> int | None:
        year = self.cleaned_data["founded_year"]
        if year and not EARLIEST_YEAR <= year <= timezone.localdate().year:
            raise ValidationError(_("Enter a year from 1500 to now."))
        return year

    def clean_head_count(self) -> int | None:
        count = self.cleaned_data["head_count"]
        if count and count > 10_000_000:
            raise ValidationError(_("Enter a smaller number."))
        return count

    def clean_parent(self) -> Company | None:
        parent = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent.pk == self.instance.pk:
            raise ValidationError(_("A company cannot be part of itself."))
        return parent

    def clean_website(self) -> str:
        site = self.cleaned_data["website"].strip()
        if site and not SITE.fullmatch(site):
            raise ValidationError(_("Enter an address such as example.com"))
        return site


class ContactForm(ReachableForm):
    """A person and the company he or she works in."""

    company = RecordField(Company.objects.all(), "company", label=_("Company"), required=False)
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    left = forms.ModelMultipleChoiceField(
        Company.objects.none(),
        label=_("No longer works in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    field_order = ["last_name", "first_name", "patronymic", "phones", "emails", "company", "left"]
    folded = (
        (_("About the person"), ("birthday", "sex", "language", "city", "interests")),
        (_("Comment"), ("description",)),
    )

    class Meta:
        model = Contact
        fields = [
            "last_name",
            "first_name",
            "patronymic",
            "position",
            "birthday",
            "sex",
            "language",
            "city",
            "is_key",
            "interests",
            "owner",
            "description",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["company"].help_text = _("Adds a place of work.")
            seen = Company.objects.visible_to(self.user).filter(contacts=self.instance)
            self.fields["left"].queryset = seen
        if not self.instance.pk or not seen.exists():
            del self.fields["left"]

    def clean_birthday(self) -> Any:
        day = self.cleaned_data["birthday"]
        if day and not (day.year >= 1900 and day <= timezone.localdate()):
            raise ValidationError(_("Enter a day between 1900 and today."))
        return day
