"""Writing an activity: log, plan, complete, move, edit, delete."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.models import Activity, Kind, Mark
from activities.moments import day_later
from activities.querysets import PARENTS
from activities.services.marks import set_marks
from activities.services.reminders import (
    cancel_reminders,
    remind_before,
    revive_reminders,
    set_reminder,
)
from records.events import publish

LONGEST = timedelta(days=31)
EDITABLE = ("kind", "subject", "body", "due_at", "ends_at", "place", "owner", "direction", "result")


class ActivityError(Exception):
    """An expected refusal: `field` of the form and a message in the person's language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is planned right after something was done; the owner is the doer unless named."""

    kind: str
    due_at: datetime
    subject: str = ""
    owner: User | None = None
    remind_before: timedelta | None = None


ALREADY_DONE = gettext_lazy("This is done already.")
DELETED = gettext_lazy("This activity was deleted.")


def parents_of(record: Any) -> dict[str, int | None]:
    """The keys of the timelines on which an activity of the record stands.

    An activity of a deal also stands on the timelines of its company and its contact.
    """
    if record is None:
        return {}
    name = getattr(record, "record_type", "")
    if name not in PARENTS:
        raise ValueError(f"no timeline on {name!r}")
    keys: dict[str, int | None] = {f"{name}_id": record.pk}
    if name == "deal":
        keys |= {"company_id": record.company_id, "contact_id": record.contact_id}
    return keys


def record_of(activity: Activity) -> Any:
    """The record the activity belongs to: its deal or lead, else its contact, else its company."""
    for name in PARENTS:
        if getattr(activity, f"{name}_id"):
            return getattr(activity, name)
    return None


@transaction.atomic
def log_activity(
    *,
    by: User,
    now: datetime,
    kind: str,
    record: models.Model,
    subject: str = "",
    body: str = "",
    result: str = "",
    direction: str = "",
    duration: int | None = None,
    done_at: datetime | None = None,
    next_step: NextStep | None = None,
    marks: Iterable[Mark] = (),
) -> Activity:
    """Record what has happened; `duration` is in seconds. Raises ActivityError."""
    done_at = done_at or now
    if done_at > now + timedelta(minutes=5):
        raise ActivityError("done_at", _("This time has not come yet; plan it instead."))
    activity = Activity.objects.create(
        kind=Kind(kind),
        subject=subject,
        body=body,
        result=result,
        direction=direction,
        duration=duration,
        done_at=done_at,
        happened_at=done_at,
        owner=by,
        created_by=by,
        created_at=now,
        **parents_of(record),
    )
    set_marks(activity=activity, marks=marks, by=by, now=now)
    if next_step is not None:
        _plan_next(next_step, by=by, now=now, record=record)
    _publish(activity, by)
    return activity


@transaction.atomic
def plan_activity(
    *,
    by: User,
    now: datetime,
    kind: str,
    record: models.Model | None,
    subject: str,
    due_at: datetime,
    owner: User | None = None,
    ends_at: datetime | None = None,
    place: str = "",
    body: str = "",
    remind_before: timedelta | None = None,
) -> Activity:
    """Plan something to do; a due time in the past is allowed and counts as late at once.

    Raises ActivityError.
    """
    owner = owner or by
    _check_owner(owner)
    check_end(due_at, ends_at)
    activity = Activity.objects.create(
        kind=Kind(kind),
        subject=subject,
        body=body,
        due_at=due_at,
        ends_at=ends_at,
        happened_at=due_at,
        place=place,
        owner=owner,
        created_by=by,
        created_at=now,
        **parents_of(record),
    )
    set_reminder(activity=activity, before=remind_before, now=now)
    _publish(activity, by)
    return activity


@transaction.atomic
def complete_activity(
    *,
    activity_id: int,
    by: User,
    now: datetime,
    result: str = "",
    body: str = "",
    next_step: NextStep | None = None,
    marks: Iterable[Mark] = (),
) -> Activity:
    """Tick it off: it moves to the history, its reminders are cancelled, the next step planned.

    `body` is added to the details. Raises ActivityError when it is done already.
    """
    activity = _locked_plan(activity_id)
    activity.done_at = activity.happened_at = now
    activity.result = result or activity.result
    activity.body = "\n\n".join(part for part in (activity.body, body) if part)
    _save(activity, ["done_at", "happened_at", "result", "body"])
    cancel_reminders(activity_id=activity.pk)
    set_marks(activity=activity, marks=marks, by=by, now=now)
    if next_step is not None:
        _plan_next(next_step, by=by, now=now, record=record_of(activity))
    _publish(activity, by)
    return activity


