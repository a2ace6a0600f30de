"""Pages of the purchase ledger: retention, purchases, ABC, and the clients behind their numbers."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from catalog.services import base_code
from records.policy import right
from reports.asking import Asked
from reports.forms import ReportForm, day_field
from reports.ledger.abc import CLASSES, CUTS, listed, moved
from reports.ledger.abc_report import abc_report
from reports.ledger.bills_report import bills_report
from reports.ledger.retention_report import retention_report
from reports.ledger.rows import KINDS, MOST, PAGE, Buyers, bought, buyers, days_of
from reports.purchases import with_cards, with_deals
from reports.sheets import Report
from reports.views.pages import ReportPage, SumsPage

BOUNDS = ("first_from", "first_to", "hit_from", "hit_to", "least", "most")
TITLES = {
    "purchases": gettext_lazy("Purchases"),
    "repeat": gettext_lazy("Repeat purchases"),
    "returns": gettext_lazy("Returns"),
}


class RetentionForm(ReportForm):
    """By month or quarter, up to a day; a cohort is compared with the others, not with a period."""

    options = {"step": "month"}
    usual = "all"

    as_of = day_field(gettext_lazy("As of"))
    step = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[("month", gettext_lazy("By month")), ("quarter", gettext_lazy("By quarter"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("compare")


class RetentionPage(ReportPage):
    """Cohorts of clients by their first purchase."""

    name = "retention"
    form_class = RetentionForm

    def report(self, asked: Asked, form: Any) -> Report:
        return retention_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        chosen = form.asked.options["step"]
        found["tabs"] = [
            (label, "?" + self.query(form, step=name), name == chosen)
            for name, label in form.fields["step"].choices
        ]
        return found


class YearForm(ReportForm):
    """The usual filter, of the present year unless other days are chosen."""

    usual = "year"


class BillsPage(ReportPage):
    """Average bill, repeat purchases, returns by month."""

    name = "purchases"
    form_class = YearForm

    def report(self, asked: Asked, form: Any) -> Report:
        return bills_report(asked)


class AbcForm(YearForm):
    """Where class A and class B end, per cent of the revenue."""

    a = forms.IntegerField(
        label=gettext_lazy("A up to, %"), required=False, min_value=1, max_value=99
    )
    b = forms.IntegerField(
        label=gettext_lazy("B up to, %"), required=False, min_value=2, max_value=100
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if (values.get("a") or CUTS[0]) >= (values.get("b") or CUTS[1]):
            self.add_error("b", _("B ends after A."))
        return values

    @property
    def cuts(self) -> tuple[int, int]:
        """The chosen ends, or the usual ones when they make no sense."""
        values = self.valid
        if {"a", "b"} & set(self.errors):
            return CUTS
        return values.get("a") or CUTS[0], values.get("b") or CUTS[1]

    @property
    def chosen_cuts(self) -> dict[str, Any]:
        """Ends that differ from the usual ones, as parameters."""
        return {
            name: end
            for name, end, usual in zip("ab", self.cuts, CUTS, strict=True)
            if end != usual
        }


class AbcPage(ReportPage):
    """Clients by their part of the revenue."""

    name = "abc"
    form_class = AbcForm

    def report(self, asked: Asked, form: Any) -> Report:
        options = {**form.chosen_cuts, "compare": form.valid.get("compare") or ""}
        return abc_report(asked.of(options=options), form.cuts)


class ClientRows(SumsPage, TemplateView):
    """Clients behind a number, the greatest sum first."""

    policy = right("view_reports")
    template_name = "reports/buyers.html"
    back = ""

    def page(
        self, form: Any, count: int, rows: list[dict[str, Any]], **more: Any
    ) -> dict[str, Any]:
        """What the template shows."""
        query = self.request.GET.copy()
        query.pop("page", None)
        user: Any = self.request.user
        return super().get_context_data(
            title=more.pop("title", _("Clients")),
            back=self.back,
            period=form.span,
            page_obj=Paginator(range(count), PAGE).get_page(self.request.GET.get("page")),
            count=count,
            rows=with_deals(user, with_cards(user, rows)),
            query=query.urlencode(),
            currency=base_code(),
            **more,
        )

    def offset(self) -> int:
        """Where the asked page begins; a wrong number is the first page."""
        text = self.request.GET.get("page", "")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
        return PAGE * (max(1, number) - 1)


class BuyersForm(RetentionForm):
    """Bounds of the first purchase, of some purchase, of the number of purchases."""

    least = forms.IntegerField(required=False, min_value=0, max_value=MOST)
    most = forms.IntegerField(required=False, min_value=0, max_value=MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in BOUNDS[:4]:
            self.fields[name] = day_field("")

    def wanted(self) -> Buyers:
        """The clients. Raises Http404 for bounds that make no sense."""
        values = self.valid
        if set(BOUNDS) & set(self.errors):
            raise Http404
        given = {name: values[name] for name in BOUNDS if values.get(name) is not None}
        return Buyers(**given)


class BuyerRows(ClientRows):
    """Clients by their first purchase, some purchase and the number of purchases."""

    back = "reports:retention"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = BuyersForm(self.request.GET, user=self.request.user)
        wanted = form.wanted()
        count, rows = buyers(form.asked, wanted, self.offset())
        if not rows and self.offset():
            count, rows = buyers(form.asked, wanted)
        return self.page(form, count, rows, bounds=wanted.link(), **kwargs)


class AbcCellForm(AbcForm):
    """A class, or a class before and a class now."""

    was = forms.ChoiceField(choices=[(c, c) for c in (*CLASSES, "none")], required=False)
    now = forms.ChoiceField(choices=[(c, c) for c in (*CLASSES, "none")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class"] = forms.ChoiceField(choices=[(c, c) for c in CLASSES], required=False)


class AbcClients(ClientRows):
    """Clients of a class, or who moved from one to another."""

    back = "reports:abc"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = AbcCellForm(self.request.GET, user=self.request.user)
        values = form.valid
        if {"was", "now", "class"} & set(form.errors) or bool(values["was"]) != bool(values["now"]):
            raise Http404
        count, rows = self._found(form, self.offset())
        if not rows and self.offset():
            count, rows = self._found(form, 0)
        words = {"none": _("did not buy")}
        title = _("Class %(name)s") % {"name": values["class"]} if values["class"] else ""
        if values["was"]:
            title = " → ".join(str(words.get(values[n], values[n])) for n in ("was", "now"))
        return self.page(form, count, rows, title=title or _("Clients"), **kwargs)

    def _found(self, form: AbcCellForm, offset: int) -> tuple[int, list[dict[str, Any]]]:
        values = form.valid
        if values["was"]:
            was, now = ("" if values[name] == "none" else values[name] for name in ("was", "now"))
            return moved(form.asked, form.cuts, was, now, offset)
        classes = [values["class"]] if values["class"] else list(CLASSES)
        return listed(form.asked, form.cuts, classes, offset)


class BoughtForm(YearForm):
    """What kind of rows."""

    kind = forms.ChoiceField(choices=[(name, name) for name in KINDS], required=False)


class PurchaseRows(SumsPage, TemplateView):
    """Purchases or returns of the period, one row a client and day."""

    policy = right("view_reports")
    template_name = "reports/bought.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = BoughtForm(self.request.GET, user=self.request.user)
        if "kind" in form.errors:
            raise Http404
        kind = form.valid["kind"] or "purchases"
        first, last = days_of(form.asked)
        count, rows = bought(form.asked, kind, first, last)
        page = Paginator(range(count), PAGE).get_page(self.request.GET.get("page"))
        if page.number > 1:
            _count, rows = bought(form.asked, kind, first, last, PAGE * (page.number - 1))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            title=TITLES[kind],
            period=form.span,
            page_obj=page,
            count=count,
            rows=with_cards(self.request.user, rows),
            query=query.urlencode(),
            currency=base_code(),
            **kwargs,
        )
