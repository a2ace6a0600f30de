"""Pages of the CRM health: the report, and the offenders behind its numbers."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.views.generic import TemplateView

from records.policy import right
from reports.asking import Asked
from reports.forms import ReportForm
from reports.health.checks import KINDS, PARTS, Kind
from reports.health.counting import all_kinds, conditions, offenders
from reports.health.report import health_report
from reports.periods import Period
from reports.sheets import Report
from reports.views.funnel import ROWS
from reports.views.pages import ReportPage, SumsPage


class HealthForm(ReportForm):
    """Records of now: no period; the record type whose checks are told."""

    options = {"kind": ""}
    usual = "all"

    kind = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[(name, kind.label) for name, kind in KINDS.items()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "from", "to", "compare", "pipeline", "source"):
            self.fields.pop(name, None)

    @cached_property
    def asked(self) -> Asked:
        return super().asked.of(period=Period(), before=None)


class HealthPage(ReportPage):
    """How complete, valid, single and fresh the records are."""

    name = "health"
    form_class = HealthForm

    def report(self, asked: Asked, form: Any) -> Report:
        return health_report(asked)

    def context(self, form: Any, report: Report | None) -> dict[str, Any]:
        found = super().context(form, report)
        kinds = all_kinds(form.asked)
        chosen = form.asked.options["kind"] or next((kind.name for kind in kinds), "")
        found["tabs"] = [
            (kind.label, "?" + self.query(form, kind=kind.name), kind.name == chosen)
            for kind in kinds
        ]
        return found

    def presets(self, form: Any) -> list[tuple[Any, str, bool]]:
        return []

    def query(self, form: Any, **more: Any) -> str:
        return super().query(form, **more).removeprefix("period=all&").removeprefix("period=all")


class OffendersForm(HealthForm):
    """What one number of the report counts; `who` is an owner, or `none`."""

    check = forms.CharField(required=False, max_length=30)
    part = forms.ChoiceField(required=False, choices=list(PARTS.items()))
    who = forms.CharField(required=False, max_length=20)

    def chosen(self) -> Kind:
        """The record type. Raises Http404 for a number that is not there."""
        first = next((kind.name for kind in all_kinds(self.asked)), "")
        kind = None if "kind" in self.errors else KINDS.get(self.valid.get("kind") or first)
        names = {check.name for check in kind.shown(self.user)} if kind else set()
        check = self.valid.get("check") or ""
        if kind is None or "part" in self.errors or (check and check not in names):
            raise Http404
        if not self.user.grant(kind.name, "view"):
            raise Http404
        return kind

    def owned(self, rows: Any) -> Any:
        """Rows of the owner asked for, of nobody, or all. Raises Http404."""
        who = self.valid.get("who") or ""
        if not who:
            return rows
        if who == "none":
            return rows.filter(owner__isnull=True)
        if not (who.isascii() and who.isdecimal()):
            raise Http404
        return rows.filter(owner=int(who)) if len(who) < 19 else rows.none()


class HealthRows(SumsPage, TemplateView):
    """The offenders of a check, of a part, or all records, with what is to mend in each."""

    policy = right("view_reports")
    template_name = "reports/offenders.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = OffendersForm(self.request.GET, user=self.request.user)
        kind, asked = form.chosen(), form.asked
        name, part = form.valid.get("check") or "", form.valid.get("part") or ""
        found = form.owned(offenders(kind, asked, name, part))
        found = found.select_related("owner").order_by("updated_at", "pk")
        page = Paginator(found, ROWS).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        labels = {check.name: check.label for check in kind.shown(self.request.user)}
        return super().get_context_data(
            title=labels.get(name) or PARTS.get(part) or kind.label,
            kind=kind,
            page_obj=page,
            count=page.paginator.count,
            rows=_with_faults(kind, asked, list(page.object_list)),
            query=query.urlencode(),
            **kwargs,
        )


def _with_faults(kind: Kind, asked: Asked, rows: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Each row with the labels of the checks it fails; a query for each check."""
    keys = [row.pk for row in rows]
    every = kind.rows(asked.of(owner=None, department=None))
    faults: dict[int, list[Any]] = {key: [] for key in keys}
    for check in kind.shown(asked.user):
        bad = conditions(check, every, asked)[1]
        for pk in every.filter(pk__in=keys).filter(bad).values_list("pk", flat=True):
            faults[pk].append(check.label)
    return [(row, faults[row.pk]) for row in rows]
