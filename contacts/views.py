"""Pages of companies and people."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts import services
from contacts.columns import COMPANY_COLUMNS, CONTACT_COLUMNS
from contacts.duplicates import (
    Duplicates,
    same_companies,
    same_contacts,
    wait_for_same_keys,
)
from contacts.filters import CompanyFilter, ContactFilter
from contacts.forms import CompanyForm, ContactForm
from contacts.models import Company, Contact, Employment
from contacts.tax_ids import kind_of
from records.changes import readable_changes
from records.columns import Column
from records.idempotency import is_submitted
from records.listing import TableExport, TableList
from records.policy import record
from records.views import RecordCreate, RecordDelete, RecordDetail, RecordUpdate

SORTS = {
    "name": ("sort_key", "id"),
    "name_down": ("-sort_key", "-id"),
    "new": ("-created_at", "-id"),
    "new_up": ("created_at", "id"),
}
SHOWN_RELATED = 10


class CompanyList(TableList):
    """Companies."""

    policy = record("company")
    model = Company
    title = _("Companies")
    list_name = "contacts:company_list"
    export_name = "contacts:company_export"
    head_template = "contacts/head.html"
    empty_icon = "building"
    empty_title = _("No companies yet")
    empty_text = _("A company is a legal person or a sole trader you sell to or buy from.")
    columns: Sequence[Column] = COMPANY_COLUMNS
    presets = (
        (_("All"), ""),
        (_("Mine"), "whose=me"),
        (_("My department"), "whose=department"),
        (_("Key clients"), "is_key=true"),
    )
    filterset_class: Any = CompanyFilter
    sorts = SORTS
    default_sort = "name"

    def decorate(self, rows: QuerySet) -> QuerySet:
        related = self.read_by_columns("phones", "emails")
        return rows.select_related("owner").prefetch_related(*related)


class CompanyExport(TableExport, CompanyList):
    """The filtered companies as a file."""

    policy = record("company", "export")


class ContactList(CompanyList):
    """People."""

    policy = record("contact")
    model = Contact
    title = pgettext_lazy("clients", "People")
    list_name = "contacts:contact_list"
    export_name = "contacts:contact_export"
    empty_icon = "users"
    empty_title = _("Nobody here yet")
    empty_text = _("A contact is a person you talk to: a client, a partner, somebody who decides.")
    columns = CONTACT_COLUMNS
    filterset_class = ContactFilter

    def decorate(self, rows: QuerySet) -> QuerySet:
        seen = Company.objects.visible_to(self.request.user)
        jobs = Employment.objects.filter(company__in=seen).select_related("company")
        return super().decorate(rows).prefetch_related(Prefetch("employments", jobs))


class ContactExport(TableExport, ContactList):
    """The filtered people as a file."""

    policy = record("contact", "export")


class ClientDetail(RecordDetail):
    """What both cards share."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            phones=self.object.phones.all(),
            emails=self.object.emails.all(),
            changes=readable_changes(self.object, self.request.user, limit=10),
            **kwargs,
        )


class CompanyDetail(ClientDetail):
    """The card of a company."""

    policy = record("company")
    model = Company
    template_name = "contacts/company_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = Contact.objects.visible_to(self.request.user).filter(companies=self.object)
        branches = Company.objects.visible_to(self.request.user).filter(parent=self.object)
        parents = Company.objects.visible_to(self.request.user).filter(pk=self.object.parent_id)
        return super().get_context_data(
            people=people.with_channels().order_by("sort_key")[:SHOWN_RELATED],
            branches=branches.order_by("sort_key")[:SHOWN_RELATED],
            parent=parents.first() if self.object.parent_id else None,
            tax_kind=kind_of(self.object.tax_id) if self.object.tax_id else "",
            **kwargs,
        )


