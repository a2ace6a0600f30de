"""One old value back into a record, through the record's own form and service."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from accounts.views.departments import DepartmentUpdate
from accounts.views.roles import RoleUpdate
from activities.services import ActivityError
from activities.views.pages import ActivityUpdate
from catalog.views import ProductUpdate
from contacts.views import CompanyUpdate, ContactUpdate
from deals.services import DealRuleError
from deals.views.cards import DealUpdate
from deals.views.pipelines import PipelineUpdate
from leads.services import LeadRuleError
from leads.views.leads import LeadUpdate

EDITS: dict[str, Any] = {
    "lead": LeadUpdate,
    "contact": ContactUpdate,
    "company": CompanyUpdate,
    "deal": DealUpdate,
    "activity": ActivityUpdate,
    "product": ProductUpdate,
    "role": RoleUpdate,
    "department": DepartmentUpdate,
    "pipeline": PipelineUpdate,
}


class NotRestored(Exception):
    """The form or a rule refuses the old value; the text is for people."""


class Edit:
    """The edit page of a record, used without being shown."""

    def __init__(self, request: HttpRequest, kind: str, record: Any) -> None:
        door = request.door
        self.view = EDITS[kind]()
        self.view.setup(request, pk=record.pk)
        request.door = door
        self.view.object = record
        self.record = record

    def form(self, data: Any = None) -> Any:
        """The form of the page, filled with `data` or with what is stored."""
        kwargs = {**self.view.get_form_kwargs(), "data": data, "files": None}
        return self.view.form_class(**kwargs)

    def names(self) -> set[str]:
        """Columns that this page may change."""
        fields = self.form().fields
        return {
            column.attname
            for column in self.record._meta.concrete_fields
            if column.name in fields and not fields[column.name].disabled
        }

    def put(self, column: str, value: Any) -> Any:
        """Save the record with this value. Raises NotRestored with the reason."""
        name = next(f.name for f in self.record._meta.concrete_fields if f.attname == column)
        form = self.form(posted(self.form(), name, value))
        if not form.is_valid():
            raise NotRestored(_reasons(form))
        try:
            return self.view.save(form)
        except (DealRuleError, LeadRuleError, ActivityError) as error:
            raise NotRestored(getattr(error, "message", "") or str(error)) from error
        except tuple(getattr(self.view, "refusals", {})) as error:
            raise NotRestored(str(self.view.refusals[type(error)])) from error


def posted(form: Any, name: str, value: Any) -> MultiValueDict:
    """What a browser would post from this form with one value replaced."""
    data: MultiValueDict = MultiValueDict()
    for key, field in form.fields.items():
        bound = form[key]
        raw = field.prepare_value(value) if key == name else bound.value()
        _add(data, form.add_prefix(key), field.widget, raw)
    return data


def _add(data: MultiValueDict, key: str, widget: forms.Widget, raw: Any) -> None:
    if isinstance(widget, forms.MultiWidget):
        for part, suffix, each in zip(
            widget.decompress(raw), widget.widgets_names, widget.widgets, strict=False
        ):
            _add(data, f"{key}{suffix}", each, part)
    elif isinstance(widget, forms.CheckboxInput):
        if raw and raw != "False":
            data[key] = "on"
    elif isinstance(raw, list | tuple):
        data.setlist(key, [str(getattr(item, "pk", item)) for item in raw])
    elif raw is not None:
        text = widget.format_value(raw)
        data.setlist(key, list(text) if isinstance(text, list) else [str(text or "")])


def _reasons(form: Any) -> str:
    texts = []
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        texts += [f"{label}{error}" for error in errors]
    return " ".join(texts)
