"""Marks: put on activities, and their list as the administrator arranges it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from activities.models import Activity, ActivityMark, Mark


class MarkError(Exception):
    """An expected refusal, in the person's language."""


@transaction.atomic
def set_marks(*, activity: Activity, marks: Iterable[Mark], by: User, now: datetime) -> None:
    """The activity has exactly these marks; those that stay keep who put them."""
    wanted = {mark.pk for mark in marks}
    rows = ActivityMark.objects.filter(activity=activity)
    known = set(rows.values_list("mark", flat=True))
    rows.exclude(mark__in=wanted).delete()
    ActivityMark.objects.bulk_create(
        ActivityMark(activity=activity, mark_id=pk, by=by, at=now) for pk in sorted(wanted - known)
    )


@transaction.atomic
def add_mark(*, name: str, kind: str) -> Mark:
    """A mark at the end of the list. Raises MarkError for a name that is there."""
    if Mark.objects.filter(name__iexact=name).exists():
        raise MarkError(_("There is such a mark already."))
    last = Mark.objects.aggregate(last=Max("position"))["last"] or 0
    return Mark.objects.create(name=name, kind=kind, position=last + 1)


@transaction.atomic
def edit_mark(*, mark_id: int, name: str, kind: str, is_active: bool) -> Mark:
    """Rename a mark or take it out of use; activities keep it. Raises MarkError."""
    mark = Mark.objects.select_for_update().get(pk=mark_id)
    if Mark.objects.filter(name__iexact=name).exclude(pk=mark_id).exists():
        raise MarkError(_("There is such a mark already."))
    mark.name, mark.kind, mark.is_active = name, kind, is_active
    mark.save(update_fields=["name", "kind", "is_active"])
    return mark
