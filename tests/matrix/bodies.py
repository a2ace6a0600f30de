"""Bodies of posts, taken from the forms of the door's own page."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.forms.formsets import BaseFormSet
from django.utils import timezone, translation

from deals.models import Stage

SOON = f"{timezone.now() + timedelta(days=2):%d.%m.%Y %H:%M}"
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    **{
        f"lists:{kind}_bulk": lambda world, kind=kind: {
            "rows": str(world.records[kind, "foreign"].pk),
            "act": "assign",
            "value": world.people["admin"].pk,
        }
        for kind in ("lead", "deal", "contact", "company", "product")
    },
    "accounts:language": lambda world: {"language": "uk"},
    "accounts:preferences": lambda world: {"theme": "dark", "language": "uk"},
    "hand_over": lambda world: {"kinds": ["lead"], "to_1": world.people["manager"].pk},
    "accounts:department_close": lambda world: {"to": world.departments["sales"].pk},
    "activities:log": lambda world: {"body": "matrix"},
    "activities:plan": lambda world: {"due_at": SOON},
    "deals:pipeline_create": lambda world: {"first_stage": "New"},
    "deals:lines": lambda world: {"version": 1},
    "leads:create": lambda world: {"last_name": "Matrix"},
    "leads:rule_create": lambda world: {"people": [world.people["manager"].pk]},
    "deals:stage_archive": lambda world: {
        "to_stage": Stage.objects.exclude(pk=world.records["deal", "own"].stage_id).first().pk
    },
}
"""What a form's own initial values do not say."""

SAMPLES: list[tuple[type[forms.Field], Any]] = [
    (forms.EmailField, lambda: f"matrix{uuid.uuid4().hex[:6]}@example.com"),
    (forms.UUIDField, uuid.uuid4),
    (forms.IntegerField, lambda: 1),
    (forms.BooleanField, lambda: "on"),
    (forms.DateTimeField, lambda: f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"),
    (forms.DateField, lambda: f"{date.today():%Y-%m-%d}"),
    (forms.TimeField, lambda: "10:00"),
]


def sample(field: forms.Field) -> Any:
    """A valid value for a required field that has none."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return [row.pk for row in field.queryset[:1]]
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.first()
        return row.pk if row else ""
    if isinstance(field, forms.ChoiceField):
        keys = [key for key, _label in field.choices if key not in ("", None)]
        return keys[0] if keys else ""
    for kind, make in SAMPLES:
        if isinstance(field, kind):
            return make()
    return "matrix"


def plain(field: forms.Field, value: Any) -> Any:
    """A value as a browser would post it; None is not posted."""
    if isinstance(value, bool) or isinstance(field, forms.BooleanField):
        return "on" if value else None
    if isinstance(value, datetime | date | time | Decimal):
        return field.widget.format_value(value)
    if hasattr(value, "pk"):
        return value.pk
    if isinstance(value, list | tuple) or hasattr(value, "values_list"):
        return [getattr(item, "pk", item) for item in value]
    return "" if value is None else value


def form_body(form: forms.BaseForm, *, fill: bool = True) -> dict[str, Any]:
    """The body a person would post from this form, required gaps filled."""
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        raw = form[name].value()
        value = plain(field, raw)
        if isinstance(field.widget, forms.MultiWidget):
            for index, part in enumerate(field.widget.decompress(raw)):
                data[f"{form.add_prefix(name)}_{index}"] = part or ""
            continue
        if value in (None, "", []) and field.required and fill:
            value = sample(field)
        if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
            value = value or None
        if value is not None:
            data[form.add_prefix(name)] = value
    return data


def forms_in(context: Any) -> list[Any]:
    """Forms and formsets of a rendered page."""
    found: dict[int, Any] = {}
    for layer in context or []:
        for values in getattr(layer, "dicts", None) or [layer]:
            for value in values.values() if hasattr(values, "values") else ():
                if isinstance(value, forms.BaseForm | BaseFormSet):
                    found[id(value)] = value
    return list(found.values())


def page_body(context: Any) -> tuple[dict[str, Any], list[Any]]:
    """The body of all forms of a page, and those forms."""
    body: dict[str, Any] = {}
    every: list[Any] = []
    with translation.override("en"):
        return _gathered(context, body, every)


def _gathered(context: Any, body: dict[str, Any], every: list[Any]) -> Any:
    for item in forms_in(context):
        if isinstance(item, BaseFormSet):
            body |= form_body(item.management_form)
            every += list(item.forms)
            for index, inner in enumerate(item.forms):
                body |= form_body(inner, fill=index < item.initial_form_count())
        else:
            every.append(item)
            body |= form_body(item)
    return body, every


def swaps(every: list[Any], unreachable: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(field, key of a row out of reach) for each related choice of the forms.

    `unreachable` maps a record type, or "user", to such a key.
    """
    for form in every:
        for name, field in form.fields.items():
            if "__prefix__" in form.add_prefix(name):
                continue
            kind = _kind_of(name, field)
            if kind in unreachable:
                yield form.add_prefix(name), unreachable[kind]
            elif name == "record":
                yield name, f"deal:{unreachable['deal']}"


def _kind_of(name: str, field: forms.Field) -> str:
    """The record type a choice offers rows of; by its name where the keys are plain choices."""
    queryset = getattr(field, "queryset", None)
    if queryset is not None:
        return getattr(queryset.model, "record_type", "")
    return name if isinstance(field, forms.ChoiceField) else ""


EVIL: list[tuple[type[models.Field], Any]] = [
    (models.DateTimeField, "1999-09-09T09:09"),
    (models.DateField, "1999-09-09"),
    (models.DecimalField, "66666.66"),
    (models.IntegerField, "987654"),
    (models.UUIDField, "deadbeef-0000-4000-8000-000000000000"),
    (models.JSONField, '["evil"]'),
    (models.CharField, "evil"),
    (models.TextField, "evil"),
]


def evil_values(model: type[models.Model], outsider_pk: int, known: set[str]) -> dict[str, Any]:
    """A recognisable value for every column that is not a field of the form."""
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.name in known or column.generated:
            continue
        if isinstance(column, models.BooleanField):
            values[column.name] = "" if column.default is True else "on"
        elif column.is_relation:
            related = column.related_model
            is_person = getattr(related, "record_type", "") == "user" or related.__name__ == "User"
            values[column.name] = outsider_pk if is_person else _last_key(related)
        elif column.choices:
            values[column.name] = str(list(column.flatchoices)[-1][0])
        else:
            values[column.name] = next(
                (value for kind, value in EVIL if isinstance(column, kind)), "evil"
            )
    return {name: value for name, value in values.items() if value is not None}


def _last_key(model: Any) -> Any:
    return model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
