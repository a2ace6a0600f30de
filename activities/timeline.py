"""What the timeline of one record shows: plan, history page, folded changes, the composer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from activities.forms import LogForm, PlanForm
from activities.models import Activity, Kind
from activities.parents import attach_sights
from records.changes import Moment, readable_changes

PAGE = 30
PLANS = 50
NOTE, CALL, TASK, MEETING = Kind.NOTE, Kind.CALL, Kind.TASK, Kind.MEETING
TABS: tuple[str, ...] = (NOTE, CALL, TASK, MEETING)


@dataclass(slots=True)
class Entry:
    """A row of the history: an activity, or changes folded together."""

    at: datetime
    activity: Activity | None = None
    changes: list[Moment] = field(default_factory=list)

    @property
    def labels(self) -> str:
        """The names of the changed fields, each once."""
        names = [row.label.lower() for moment in self.changes for row in moment.fields]
        return ", ".join(dict.fromkeys(names))

    @property
    def is_creation(self) -> bool:
        """Only the creation of the record."""
        return len(self.changes) == 1 and self.changes[0].is_new


@dataclass(slots=True)
class Timeline:
    """Variables of templates/activities/timeline.html."""

    record: Any
    record_type: str
    url: str
    now: datetime
    tab: str
    kind: str
    plans: list[Activity]
    entries: list[Entry]
    next_before: str
    changeable: set[int]
    form: Any = None

    @property
    def record_key(self) -> str:
        """The key under which the browser keeps a draft."""
        return f"{self.record_type}:{self.record.pk}"

    @property
    def can_post(self) -> bool:
        """The composer is shown."""
        return self.form is not None


def build_timeline(record: Any, user: Any, params: QueryDict, form: Any = None) -> Timeline:
    """Read the timeline as the person may see it; `form` is a refused one to show again."""
    now = timezone.now()
    kind = params.get("kind", "")
    kind = kind if kind in Kind.values else ""
    rows = Activity.objects.on_shown(record, user)
    plans = list(rows.planned().select_related("owner").order_by("due_at", "pk")[:PLANS])
    entries, next_before = _history(record, user, rows, kind, params.get("before", ""))
    shown = [*plans, *(entry.activity for entry in entries if entry.activity)]
    attach_sights(shown, user)
    keys = [activity.pk for activity in shown]
    changeable = Activity.objects.filter(pk__in=keys).changeable_of_shown(user)
    tab = _tab(params, form)
    if form is None and user.grant("activity", "create"):
        form = new_form(tab, user, now)
    found = Timeline(
        record=record,
        record_type=record.record_type,
        url=reverse("activities:timeline", args=[record.record_type, record.pk]),
        now=now,
        tab=tab,
        kind=kind,
        plans=plans,
        entries=entries,
        next_before=next_before,
        changeable=set(changeable.values_list("pk", flat=True)),
        form=form,
    )
    if form is not None:
        form.fields["body"].widget.attrs["data-draft"] = found.record_key
        if params.get("compose"):  # the person asked for this tab and wants to write
            first = "subject" if "subject" in form.fields else "body"
            form.fields[first].widget.attrs["autofocus"] = True
    return found


def new_form(tab: str, user: Any, now: datetime) -> Any:
    """The empty form of a tab of the composer."""
    form_class = LogForm if tab in (NOTE, CALL) else PlanForm
    return form_class(user=user, now=now, initial={"kind": tab})


def _tab(params: QueryDict, form: Any) -> str:
    """The open tab; a refused form stays on a tab of its own kind."""
    if form is None:
        wanted, allowed = params.get("compose", ""), TABS
    else:
        wanted = form["kind"].value()
        allowed = (NOTE, CALL) if isinstance(form, LogForm) else (TASK, MEETING)
    return wanted if wanted in allowed else allowed[0]


def _history(record: Any, user: Any, rows: Any, kind: str, cursor: str) -> tuple[list[Entry], str]:
    """A page of done activities with the record's changes of the same span between them."""
    top = parse_cursor(cursor)
    rows = rows.exclude(done_at__isnull=True, due_at__isnull=False)
    if kind:
        rows = rows.filter(kind=kind)
    if top:
        rows = rows.before(*top)
    rows = rows.select_related("owner").prefetch_related("marked__mark")
    found = list(rows.newest_first()[: PAGE + 1])
    page, has_more = found[:PAGE], len(found) > PAGE
    moments = [] if kind else readable_changes(record, user)
    if top:
        moments = [moment for moment in moments if moment.at < top[0]]
    if has_more:
        moments = [moment for moment in moments if moment.at >= page[-1].happened_at]
    last = f"{page[-1].happened_at.isoformat()}~{page[-1].pk}" if has_more else ""
    return _folded(page, moments), last


def _folded(page: list[Activity], moments: list[Moment]) -> list[Entry]:
    """By time, newest first; neighbouring changes become one row, the creation stays apart."""
    rows: list[tuple[datetime, Any]] = [(activity.happened_at, activity) for activity in page]
    rows += [(moment.at, moment) for moment in moments]
    rows.sort(key=lambda row: row[0], reverse=True)
    entries: list[Entry] = []
    for at, item in rows:
        if isinstance(item, Activity):
            entries.append(Entry(at, activity=item))
        elif not item.is_new and entries and entries[-1].changes:
            entries[-1].changes.append(item)
        else:
            entries.append(Entry(at, changes=[item]))
    return entries


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """`<instant>~<id>`; anything else starts from the newest."""
    moment, _, number = text[:80].partition("~")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        at = datetime.fromisoformat(moment)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        return None
