"""A record that left a person's reach while its form was open: said to that person alone."""

import json
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from records.access import OutOfSight
from records.holders import any_of
from records.querysets import effective_grant

SHOWN_FIELDS = 30
LONGEST = 20_000


def was_in_reach(lost: OutOfSight) -> bool:
    """The history says that the row once had an owner whom the person's right to view reaches.

    Nothing the browser sends is asked: a guessed key tells nobody that a record exists.
    """
    events = getattr(lost.model, "pgh_event_model", None)
    record_type = getattr(lost.model, "record_type", "")
    if events is None or not record_type:
        return False
    scope = effective_grant(lost.user, record_type, "view").scope
    reach = any_of([holder.owned_within(scope) for holder in lost.user.holders()])
    return events.objects.filter(reach, pgh_obj_id=lost.pk).exists()


def lost_page(request: HttpRequest, lost: OutOfSight) -> HttpResponse | None:
    """What happened and what was typed, status 404; None for whoever never saw the record."""
    if not was_in_reach(lost):
        return None
    model: Any = lost.model
    record = model._base_manager.select_related("owner").filter(pk=lost.pk).first()
    words = _what_happened(record)
    if getattr(request, "htmx", False):  # the dialog stays open with what was typed in it
        toast = {"toast": {"text": words, "level": "error"}}
        return HttpResponse(status=404, headers={"HX-Trigger": json.dumps(toast)})
    context = {"words": words, "typed": _typed(request, model)}
    return TemplateResponse(request, "records/lost.html", context, status=404)


def _what_happened(record: Any) -> str:
    if record is None or record.deleted_at is not None:
        return _("This record was deleted while you had it open.")
    if record.owner is None:
        return _("This record is not yours any more: it waits for a new owner.")
    return _("This record is not yours any more: it now belongs to %(name)s.") % {
        "name": record.owner
    }


def _typed(request: HttpRequest, model: Any) -> list[tuple[str, str]]:
    """The texts of the form, by the names of the model's fields where they have one."""
    found = []
    for name, text in request.POST.items():
        label = _label(model, name)
        if label is not None and text.strip():
            found.append((label, text[:LONGEST]))
    return found[:SHOWN_FIELDS]


def _label(model: Any, name: str) -> str | None:
    """The words of a field people type into; None for keys, choices and what is hidden."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return "" if name in ("phones", "emails", "comment", "body", "result", "reason") else None
    is_typed = not (field.is_relation or getattr(field, "choices", None))
    return str(field.verbose_name) if is_typed and isinstance(field.verbose_name, Promise) else None
