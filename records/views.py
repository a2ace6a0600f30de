"""Doors: every view says who may enter; lists, cards and forms of records on Django's own views."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, ListView, View

from records.access import OutOfSight, find_record
from records.filters import close_filters
from records.idempotency import answer_of, submit_once
from records.keyset import Keyset
from records.losing import lost_page
from records.policy import Policy
from records.rights import SYSTEM
from records.veiling import mentions


def admit(user: Any, policy: Policy) -> None:
    """Raise PermissionDenied unless the person satisfies the policy."""
    if policy.kind == "right" and not user.grant(SYSTEM, policy.name):
        raise PermissionDenied(_("Your role does not include this."))
    if policy.kind == "record" and not user.grant(policy.name, policy.action):
        raise PermissionDenied(_("Your role does not include this."))


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect that htmx follows as a page change."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


class Door(View):
    """A view with a policy; answers are private and vary by htmx."""

    policy: Policy
    http_method_names = ["get", "post", "head", "options"]  # Django's form views take PUT as POST
    deed: str | None = None
    """The word of the audit log for a success: None is told by the policy, "" by nothing."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:
        view = super().as_view(**initkwargs)
        view.policy = cls.policy
        view.login_required = cls.policy.kind != "public"
        return view

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        request.door = self

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        admit(request.user, self.policy)
        try:
            response = super().dispatch(request, *args, **kwargs)
        except OutOfSight as lost:
            page = lost_page(request, lost) if request.method == "POST" else None
            if page is None:
                raise
            response = page
        patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
        patch_cache_control(response, private=True)
        return response


class Fragments:
    """An htmx request gets the partial named by `fragment` of the same template."""

    fragment = ""

    def get_template_names(self) -> list[str]:
        names = super().get_template_names()
        if self.fragment and self.request.htmx and not self.request.htmx.boosted:
            return [f"{name}#{self.fragment}" for name in names[:1]]
        return names


