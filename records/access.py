"""The object check: membership in the permitted rows."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _

from records.rights import RULED_FIELDS, Person


class OutOfSight(Http404):
    """A row the person may not see: 404, and for whoever just lost it an explanation."""

    def __init__(self, model: type[models.Model], user: Person, pk: int) -> None:
        super().__init__()
        self.model, self.user, self.pk = model, user, pk


def find_record(
    model: type[models.Model], user: Person, pk: int, action: str, *, lock: bool = False
) -> Any:
    """The row if the person may do the action on it.

    Raises OutOfSight (404) when it may not be seen, PermissionDenied when it may be seen only. With
    `lock` the row is locked for update, whole, also with fields hidden from the person; the
    caller is inside a transaction.
    """
    manager: Any = model._default_manager
    rows = manager.permitted(user, action)
    if lock:
        rows = rows.unveiled().select_for_update(of=("self",))
    found = rows.filter(pk=pk).first()
    if found is not None:
        return found
    if action != "view" and manager.visible_to(user).filter(pk=pk).exists():
        raise PermissionDenied(_("You may see this record but not do this with it."))
    raise OutOfSight(model, user, pk)


def require_shown(user: Person, record_type: str, code: str) -> None:
    """Raise PermissionDenied unless the person may see the field."""
    if not user.fields(record_type).sees(code):
        label = RULED_FIELDS[record_type][code].label
        raise PermissionDenied(_("Your role does not let you see: %(field)s.") % {"field": label})


def require_field(user: Person, record_type: str, code: str) -> None:
    """Raise PermissionDenied unless the person may edit the field."""
    if not user.fields(record_type).edits(code):
        label = RULED_FIELDS[record_type][code].label
        raise PermissionDenied(_("Your role does not let you edit: %(field)s.") % {"field": label})
