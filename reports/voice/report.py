"""What customers say as a report: counts, months, quotes."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from activities.models import Activity
from activities.parents import attach_sights
from records.formatting import number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.charts import posts
from reports.drawing import stacks
from reports.periods import days_of_month
from reports.sheets import Column, Report, Sheet
from reports.voice.counting import Voice, VoiceRow, marked, voice

DRAWN, TOLD, QUOTED, LETTERS = 15, 4, 25, 280
TONES = ("1", "4", "2", "3", "5")
LABELS = {
    "mark": gettext_lazy("Mark"),
    "kind": gettext_lazy("What it tells"),
    "manager": gettext_lazy("Manager"),
}
PARAMS = {"mark": "mark", "kind": "kind", "manager": "who"}


def voice_report(asked: Asked) -> Report:
    """Marked calls, meetings and notes of the period by `asked.options["by"]`."""
    found = voice(asked, asked.options.get("by", "mark"))
    quoted = quotes(asked)
    return Report(
        "voice",
        _("What do customers say?"),
        _(
            "Calls, meetings and notes with a mark, by the day they were done; one with several "
            "marks counts in the row of each and once in the total. Deals: those the marked work "
            "belongs to and you see; loss rate = lost / (won + lost) of them, as they stand now."
        ),
        values_of(found, quoted, asked),
        [_rows_sheet(found, asked), _months_sheet(found, asked), _quotes_sheet(quoted)],
        answer=_answer(found),
        picture="reports/pictures/both.html",
        context=_picture(found, asked),
        empty="" if found.total.said else _("Nothing was marked in this period"),
        advice=_("Marks are picked under a call, a meeting or a note; their list is in Settings."),
    )


def quotes(asked: Asked) -> list[Activity]:
    """The latest marked activities with words, each with its marks and the record one may see."""
    rows = marked(asked).exclude(body="", subject="").select_related("owner")
    found = list(rows.prefetch_related("marked__mark").order_by("-done_at", "-pk")[:QUOTED])
    attach_sights(found, asked.user)
    return found


def values_of(found: Voice, quoted: list[Activity], asked: Asked) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "voice",
        "from": asked.period.first,
        "to": asked.period.last,
        "by": found.by,
        **_row(found.total),
        "rows": [{"name": row.name, **_row(row)} for row in found.rows],
        "months": [
            {
                "month": f"{month.month:%Y-%m}",
                "said": month.said,
                "parts": {
                    row.name: month.parts[row.key] for row in found.rows if row.key in month.parts
                },
            }
            for month in found.months
        ],
        "quotes": [
            {
                "at": activity.done_at,
                "marks": [row.mark.name for row in activity.marked.all()],
                "text": words_of(activity),
            }
            for activity in quoted
        ],
    }


def words_of(activity: Activity) -> str:
    """What was said, shortened: the details, else the subject."""
    return Truncator(activity.body or activity.subject).chars(LETTERS)


def _row(row: VoiceRow) -> dict[str, Any]:
    return {
        "said": row.said,
        "share": row.share,
        "previous_said": row.previous_said,
        "deals": row.deals,
        "won": row.won,
        "lost": row.lost,
        "loss_rate": row.loss_rate,
    }


def _answer(found: Voice) -> list[str]:
    said = found.total.said
    lines = [
        ngettext("%(count)s marked talk.", "%(count)s marked talks.", said)
        % {"count": number(said)}
    ]
    if found.rows and found.rows[0].said:
        first = found.rows[0]
        lines.append(
            _("The most of all “%(name)s”: %(count)s, %(share)s.")
            % {
                "name": first.name,
                "count": number(first.said),
                "share": in_percent(first.share, 1),
            }
        )
    return lines


def _rows_sheet(found: Voice, asked: Asked) -> Sheet:
    columns = [
        Column("name", str(LABELS[found.by])),
        Column("said", _("Times"), "count"),
        Column("share", _("Share"), "percent"),
        *(
            [
                Column(
                    "previous_said",
                    _(
                        "Before",
                    ),
                    "count",
                )
            ]
            if asked.before
            else []
        ),
        Column("deals", _("Deals"), "count"),
        Column("won", pgettext("deals", "Won"), "count"),
        Column("lost", pgettext("deals", "Lost"), "count"),
        Column("loss_rate", _("Loss rate"), "percent"),
    ]
    return Sheet(
        "rows",
        _("What was said"),
        columns,
        [{"name": row.name, **_row(row)} for row in found.rows],
        {"name": _("Total"), **_row(found.total)},
        [_urls(row, asked, **{PARAMS[found.by]: row.key}) for row in found.rows],
        _urls(found.total, asked),
    )


def _urls(row: VoiceRow, asked: Asked, **keys: Any) -> dict[str, str]:
    found = {
        "said": report_url("voice_rows", asked, **keys) if row.said else "",
        "deals": report_url("voice_deals", asked, **keys) if row.deals else "",
        "won": report_url("voice_deals", asked, **keys, status="won") if row.won else "",
        "lost": report_url("voice_deals", asked, **keys, status="lost") if row.lost else "",
    }
    if asked.before and row.previous_said:
        found["previous_said"] = report_url("voice_rows", asked.of(period=asked.before), **keys)
    return {} if row.key is None and keys else found


def _months_sheet(found: Voice, asked: Asked) -> Sheet:
    told = [row for row in found.rows if row.said][: 2 * TOLD]
    columns = [
        Column("label", _("Month")),
        Column("said", _("Times"), "count"),
        *(Column(f"by_{at}", row.name, "count") for at, row in enumerate(told)),
    ]
    rows, urls = [], []
    for month in found.months:
        within = asked.of(period=days_of_month(month.month, asked.period))
        parts = {f"by_{at}": month.parts.get(row.key, 0) for at, row in enumerate(told)}
        rows.append({"label": date_format(month.month, "F Y"), "said": month.said, **parts})
        addresses = {"said": report_url("voice_rows", within) if month.said else ""}
        addresses |= {
            f"by_{at}": report_url("voice_rows", within, **{PARAMS[found.by]: row.key})
            for at, row in enumerate(told)
            if parts[f"by_{at}"] and row.key is not None
        }
        urls.append(addresses)
    return Sheet("months", _("By month"), columns, rows, None, urls)


def _quotes_sheet(quoted: list[Activity]) -> Sheet:
    columns = [
        Column("day", _("Day"), "date"),
        Column("marks", _("Marks")),
        Column("text", _("Quote")),
        Column("record", _("Deal or client")),
        Column("owner", _("Owner")),
    ]
    rows, urls = [], []
    for activity in quoted:
        sight: Any = activity.sight  # type: ignore[attr-defined]
        record = sight.deal or sight.client
        rows.append(
            {
                "day": timezone.localdate(activity.done_at),
                "marks": ", ".join(row.mark.name for row in activity.marked.all()),
                "text": words_of(activity),
                "record": str(record or ""),
                "owner": str(activity.owner or ""),
            }
        )
        urls.append(
            {
                "text": activity.get_absolute_url(),
                "record": record.get_absolute_url() if record else "",
            }
        )
    note = _("the latest ones")
    return Sheet("quotes", _("In their words"), columns, rows, None, urls, note=note)


def _picture(found: Voice, asked: Asked) -> dict[str, Any]:
    bars = [
        (row.name, [row.said], _urls(row, asked, **{PARAMS[found.by]: row.key}).get("said", ""))
        for row in found.rows[:DRAWN]
        if row.said
    ]
    told = [row for row in found.rows if row.said][:TOLD]
    months = []
    for month in found.months:
        parts = [month.parts.get(row.key, 0) for row in told]
        within = asked.of(period=days_of_month(month.month, asked.period))
        months.append((date_format(month.month, "M y"), parts, report_url("voice_rows", within)))
    return {
        "title": _("What was said"),
        "stack": stacks(bars, ["1"], []),
        "trend_title": _("Marks by month"),
        "columns": posts(months, TONES, [row.name for row in told]) if len(months) > 1 else None,
    }