class RecordList(Fragments, Door, ListView):
    """Permitted rows, filtered by `filterset_class`, sorted by an enumerated map, keyset pages.

    The page extends base.html and defines its own `{% partialdef rows inline %}`.
    """

    context_object_name = "rows"
    fragment = "rows"
    filterset_class: Any = None
    sorts: dict[str, tuple[str, ...]] = {"new": ("-created_at", "-id")}
    default_sort = "new"
    page_size = 50

    def get_queryset(self) -> models.QuerySet:
        return self.model._default_manager.visible_to(self.request.user)

    def filtered(self) -> models.QuerySet:
        """The rows of the filter, unsorted and unpaged; invalid filter values are ignored."""
        rows = self.get_queryset()
        if self.filterset_class is None:
            self.filter = None
            return rows
        self.filter = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
        close_filters(self.filter, self.request.user)
        return self.filter.qs

    def offered_sorts(self) -> dict[str, tuple[str, ...]]:
        """The map without orders by a field hidden from the person."""
        fields = self.request.user.fields(self.model.record_type)
        return {
            key: order
            for key, order in self.sorts.items()
            if not any(mentions(name, fields.hidden) for name in order)
        }

    def totals(self, rows: models.QuerySet) -> dict[str, Any]:
        """One aggregate over the whole filter."""
        return rows.order_by().aggregate(count=models.Count("*"))

    def decorate(self, rows: models.QuerySet) -> models.QuerySet:
        """select_related, prefetch_related and annotations of the shown page."""
        return rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.filtered()
        self.sorts = self.offered_sorts()
        sort = request.GET.get("sort", "")
        self.sort = sort if sort in self.sorts else self.default_sort
        keyset = Keyset(self.sorts[self.sort], self.page_size)
        self.object_list, self.next_after = keyset.page(
            self.decorate(rows), request.GET.get("after", "")
        )
        self.shown_count = len(self.object_list)
        return self.render_to_response(self.get_context_data(totals=self.totals(rows)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = self.request.user.grant(self.model.record_type, "create")
        kwargs.setdefault("can_create", bool(may))
        return super().get_context_data(
            filter=self.filter,
            sort=self.sort,
            sorts=self.sorts,
            next_after=self.next_after,
            **kwargs,
        )

    def get_paginate_by(self, queryset: Any) -> None:
        return None


class RecordDetail(Fragments, Door, DetailView):
    """The card of a record the person may see."""

    template_name = "records/detail.html"
    context_object_name = "record"

    def get_object(self, queryset: Any = None) -> Any:
        return find_record(self.model, self.request.user, self.kwargs["pk"], "view")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, record_type = self.request.user, self.model.record_type
        rows = {
            action: self.model._default_manager.permitted(user, action)
            for action in ("change", "delete")
        }
        return super().get_context_data(
            can_change=rows["change"].filter(pk=self.object.pk).exists(),
            can_delete=user.grant(record_type, "delete")
            and rows["delete"].filter(pk=self.object.pk).exists(),
            **kwargs,
        )


class RecordFormView(Fragments, Door, FormView):
    """What create and edit share: the form knows the person; invalid answers 422."""

    template_name = "records/form.html"
    fragment = "form"
    model: type[models.Model]
    title = ""
    submit_label = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = kwargs.pop("title", self.title)
        submit_label = kwargs.pop("submit_label", self.submit_label or _("Save"))
        return super().get_context_data(title=title, submit_label=submit_label, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RecordCreate(RecordFormView):
    """A new record, made once per form key."""

    def form_valid(self, form: Any) -> HttpResponse:
        url = submit_once(
            self.request.user,
            form.cleaned_data["form_key"],
            lambda: self.made(form),
        )
        return go_to(self.request, url)

    def made(self, form: Any) -> str:
        """Store it and return where it is shown."""
        self.object = self.save(form)
        return self.object.get_absolute_url()

    def form_invalid(self, form: Any) -> HttpResponse:
        """The second click of a double click may fail on the uniqueness of the first."""
        known = answer_of(self.request.user, form.data.get(form.add_prefix("form_key"), ""))
        return go_to(self.request, known) if known else super().form_invalid(form)

    def save(self, form: Any) -> Any:
        """Store the new record; override to call a service."""
        record = form.save(commit=False)
        record.created_at = timezone.now()
        record.created_by = self.request.user
        record.owner = record.owner or self.request.user
        record.save()
        form.save_m2m()
        return record


class RecordUpdate(RecordFormView):
    """An edit that never overwrites somebody else's: a stale version shows both values."""

    conflict_template_name = "records/conflict.html"

    def find(self, *, lock: bool = False) -> Any:
        """The row to edit, if the person may."""
        return find_record(self.model, self.request.user, self.kwargs["pk"], "change", lock=lock)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.find()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            self.object = self.find(lock=True)
            stored = self.object.version
            form = self.get_form()
            if not form.is_valid():
                return self.form_invalid(form)
            if form.cleaned_data["version"] != stored:
                return self.conflict(form, stored)
            self.object = self.save(form)
        return go_to(request, str(self.get_success_url()))

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.object}

    def save(self, form: Any) -> Any:
        """Write the changed fields only; override to call a service."""
        record = form.save(commit=False)
        record.version += 1
        record.save(update_fields=[*form.model_fields_changed(), "version", "updated_at"])
        form.save_m2m()
        return record

    def conflict(self, form: Any, stored: int) -> HttpResponse:
        """Both values side by side, nothing lost; saving again takes the person's own."""
        current = self.model._default_manager.get(pk=self.object.pk)
        fresh = type(form)(instance=current, user=self.request.user)
        rows = [
            (form[name], fresh[name].value(), form[name].value())
            for name in form.changed_data
            if name in form.fields and not form.fields[name].widget.is_hidden
        ]
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = stored
        context = self.get_context_data(form=form, rows=rows, record=current)
        return self.response_class(
            request=self.request,
            template=[self.conflict_template_name],
            context=context,
            using=self.template_engine,
            status=409,
        )


class RecordDelete(Fragments, Door, DetailView):
    """Asks, then puts the record into the trash."""

    template_name = "records/confirm_delete.html"
    fragment = "form"
    context_object_name = "record"
    success_url = "/"

    def get_object(self, queryset: Any = None) -> Any:
        return find_record(self.model, self.request.user, self.kwargs["pk"], "delete")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            record = find_record(self.model, request.user, kwargs["pk"], "delete", lock=True)
            self.delete_record(record)
        undo = reverse("trash:restore", args=[record.record_type, record.pk])
        text = _("“%(record)s” is in the trash.") % {"record": record}
        messages.success(request, text, extra_tags=f"undo:{undo}")
        return go_to(request, str(self.success_url))

    def delete_record(self, record: Any) -> None:
        """Into the trash; override to call a service."""
        record.deleted_at = timezone.now()
        record.version += 1
        record.save(update_fields=["deleted_at", "version", "updated_at"])


def record_paths(views: Iterable[tuple[str, str, type[Door]]]) -> list[URLPattern]:
    """Literal paths from (route, name, view class) rows."""
    return [path(route, view.as_view(), name=name) for route, name, view in views]
