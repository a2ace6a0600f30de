"""The list of marks: a page of the administrator."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, ListView

from activities import services
from activities.forms import MarkForm
from activities.models import Mark
from records.models import Deed
from records.policy import right
from records.views import Door, Fragments, go_to

MANAGE = right("administer")


class MarkList(Door, ListView):
    """Marks with how often each is used."""

    policy = MANAGE
    template_name = "activities/mark_list.html"
    context_object_name = "marks"

    def get_queryset(self) -> QuerySet:
        return Mark.objects.annotate(used=Count("uses")).order_by("-is_active", "position", "name")


class MarkForms(Fragments, Door, FormView):
    """What creating and editing a mark share."""

    policy = MANAGE
    deed = Deed.SETTINGS
    form_class = MarkForm
    template_name = "records/form.html"
    fragment = "form"
    success_url = reverse_lazy("activities:marks")
    title: Any = _("Mark")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title, submit_label=_("Save"), cancel_url=self.success_url, **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.save(form.cleaned_data)
        except services.MarkError as error:
            form.add_error("name", str(error))
            return self.form_invalid(form)
        return go_to(self.request, str(self.success_url))

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def save(self, data: dict[str, Any]) -> None:
        """The service call. Raises MarkError."""
        raise NotImplementedError


class MarkCreate(MarkForms):
    """A new mark."""

    title = _("New mark")

    def save(self, data: dict[str, Any]) -> None:
        services.add_mark(name=data["name"], kind=data["kind"])


class MarkUpdate(MarkForms):
    """Another name or kind, in or out of use."""

    def get_initial(self) -> dict[str, Any]:
        mark = get_object_or_404(Mark, pk=self.kwargs["pk"])
        return {"name": mark.name, "kind": mark.kind, "is_active": mark.is_active}

    def save(self, data: dict[str, Any]) -> None:
        get_object_or_404(Mark, pk=self.kwargs["pk"])
        services.edit_mark(mark_id=self.kwargs["pk"], **data)
