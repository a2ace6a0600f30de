"""Forms of leads, sources and distribution rules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from accounts.models import Department, User
from contacts.fields import EmailsField, PhonesField
from contacts.folds import FoldedFields
from contacts.models import Company, Contact
from deals.models import Pipeline
from deals.services import demanded_at_entry
from leads.models import Lead, PoolMember, Rule, Source
from records.forms import DayField, MoneyField, RecordForm

UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"]


class LeadForm(FoldedFields, RecordForm):
    """A lead needs a name, a company, a phone or an e-mail; nothing else is obligatory."""

    phones = PhonesField()
    emails = EmailsField()
    amount = MoneyField(label=_("Interest, amount"), required=False)
    owner = PersonField(
        "lead", required=False, help_text=_("Empty: the distribution rules decide.")
    )

    field_order = ["phones", "last_name", "first_name", "title", "source", "amount", "owner"]
    folded = (
        (_("More about the client"), ("patronymic", "company_name", "position", "emails", "city")),
        (_("Comment"), ("description",)),
        (_("Campaign marks"), ("campaign", *UTM)),
    )

    class Meta:
        model = Lead
        fields = [
            "last_name",
            "first_name",
            "patronymic",
            "title",
            "company_name",
            "position",
            "city",
            "source",
            "amount",
            "campaign",
            "owner",
            "description",
            *UTM,
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = Q(is_active=True) | Q(pk=self.instance.source_id)
        self.fields["source"].queryset = Source.objects.filter(used)
        if self.instance.pk:
            del self.fields["owner"]
            self.fields["phones"].initial = [phone.number for phone in self.instance.phones.all()]
            self.fields["emails"].initial = [mail.address for mail in self.instance.emails.all()]
        else:
            self.fields["owner"].narrow(self.user)
            self.fields["owner"].initial = self.user.pk

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = ("last_name", "first_name", "company_name", "phones", "emails")
        if not self.errors and not any(cleaned.get(name) for name in named):
            raise ValidationError(_("Enter at least a phone, an e-mail, a name or a company."))
        return cleaned


class ConvertForm(forms.Form):
    """What to make of a lead: each existing match is one choice, a new record another."""

    contact = forms.ChoiceField(label=_("Contact"), widget=forms.RadioSelect)
    company = forms.ChoiceField(label=_("Company"), widget=forms.RadioSelect)
    company_name = forms.CharField(
        label=_("Name of the new company"), required=False, max_length=200
    )
    with_deal = forms.BooleanField(label=_("Make a deal"), required=False, initial=True)
    title = forms.CharField(label=_("Name of the deal"), required=False, max_length=200)
    pipeline = forms.ModelChoiceField(
        Pipeline.objects.none(), label=_("Pipeline"), required=False, empty_label=None
    )
    amount = MoneyField(label=_("Amount"), required=False)
    expected_close_date = DayField(label=_("Expected close"), required=False)
    description = forms.CharField(
        label=_("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        contacts: list[Contact],
        companies: list[Company],
        may: dict[str, bool],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.matches = {
            "contact": {str(row.pk): row for row in contacts},
            "company": {str(row.pk): row for row in companies},
        }
        self._offer("contact", _("A new contact"), may["contact"])
        self._offer("company", _("A new company"), may["company"])
        self.fields["company"].choices = [
            *self.fields["company"].choices,
            ("none", _("No company")),
        ]
        self.fields["pipeline"].queryset = Pipeline.objects.filter(is_active=True)
        if not may["deal"]:
            del self.fields["with_deal"], self.fields["title"], self.fields["pipeline"]
            del self.fields["amount"]
        demanded = demanded_at_entry() if may["deal"] else set()
        for name in {"expected_close_date", "description"} - demanded:
            del self.fields[name]

    def _offer(self, name: str, new: Any, may_create: bool) -> None:
        rows = [
            (key, _("%(name)s, already here") % {"name": row})
            for key, row in self.matches[name].items()
        ]
        self.fields[name].choices = rows + ([("new", new)] if may_create else [])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("company") == "new" and not cleaned.get("company_name", "").strip():
            self.add_error("company_name", _("Name the company or choose “No company”."))
        if cleaned.get("with_deal") and not cleaned.get("pipeline"):
            self.add_error("pipeline", _("Choose a pipeline."))
        return cleaned

    def chosen(self, name: str) -> Any:
        """The existing record chosen, or None."""
        return self.matches[name].get(self.cleaned_data[name])


class RejectForm(forms.Form):
    """Why nothing will come of it."""

    reason = forms.CharField(label=_("Why rejected"), max_length=300)


class AssignForm(forms.Form):
    """To whom; empty: the rules decide."""

    owner = PersonField(
        "lead", required=False, help_text=_("Empty: the distribution rules decide.")
    )


class SourceForm(forms.ModelForm):
    """A source of leads."""

    class Meta:
        model = Source
        fields = ["name", "position", "is_active"]
        labels = {"position": _("Order")}


class RuleForm(RecordForm):
    """A distribution rule with its pool."""

    amount_from = MoneyField(label=_("Amount from"), required=False)
    amount_to = MoneyField(label=_("Amount below"), required=False)
    people = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("People"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Rule
        fields = ["name", "amount_from", "amount_to", "source", "department", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = PoolMember.objects.filter(rule=self.instance.pk).values("user")
        here = Q(is_active=True) | Q(pk__in=chosen)
        self.fields["people"].queryset = User.objects.filter(here)
        used = Q(is_active=True) | Q(pk=self.instance.department_id)
        self.fields["department"].queryset = Department.objects.filter(used)
        if self.instance.pk:
            self.fields["people"].initial = list(
                self.instance.pool.values_list("user_id", flat=True)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("amount_from"), cleaned.get("amount_to")
        if low is not None and high is not None and low >= high:
            self.add_error("amount_to", _("The upper bound must be above the lower one."))
        if not cleaned.get("people") and not cleaned.get("department"):
            self.add_error("people", _("Choose people or a department."))
        return cleaned

    def save_pool(self, rule: Rule) -> None:
        """Make the pool these people."""
        people = self.cleaned_data["people"]
        rule.pool.exclude(user__in=people).delete()
        PoolMember.objects.bulk_create(
            [PoolMember(rule=rule, user=person) for person in people], ignore_conflicts=True
        )
