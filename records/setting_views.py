"""Forms of rows that nobody owns: people, roles, pipelines, rules; a right opens the door."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from records.idempotency import submit_once
from records.views import RecordCreate, RecordUpdate, go_to


class Refusals:
    """Expected failures of a service become errors of the form, with status 422.

    `refusals` maps an exception class to its sentence for people.
    """

    refusals: dict[type[Exception], Any] = {}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except tuple(self.refusals) as error:
            form = self.get_form()
            form.is_valid()
            form.add_error(None, self.refusals[type(error)])
            return self.form_invalid(form)


class SettingCreate(Refusals, RecordCreate):
    """A new row, made once per form key; `save` calls a service."""

    success_url: Any = "/"

    def form_valid(self, form: Any) -> HttpResponse:
        key = form.cleaned_data["form_key"]
        return go_to(self.request, submit_once(self.request.user, key, lambda: self.made(form)))

    def made(self, form: Any) -> str:
        self.object = self.save(form)
        return str(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=self.success_url, **kwargs)


class SettingUpdate(Refusals, RecordUpdate):
    """An edit with an optimistic version; `save` calls a service."""

    success_url: Any = "/"

    def find(self, *, lock: bool = False) -> Any:
        rows = self.model._default_manager.all()
        if lock:
            rows = rows.select_for_update(of=("self",))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return str(self.success_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=self.success_url, **kwargs)
