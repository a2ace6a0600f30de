"""Choosing columns; saving, renaming, sharing and deleting views of lists."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.views import ProductList
from contacts.views import CompanyList, ContactList
from crm.lists.forms import SavedViewForm
from deals.views.lists import DealList
from leads.views.leads import LeadList
from records.columns import Column, chosen, offered
from records.filtering import PASSING
from records.filters import close_filters
from records.listing import TableList
from records.models import ListLayout, SavedView
from records.policy import PERSON
from records.views import Door, admit, go_to

LISTS: dict[str, type[TableList]] = {
    "lead": LeadList,
    "deal": DealList,
    "contact": ContactList,
    "company": CompanyList,
    "product": ProductList,
}
LONGEST_QUERY = 2000


def list_of(kind: str, request: HttpRequest) -> type[TableList]:
    """The list of a record type that the person may enter."""
    if kind not in LISTS:
        raise Http404
    admit(request.user, LISTS[kind].policy)
    return LISTS[kind]


def query_of(request: HttpRequest) -> str:
    """The filter and sort of the page the request speaks of."""
    params = request.GET.copy()
    for name in (*PASSING, "file"):
        params.pop(name, None)
    return params.urlencode()


class Columns(Door):
    """Which columns, in which order; kept for the person, or in the view when it is his own."""

    policy = PERSON
    deed = ""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        place = list_of(kind, request)
        return self.page(kind, self.present(kind, place))

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        place = list_of(kind, request)
        names = request.POST.getlist("column")
        for step, shift in (("up", -1), ("down", 1)):
            if step in request.POST:
                return self.page(kind, moved(names, request.POST[step], shift))
        known = offered(place.columns, request.user, kind)
        standard = "reset" in request.POST
        kept = [] if standard else [column.name for column in chosen(known, names)[1:]]
        view = self.own_view(kind)
        if view is not None:
            view.columns = kept
            view.save(update_fields=["columns"])
        else:
            ListLayout.objects.update_or_create(
                user=request.user, record_type=kind, defaults={"columns": kept}
            )
        return go_to(request, self.back(kind))

    def own_view(self, kind: str) -> SavedView | None:
        key = self.request.GET.get("view", "")
        if not key.isdecimal() or len(key) > 18:
            return None
        rows = SavedView.objects.changeable_by(self.request.user)
        return rows.filter(pk=int(key), record_type=kind).first()

    def present(self, kind: str, place: type[TableList]) -> list[str]:
        """Names of the columns shown now."""
        layout = ListLayout.objects.filter(user=self.request.user, record_type=kind).first()
        view = self.own_view(kind)
        names = (view.columns if view else []) or (layout.columns if layout else [])
        known = offered(place.columns, self.request.user, kind)
        return [column.name for column in chosen(known, names)[1:]]

    def page(self, kind: str, names: list[str]) -> HttpResponse:
        place = LISTS[kind]
        known = offered(place.columns, self.request.user, kind)
        shown = chosen(known, names)[1:] if names else []
        rest = [column for column in known[1:] if column not in shown]
        rows: list[tuple[Column, bool]] = [(column, True) for column in shown]
        rows += [(column, False) for column in rest]
        part = "#form" if self.request.htmx else ""
        context = {"rows": rows, "first": known[0], "back": self.back(kind)}
        return TemplateResponse(self.request, f"records/columns.html{part}", context)

    def back(self, kind: str) -> str:
        view = self.request.GET.get("view", "")
        query = QueryDict(query_of(self.request), mutable=True)
        if view.isdecimal():
            query["view"] = view
        elif not query:
            query["view"] = "all"
        return f"{reverse(LISTS[kind].list_name)}?{query.urlencode()}"


class FilterPage(Door):
    """The form of all filters of a list, as a dialog or a page; it is sent to the list."""

    policy = PERSON
    deed = ""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        place = list_of(kind, request)
        rows = place.model._default_manager.visible_to(request.user)
        found = place.filterset_class(request.GET, queryset=rows, request=request)
        close_filters(found, request.user)
        kept = [("view", request.GET.get("view", "")[:20] or "all")]
        kept += [(name, request.GET[name][:200]) for name in ("sort", "q") if request.GET.get(name)]
        form = found.form
        form.fields.pop("q", None)
        address = reverse(place.list_name)
        reset_url = f"{address}?view=all"
        context = {"form": form, "kept": kept, "action": address, "reset_url": reset_url}
        part = "#form" if request.htmx else ""
        return TemplateResponse(request, f"records/filter.html{part}", context)


def moved(names: list[str], name: str, shift: int) -> list[str]:
    """The names with one of them a step earlier or later."""
    if name not in names:
        return names
    place = names.index(name)
    other = min(max(place + shift, 0), len(names) - 1)
    names[place], names[other] = names[other], names[place]
    return names


class ViewForm(Door):
    """What creating and changing a saved view share."""

    policy = PERSON
    deed = ""
    title: Any = ""

    def answer(self, form: SavedViewForm, status: int = 200, **more: Any) -> HttpResponse:
        part = "#form" if self.request.htmx else ""
        context = {"form": form, "title": self.title, **more}
        return TemplateResponse(
            self.request, f"records/view_form.html{part}", context, status=status
        )

    def keep(self, form: SavedViewForm) -> HttpResponse:
        """Store the view and whether the list opens with it; lead to the list."""
        view = form.save()
        layout, _made = ListLayout.objects.get_or_create(
            user=self.request.user, record_type=view.record_type
        )
        is_default = layout.default_view_id == view.pk
        if form.cleaned_data["is_default"] != is_default:
            layout.default_view = None if is_default else view
            layout.save(update_fields=["default_view"])
        place = LISTS[view.record_type](request=self.request)
        return go_to(self.request, place.address_of(view))


class ViewCreate(ViewForm):
    """A new view of the present filter, sort and columns."""

    title = _("Save the view")

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        list_of(kind, request)
        return self.answer(SavedViewForm(user=request.user))

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        list_of(kind, request)
        layout = ListLayout.objects.filter(user=request.user, record_type=kind).first()
        view = SavedView(
            owner=request.user,
            record_type=kind,
            query=query_of(request)[:LONGEST_QUERY],
            columns=layout.columns if layout else [],
        )
        form = SavedViewForm(request.POST, instance=view, user=request.user)
        return self.keep(form) if form.is_valid() else self.answer(form, 422)


class ViewEdit(ViewForm):
    """Another name, readers or place."""

    title = _("View")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.find(pk)
        layout = ListLayout.objects.filter(user=request.user, default_view=view)
        form = SavedViewForm(
            instance=view, user=request.user, initial={"is_default": layout.exists()}
        )
        return self.answer(form, view=view)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.find(pk)
        form = SavedViewForm(request.POST, instance=view, user=request.user)
        return self.keep(form) if form.is_valid() else self.answer(form, 422, view=view)

    def find(self, pk: int) -> SavedView:
        return get_object_or_404(SavedView.objects.changeable_by(self.request.user), pk=pk)


class ViewDelete(Door):
    """Removes the view; the records stay."""

    policy = PERSON
    deed = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = get_object_or_404(SavedView.objects.changeable_by(request.user), pk=pk)
        part = "#form" if request.htmx else ""
        return TemplateResponse(request, f"records/view_delete.html{part}", {"view": view})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = get_object_or_404(SavedView.objects.changeable_by(request.user), pk=pk)
        view.delete()
        return go_to(request, f"{reverse(LISTS[view.record_type].list_name)}?view=all")