@transaction.atomic
def reschedule_activity(*, activity_id: int, by: User, now: datetime, due_at: datetime) -> Activity:
    """Move a plan to another time; its length and its reminder move with it."""
    activity = _locked_plan(activity_id)
    before = remind_before(activity)
    if activity.ends_at is not None and activity.due_at is not None:
        activity.ends_at = due_at + (activity.ends_at - activity.due_at)
    activity.due_at = activity.happened_at = due_at
    _save(activity, ["due_at", "ends_at", "happened_at"])
    set_reminder(activity=activity, before=before, now=now)
    _publish(activity, by)
    return activity


@transaction.atomic
def postpone_activity(*, activity_id: int, by: User, now: datetime) -> Activity:
    """One day on at the same wall time of the active zone; a late one goes to tomorrow."""
    activity = _locked_plan(activity_id)
    try:
        due_at = day_later(activity.due_at or now, now, timezone.get_current_timezone())
    except ValueError as error:
        raise ActivityError("due_at", _("The year must be between 2000 and 2099.")) from error
    return reschedule_activity(activity_id=activity_id, by=by, now=now, due_at=due_at)


@transaction.atomic
def edit_activity(
    *,
    activity_id: int,
    by: User,
    now: datetime,
    changes: dict[str, Any],
    remind_before: timedelta | None = None,
    marks: Iterable[Mark] | None = None,
) -> Activity:
    """Write the named fields and set the reminder anew; a done activity keeps being done.

    Without `marks` those on it stay.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    activity = _locked(activity_id)
    for name, value in changes.items():
        setattr(activity, name, value)
    if "owner" in changes:
        _check_owner(activity.owner)
    if activity.due_at is None and activity.done_at is None:
        raise ActivityError("due_at", _("A plan needs a time."))
    check_end(activity.due_at, activity.ends_at)
    activity.happened_at = activity.done_at or activity.due_at or activity.created_at
    _save(activity, [*changes, "happened_at"])
    if marks is not None:
        set_marks(activity=activity, marks=marks, by=by, now=now)
    set_reminder(activity=activity, before=remind_before, now=now)
    _publish(activity, by)
    return activity


@transaction.atomic
def delete_activity(*, activity_id: int, by: User, now: datetime) -> Activity:
    """Into the trash; nobody is reminded of it any more."""
    activity = _locked(activity_id)
    activity.deleted_at = now
    _save(activity, ["deleted_at"])
    cancel_reminders(activity_id=activity.pk)
    _publish(activity, by)
    return activity


@transaction.atomic
def restore_activity(*, activity_id: int, by: User, now: datetime) -> Activity:
    """Out of the trash; reminders whose moment is still to come wait again."""
    activity = Activity.objects.select_for_update(of=("self",)).get(
        pk=activity_id, deleted_at__isnull=False
    )
    activity.deleted_at = None
    _save(activity, ["deleted_at"])
    if activity.is_planned:
        revive_reminders(activity_id=activity.pk, now=now)
    _publish(activity, by)
    return activity


def check_end(due_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise ActivityError unless the end is later than the start, by 31 days at most."""
    if ends_at is None:
        return
    if due_at is None or ends_at <= due_at:
        raise ActivityError("ends_at", _("The end must be later than the start."))
    if ends_at - due_at > LONGEST:
        raise ActivityError("ends_at", _("It may last 31 days at most."))


def _check_owner(owner: User | None) -> None:
    if owner is not None and not owner.is_active:
        raise ActivityError("owner", _("This person is not active any more."))


def _locked(activity_id: int) -> Activity:
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=activity_id)
    if activity.deleted_at is not None:
        raise ActivityError("", str(DELETED))
    return activity


def _locked_plan(activity_id: int) -> Activity:
    activity = _locked(activity_id)
    if not activity.is_planned:
        raise ActivityError("", str(ALREADY_DONE))
    return activity


def _save(activity: Activity, names: list[str]) -> None:
    activity.version += 1
    activity.save(update_fields=[*names, "version", "updated_at"])


def _plan_next(step: NextStep, *, by: User, now: datetime, record: models.Model | None) -> None:
    plan_activity(
        by=by,
        now=now,
        kind=step.kind,
        record=record,
        subject=step.subject,
        due_at=step.due_at,
        owner=step.owner or by,
        remind_before=step.remind_before,
    )


def _publish(activity: Activity, by: User) -> None:
    publish(
        "activity.changed",
        activity_id=activity.pk,
        by_id=by.pk,
        parents={name: getattr(activity, f"{name}_id") for name in PARENTS},
    )
