"""What was known of a lead at a moment: its fields as they stood, the work done by then.

Fields come from the history of the lead, never from the present row, and only those of INTAKE: a
field filled after the outcome would make any fit look brilliant and be worthless.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.middleware import known_zone
from accounts.models import Workplace
from accounts.services import workplace
from activities.models import Activity, CallResult, Kind
from leads.models import Lead

INTAKE = (
    "source_id",
    "campaign",
    "utm_source",
    "utm_medium",
    "city",
    "company_name",
    "position",
    "title",
    "description",
    "amount",
)
ARRIVAL = timedelta(minutes=1)  # the row and its history are written a moment apart
LEAST = 200  # won and lost leads each that a regression takes
MOMENTS = (0, 1, 3, 7, 14, 30)  # days after the coming at which a lead is read while it is open
DEEDS = {Kind.EMAIL: "emails", Kind.MEETING: "meetings"}
GONE = "delete"


@dataclass(slots=True)
class Story:
    """A lead from its coming on: states of its fields and of its activities, the oldest first.

    `arrived` is within working hours, beside them or on a day off; `by` is a hand or a form.
    """

    pk: int
    created_at: datetime
    arrived: str
    by: str
    states: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    work: dict[int, list[tuple[datetime, str, dict[str, Any]]]] = field(default_factory=dict)

    def at(self, moment: datetime) -> "Facts | None":
        """What was known then; None when no state of the lead is as old."""
        known = [values for since, values in self.states if since <= moment]
        if not known:
            return None
        facts = Facts(self, moment, known[-1])
        for states in self.work.values():
            past = [state for state in states if state[0] <= moment]
            if past:
                _add(facts, *past[-1])
        return facts


@dataclass(slots=True)
class Facts:
    """A lead at the moment `at`; `deeds` counts work done by then, `first` is when it began."""

    story: Story
    at: datetime
    values: dict[str, Any]
    deeds: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None


def _add(facts: Facts, since: datetime, label: str, values: dict[str, Any]) -> None:
    """Count an activity that was done by then and not deleted."""
    done = values["done_at"]
    if label == GONE or values["deleted_at"] or done is None or done > facts.at:
        return
    facts.deeds[_deed(values)] += 1
    if facts.first is None or done < facts.first:
        facts.first = done


def _deed(values: dict[str, Any]) -> str:
    if values["kind"] == Kind.CALL:
        return "talked" if values["result"] == CallResult.TALKED else "missed"
    return DEEDS.get(values["kind"], "other")


def _arrived(place: Workplace, local: datetime) -> str:
    if local.isoweekday() not in place.work_days:
        return "day_off"
    return "hours" if place.work_from <= local.time() < place.work_to else "after_hours"


def stories(keys: Collection[int], *, is_present: bool = False) -> list[Story]:
    """The stories of these leads, in the order of their keys; three queries.

    `is_present`: their fields are those of now, for leads whose outcome is not known yet.
    """
    rows = Lead.objects.filter(pk__in=keys).order_by("pk")
    place = workplace()
    zone = known_zone(place.time_zone)
    found = {}
    for pk, created, by, *values in rows.values_list("pk", "created_at", "created_by", *INTAKE):
        arrived = _arrived(place, created.astimezone(zone))
        found[pk] = Story(pk, created, arrived, "hand" if by else "itself")
        if is_present:
            found[pk].states = [(created, dict(zip(INTAKE, values, strict=True)))]
    if not is_present:
        _read_fields(found, keys)
    _read_work(found, keys)
    return list(found.values())


def _read_fields(found: dict[int, Story], keys: Collection[int]) -> None:
    events = Lead.pgh_event_model.objects.filter(pgh_obj_id__in=keys).exclude(pgh_label=GONE)
    columns = ("pgh_obj_id", "pgh_created_at", *INTAKE)
    for row in events.order_by("pgh_id").values_list(*columns).iterator():
        found[row[0]].states.append((row[1], dict(zip(INTAKE, row[2:], strict=True))))


def _read_work(found: dict[int, Story], keys: Collection[int]) -> None:
    names = ("kind", "result", "done_at", "deleted_at")
    events = Activity.pgh_event_model.objects.filter(lead_id__in=keys).order_by("pgh_id")
    columns = ("lead_id", "id", "pgh_created_at", "pgh_label", *names)
    for lead, pk, since, label, *values in events.values_list(*columns).iterator():
        state = (since, label, dict(zip(names, values, strict=True)))
        found[lead].work.setdefault(pk, []).append(state)
