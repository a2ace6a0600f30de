"""Who to call: the RFM grid, its segments, and the customers behind each number."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from catalog.services import base_code
from contacts.models import Company, Contact
from deals.filters import LAST_DAY, KeyField
from records.money import parse_amount
from records.policy import record, right
from records.views import Door
from reports import rfm, scores
from reports.asking import Asked
from reports.forms import ReportForm, day_field
from reports.purchases import today, visible_purchases, with_cards, with_deals
from reports.rfm import FIXED, QUINTILES, Cuts
from reports.rfm_report import rfm_page
from reports.sheets import Report
from reports.views.pages import ReportPage, SumsPage

LONGEST_FIGURE = 12


def asked_score(text: str) -> int | None:
    """A score from the address; anything else does not narrow."""
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


class CutsField(forms.CharField):
    """Four rising thresholds, written `30/90/180/365`."""

    def to_python(self, value: Any) -> tuple[Decimal, ...]:
        text = str(value or "").strip()
        if not text:
            return ()
        try:
            found = tuple(parse_amount(part[:LONGEST_FIGURE]) for part in text[:80].split("/"))
        except ValueError as error:
            raise forms.ValidationError(_("Write four numbers: 30/90/180/365.")) from error
        if len(found) != 4 or found[0] < 0 or list(found) != sorted(set(found)):
            raise forms.ValidationError(_("Write four rising numbers: 30/90/180/365."))
        return found

    def prepare_value(self, value: Any) -> Any:
        return "/".join(f"{part:f}" for part in value) if isinstance(value, tuple) else value


class RfmForm(ReportForm):
    """The day, the mode and the thresholds; nothing else narrows a customer's whole history."""

    options = {"mode": "quintiles"}

    as_of = day_field(gettext_lazy("As of"))
    mode = forms.ChoiceField(
        label=gettext_lazy("Thresholds"),
        choices=[
            ("quintiles", gettext_lazy("by quintiles")),
            ("fixed", gettext_lazy("fixed")),
        ],
        required=False,
    )
    days = CutsField(label=gettext_lazy("Days (R)"), required=False)
    times = CutsField(label=gettext_lazy("Purchases (F)"), required=False)
    money = CutsField(label=gettext_lazy("Sum (M)"), required=False)

    field_order = ["as_of", "mode", "days", "times", "money"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unused = ("period", "from", "to", "compare", "pipeline", "department", "owner", "source")
        for name in unused:
            self.fields.pop(name, None)

    @property
    def cuts(self) -> Cuts:
        """The thresholds of the mode; whole numbers for days and purchases."""
        values = self.valid
        if values.get("mode") != "fixed":
            return QUINTILES
        return Cuts(
            tuple(int(part) for part in values.get("days") or FIXED.r),
            tuple(int(part) for part in values.get("times") or FIXED.f),
            tuple(values.get("money") or ()),
        )

    @cached_property
    def kept(self) -> dict[str, Any]:
        found = dict(super().kept)
        for name in ("days", "times", "money"):
            if name in found:
                found[name] = self.fields[name].prepare_value(found[name])
        return found


class RfmGrid(ReportPage):
    """Scores of the customers in the purchases the person may see."""

    name = "rfm"
    form_class = RfmForm

    def report(self, asked: Asked, form: Any) -> Report:
        as_of = asked.as_of or today()
        return rfm_page(asked.user, min(as_of, LAST_DAY), form.cuts, form.kept)

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []

    def query(self, form: Any, **more: Any) -> str:
        return super().query(form, **more).replace("from=&to=&", "").replace("from=&to=", "")


class RfmCustomers(SumsPage, TemplateView):
    """The customers of a cell or a segment, the greatest sum first."""

    policy = right("view_reports")
    template_name = "reports/rfm_customers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = RfmForm(self.request.GET, user=self.request.user)
        r, f = (asked_score(self.request.GET.get(name, "")) for name in ("r", "f"))
        segment = self.request.GET.get("segment", "")
        segment = segment if segment in rfm.SEGMENTS else ""
        as_of = form.valid.get("as_of") or today()
        source = visible_purchases(self.request.user, as_of)
        found = rfm.score(source, as_of, form.cuts)
        wanted = rfm.pairs(r=r, f=f, segment=segment)
        count = sum(found.cells[pair].customers for pair in wanted & found.cells.keys())
        page = Paginator(range(count), rfm.PAGE).get_page(self.request.GET.get("page"))
        offset = (page.number - 1) * rfm.PAGE
        rows = rfm.customers(source, as_of, wanted, offset, form.cuts) if count else []
        asked = {**form.kept, "r": r, "f": f, "segment": segment}
        return super().get_context_data(
            as_of=as_of,
            currency=base_code(),
            segment=rfm.SEGMENTS.get(segment, ""),
            r=r,
            f=f,
            count=count,
            page_obj=page,
            query="&".join(f"{name}={value}" for name, value in asked.items() if value),
            rows=with_deals(self.request.user, with_cards(self.request.user, rows)),
            **kwargs,
        )


class CustomerForm(forms.Form):
    """One customer whose card the person may open."""

    company = KeyField(queryset=None, required=False)
    contact = KeyField(queryset=None, required=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["company"].queryset = Company.objects.visible_to(user)
        fields["contact"].queryset = Contact.objects.visible_to(user)


class RfmCard(Door, TemplateView):
    """The segment of one customer with its arithmetic: a fragment for the card."""

    policy = record("deal")
    template_name = "reports/rfm_card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = CustomerForm(self.request.GET, user=self.request.user)
        form.is_valid()
        asked = {name: found for name, found in form.cleaned_data.items() if found}
        row = None
        user: Any = self.request.user
        if len(asked) == 1 and user.fields("deal").sees("amount"):
            row = rfm.of_customer(user, today(), **asked)
        return super().get_context_data(
            row=row,
            segment=rfm.SEGMENTS[row["segment"]] if row else "",
            advice=rfm.ADVICE[row["segment"]] if row else "",
            days=" / ".join(str(cut) for cut in FIXED.r),
            times=" / ".join(str(cut) for cut in FIXED.f),
            currency=base_code(),
            **kwargs,
        )


class RfmMoves(SumsPage, TemplateView):
    """Customers who were in one segment and are in another, by the two last stored months."""

    policy = right("view_reports")
    template_name = "reports/rfm_moves.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        was, now = (self.request.GET.get(name, "") for name in ("was", "now"))
        months = scores.stored_months()
        rows: Any = []
        if len(months) > 1 and now in rfm.SEGMENTS and (was in rfm.SEGMENTS or was == "none"):
            found = scores.moved(self.request.user, months[1], months[0])
            found = found.filter(segment=now, was="" if was == "none" else was)
            rows = found.order_by("-m", "-f", "company_id", "contact_id")
            rows = rows.values("company_id", "contact_id", "r", "f", "m")
        page = Paginator(rows, rfm.PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            was=rfm.SEGMENTS.get(was, _("Had not bought yet")),
            now=rfm.SEGMENTS.get(now, ""),
            months=months[:2],
            count=page.paginator.count,
            page_obj=page,
            query=f"was={was if was in rfm.SEGMENTS else 'none'}&now={now}",
            rows=with_cards(self.request.user, page.object_list),
            **kwargs,
        )
