"""What was done on a day as a report: people, hours, and both crossed in the picture."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from records.formatting import number
from reports.addresses import query_of
from reports.asking import Asked
from reports.days.counting import COUNTED, Day, Done, what_was_done
from reports.sheets import Column, Report, Sheet

WIDTH, LEFT, TOP, HIGH, DRAWN = 852, 150, 38, 26, 40
EARLY, LATE = 8, 18


def day_report(asked: Asked) -> Report:
    """Calls, meetings, letters, tasks, notes and deals of one day, `asked.period.first`."""
    found = what_was_done(asked)
    day = asked.period.first or date.min
    return Report(
        "day",
        _("What was done on the day?"),
        _(
            "Calls, meetings, letters, tasks and notes: done on the day, for their owner, by the "
            "hour they were done in your time zone. Connected: a call that ended in a talk or in "
            "a request to call back, or one without a result that lasted; talked is their time. "
            "Moved, won and lost: moves of deals made on the day, for the person who made them, "
            "each move counted. Pipeline and source narrow deals only."
        ),
        values_of(found, day),
        [_people_sheet(found, asked), _hours_sheet(found, asked)],
        answer=_answer(found, day),
        picture="reports/pictures/hours.html",
        context=_picture(found, asked),
        empty="" if found.total.acts else _("Nothing was done on this day"),
        advice=_("Choose another day or take away a filter."),
    )


def values_of(found: Day, day: date) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "day",
        "on": day,
        **_counts(found.total),
        "rows": [{"name": found.names[key], **_counts(done)} for key, done in found.people.items()],
        "hours": [{"hour": hour, **_counts(done)} for hour, done in found.hours.items()],
        "cells": [
            {"name": found.names[person], "hour": hour, **_counts(done)}
            for person in found.people
            for hour in found.hours
            if (done := found.cells.get((person, hour)))
        ],
    }


def _counts(done: Done) -> dict[str, int]:
    counts = {name: getattr(done, name) for name in COUNTED}
    return {**counts, "talked_seconds": done.talked, "acts": done.acts}


def _answer(found: Day, day: date) -> list[str]:
    total = found.total
    words = [
        _("%(day)s: calls %(calls)s, meetings %(meetings)s, tasks %(tasks)s.")
        % {
            "day": date_format(day, "j E Y"),
            "calls": number(total.calls),
            "meetings": number(total.meetings),
            "tasks": number(total.tasks),
        }
    ]
    if total.moved or total.won or total.lost:
        words.append(
            _("Deals moved: %(moved)s, won: %(won)s, lost: %(lost)s.")
            % {
                "moved": number(total.moved),
                "won": number(total.won),
                "lost": number(total.lost),
            }
        )
    return words


def acts_url(asked: Asked, **keys: Any) -> str:
    """The list of exactly the acts behind a number."""
    day = asked.period.first
    kept = {**asked.link(), "on": day.isoformat() if day else None, **keys}
    return f"{reverse('reports:day_acts')}?{query_of(kept)}"


def _columns(first: Column) -> list[Column]:
    return [
        first,
        Column("calls", _("Calls"), "count"),
        Column("connected", _("Connected"), "count"),
        Column("minutes", _("Talked, min"), "count"),
        Column("meetings", _("Meetings"), "count"),
        Column("emails", _("Letters"), "count"),
        Column("tasks", _("Tasks"), "count"),
        Column("notes", _("Notes"), "count"),
        Column("moved", pgettext("deals", "Moved"), "count"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
    ]


def _row(done: Done, **first: Any) -> dict[str, Any]:
    return {**first, **_counts(done), "minutes": round(done.talked / 60)}


def _urls(done: Done, asked: Asked, **keys: Any) -> dict[str, str]:
    return {name: acts_url(asked, what=name, **keys) for name in COUNTED if getattr(done, name)}


def _whose(person: int | None) -> dict[str, Any]:
    """A person, or nobody, as parameters of the list."""
    return {"who": person or "nobody"}


def _people_sheet(found: Day, asked: Asked) -> Sheet:
    rows, urls = [], []
    for person, done in found.people.items():
        rows.append(_row(done, name=found.names[person] or _("Nobody")))
        own = _urls(done, asked, **_whose(person))
        if person and not asked.owner:
            day = asked.period.first
            on = day.isoformat() if day else None
            kept = {**asked.link(), "department": None, "owner": person, "on": on}
            own["name"] = f"{reverse('reports:day')}?{query_of(kept)}"
        urls.append(own)
    return Sheet(
        "rows",
        _("By person"),
        _columns(Column("name", _("Person"))),
        rows,
        _row(found.total, name=_("Total")),
        urls,
        _urls(found.total, asked),
    )


def _hours_sheet(found: Day, asked: Asked) -> Sheet:
    rows = [_row(done, label=hour_name(hour)) for hour, done in found.hours.items()]
    urls = [_urls(done, asked, hour=str(hour)) for hour, done in found.hours.items()]
    first = Column("label", _("Hour"))
    return Sheet("hours", _("By hour"), _columns(first), rows, None, urls)


def hour_name(hour: int) -> str:
    """The hour as its first and last minute."""
    return f"{hour:02d}:00–{hour:02d}:59"


def _picture(found: Day, asked: Asked) -> dict[str, Any]:
    """A square for every person and hour, the darker the more was done; 8 to 18 at least."""
    hours = range(min([EARLY, *found.hours]), max([LATE, *found.hours]) + 1)
    wide = (WIDTH - LEFT) // len(hours)
    greatest = max((done.acts for done in found.cells.values()), default=0)
    lines = []
    for place, person in enumerate(list(found.people)[:DRAWN]):
        y = TOP + HIGH * place
        cells = []
        for at, hour in enumerate(hours):
            count = found.cells.get((person, hour), Done()).acts
            cells.append(
                {
                    "x": LEFT + wide * at,
                    "middle": LEFT + wide * at + wide // 2,
                    "hour": hour_name(hour),
                    "count": count,
                    "shade": -(-5 * count // greatest) if greatest else 0,
                    "url": acts_url(asked, hour=str(hour), **_whose(person)) if count else "",
                }
            )
        name = found.names[person] or _("Nobody")
        lines.append({"y": y, "text": y + 17, "label": name, "cells": cells})
    return {
        "lines": lines,
        "heads": [
            {"middle": LEFT + wide * at + wide // 2, "label": hour} for at, hour in enumerate(hours)
        ],
        "cell_width": wide - 3,
        "height": TOP + HIGH * len(lines) + 6,
    }
