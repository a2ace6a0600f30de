"""Pages of deeds on many rows: the question, the answer, taking it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import PersonField
from catalog.models import Product
from contacts.models import Company, Contact
from crm.lists import bulk
from crm.lists.views import LISTS
from deals.models import Deal, Stage
from leads.models import Lead
from records.models import BulkOperation
from records.policy import PERSON, record
from records.views import Door, go_to

TITLES = {
    "assign": gettext_lazy("Give the chosen ones to"),
    "stage": gettext_lazy("Move the chosen ones to a stage"),
    "delete": gettext_lazy("Put the chosen ones into the trash?"),
}


class BulkForm(forms.Form):
    """The rows, the deed and its value."""

    rows = forms.CharField(widget=forms.HiddenInput, max_length=4000)
    act = forms.ChoiceField(widget=forms.HiddenInput, choices=list(TITLES.items()))
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, kind: str, act: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if act == "assign":
            self.fields["value"] = PersonField(kind, user=user)
        elif act == "stage":
            stages = Stage.objects.filter(is_active=True, pipeline__is_active=True)
            self.fields["value"] = forms.ModelChoiceField(
                stages.select_related("pipeline"), label=gettext_lazy("Stage"), empty_label=None
            )

    def clean_rows(self) -> list[int]:
        """Keys of rows; what is no key is left out."""
        words = self.cleaned_data["rows"].split(",")
        keys = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]
        if not keys:
            raise forms.ValidationError(_("Choose at least one row."))
        return keys


class Bulk(Door):
    """GET asks about the rows ticked in a list, POST does it."""

    model: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        kind, act = self.model.record_type, request.GET.get("act", "")
        acts = self.acts()
        act = act if act in acts else next(iter(acts), "")
        rows = ",".join(request.GET.getlist("row")[: bulk.MOST_ROWS])[:4000]
        initial = {"rows": rows, "act": act, "next": request.GET.get("next", "")}
        return self.page(
            BulkForm(initial=initial, kind=kind, act=act, user=request.user), act, rows
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        kind, act = self.model.record_type, request.POST.get("act", "")
        form = BulkForm(request.POST, kind=kind, act=act, user=request.user)
        if not form.is_valid() or act not in self.acts():
            return self.page(form, act, request.POST.get("rows", ""), 422)
        data = form.cleaned_data
        found = bulk.apply(
            kind=kind,
            act=act,
            keys=data["rows"],
            value=data.get("value"),
            by=request.user,
            now=timezone.now(),
        )
        self.shown_count = found.changed
        tell(request, found)
        return go_to(request, back_to(data["next"]))

    def acts(self) -> list[str]:
        """What the list offers to this person."""
        place = LISTS[self.model.record_type]
        return place(request=self.request).bulk_acts()

    def page(self, form: BulkForm, act: str, rows: str, status: int = 200) -> HttpResponse:
        count = len([word for word in rows.split(",") if word])
        context = {
            "form": form,
            "title": TITLES.get(act, _("Nothing can be done with many rows here")),
            "act": act,
            "count_text": ngettext("%(count)d row chosen", "%(count)d rows chosen", count)
            % {"count": count},
            "cancel_url": back_to(form["next"].value() or ""),
        }
        return TemplateResponse(self.request, "records/bulk.html", context, status=status)


def back_to(target: str) -> str:
    """The list the person came from; an address outside leads home."""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/"


def tell(request: HttpRequest, found: bulk.Outcome) -> None:
    """How many changed, how many were left out, and the way back."""
    text = ngettext("%(count)d row changed.", "%(count)d rows changed.", found.changed) % {
        "count": found.changed
    }
    if found.left_out:
        text += " " + ngettext(
            "%(count)d row left as it was: no right, or a rule of the record.",
            "%(count)d rows left as they were: no right, or a rule of the record.",
            found.left_out,
        ) % {"count": found.left_out}
    if found.operation and not found.operation.undone_at:
        address = reverse("lists:bulk_undo", args=[found.operation.pk])
        messages.success(request, text, extra_tags=f"undo:{address}")
    else:
        messages.info(request, text)


class LeadBulk(Bulk):
    """Many leads at once."""

    policy = record("lead", "bulk")
    model = Lead


class DealBulk(Bulk):
    """Many deals at once."""

    policy = record("deal", "bulk")
    model = Deal


class ContactBulk(Bulk):
    """Many people at once."""

    policy = record("contact", "bulk")
    model = Contact


class CompanyBulk(Bulk):
    """Many companies at once."""

    policy = record("company", "bulk")
    model = Company


class ProductBulk(Bulk):
    """Many products at once."""

    policy = record("product", "bulk")
    model = Product


class BulkUndo(Door):
    """Takes one's own deed on many rows back."""

    policy = PERSON
    deed = ""
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        operation = get_object_or_404(BulkOperation.objects.filter(user=request.user), pk=pk)
        found = bulk.undo(operation_id=operation.pk, by=request.user, now=timezone.now())
        tell(request, found)
        place = LISTS[operation.record_type]
        return go_to(request, f"{reverse(place.list_name)}?view=all")