class ContactDetail(ClientDetail):
    """The card of a person."""

    policy = record("contact")
    model = Contact
    template_name = "contacts/contact_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        companies = Company.objects.visible_to(self.request.user).filter(contacts=self.object)
        return super().get_context_data(
            companies=companies.with_channels().order_by("sort_key")[:SHOWN_RELATED], **kwargs
        )


class WarnsOfDuplicates:
    """A new record whose keys somebody has already is saved only when confirmed."""

    template_name = "contacts/client_form.html"

    def duplicates(self, form: Any) -> Duplicates:
        """Records with the same keys."""
        raise NotImplementedError

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        wait_for_same_keys(
            data["phones"], data["emails"], data.get("name", ""), data.get("tax_id", "")
        )
        found = Duplicates()
        confirmed = "confirmed" in self.request.POST
        if not confirmed and not is_submitted(self.request.user, form.cleaned_data["form_key"]):
            found = self.duplicates(form)
        if found:
            context = self.get_context_data(form=form, duplicates=found)
            return self.render_to_response(context, status=422)
        return super().form_valid(form)


class CompanyCreate(WarnsOfDuplicates, RecordCreate):
    """A new company."""

    policy = record("company", "create")
    model = Company
    form_class = CompanyForm
    title = _("New company")
    submit_label = _("Create company")

    def duplicates(self, form: CompanyForm) -> Duplicates:
        data = form.cleaned_data
        return same_companies(
            self.request.user, data["name"], data["tax_id"], data["phones"], data["emails"]
        )

    def save(self, form: CompanyForm) -> Company:
        return save_company(form, self.request.user)


class CompanyUpdate(RecordUpdate):
    """A changed company."""

    policy = record("company", "change")
    model = Company
    form_class = CompanyForm
    template_name = "contacts/client_form.html"
    title = _("Edit company")

    def save(self, form: CompanyForm) -> Company:
        return save_company(form, self.request.user)


def save_company(form: CompanyForm, user: Any) -> Company:
    """Hand the cleaned form to the service; without an owner the company is the person's own."""
    company = form.save(commit=False)
    company.owner = company.owner or (user if not company.pk else None)
    data = form.cleaned_data
    return services.save_company(
        company=company, by=user, now=timezone.now(), phones=data["phones"], emails=data["emails"]
    )


class ContactCreate(WarnsOfDuplicates, RecordCreate):
    """A new person."""

    policy = record("contact", "create")
    model = Contact
    form_class = ContactForm
    title = _("New contact")
    submit_label = _("Create contact")

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "company": self.request.GET.get("company", "")[:18]}

    def duplicates(self, form: ContactForm) -> Duplicates:
        data = form.cleaned_data
        return same_contacts(self.request.user, data["phones"], data["emails"])

    def save(self, form: ContactForm) -> Contact:
        return save_contact(form, self.request.user)


class ContactUpdate(RecordUpdate):
    """A changed person."""

    policy = record("contact", "change")
    model = Contact
    form_class = ContactForm
    template_name = "contacts/client_form.html"
    title = _("Edit contact")

    def save(self, form: ContactForm) -> Contact:
        return save_contact(form, self.request.user)


def save_contact(form: ContactForm, user: Any) -> Contact:
    """Hand the cleaned form to the service; without an owner the person is the user's own."""
    contact = form.save(commit=False)
    contact.owner = contact.owner or (user if not contact.pk else None)
    data = form.cleaned_data
    return services.save_contact(
        contact=contact,
        by=user,
        now=timezone.now(),
        phones=data["phones"],
        emails=data["emails"],
        company=data["company"],
        left=data.get("left", ()),
    )


class CompanyDelete(RecordDelete):
    """Into the trash."""

    policy = record("company", "delete")
    model = Company
    success_url = reverse_lazy("contacts:company_list")


class ContactDelete(RecordDelete):
    """Into the trash."""

    policy = record("contact", "delete")
    model = Contact
    success_url = reverse_lazy("contacts:contact_list")
