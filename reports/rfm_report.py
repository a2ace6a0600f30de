"""RFM as a report: the grid, the segments, the thresholds, movements between months."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.services import base_code
from records.formatting import money, number
from records.rights import Person
from reports import rfm
from reports.addresses import query_of
from reports.funnel.steps import percent
from reports.purchases import visible_purchases
from reports.rfm import ADVICE, FIXED, QUINTILES, SCORES, SEGMENTS, Cuts, Group, Rfm
from reports.scores import migrations, stored_months
from reports.sheets import Column, Report, Sheet

LEFT, TOP, WIDE, HIGH = 92, 34, 148, 58


def rfm_page(user: Person, as_of: date, cuts: Cuts, kept: dict[str, Any]) -> Report:
    """The report over the purchases the person may see; `kept` are parameters of the lists."""
    found = rfm.score(visible_purchases(user, as_of), as_of, cuts)
    base = base_code()
    sheets = [_segments(found, kept, base), *([_thresholds(found, base)] if found.cells else [])]
    months = stored_months()
    if len(months) > 1:
        sheets.append(_movements(user, months))
    whole = found.whole
    answer = ngettext(
        "%(shown)s customer bought for %(total)s.",
        "%(shown)s customers bought for %(total)s.",
        whole.customers,
    ) % {"shown": number(whole.customers), "total": money(round(whole.total), base)}
    calls = [
        f"{SEGMENTS[name]}: {number(group.customers)} ({money(round(group.total), base)})"
        for name in ("cannot_lose", "risk")
        if (group := found.segments[name]).customers
    ]
    return Report(
        "rfm",
        _("Which customers to keep and which are we losing?"),
        _definition(cuts),
        rfm.report_values(found, as_of, cuts),
        sheets,
        answer=[answer, *([", ".join(calls) + "."] if calls else [])],
        picture="reports/pictures/grid.html",
        context={"grid": grid(found, kept), "whole": whole, "as_of": as_of},
        empty="" if whole.customers else _("No purchases yet"),
    )


def _definition(cuts: Cuts) -> str:
    rule = (
        _(
            "Thresholds are values of real customers at each fifth of the list; equal "
            "values get equal scores."
        )
        if cuts == QUINTILES
        else _(
            "Thresholds are fixed, so that months can be compared; an empty one is by quintiles."
        )
    )
    what = _(
        "A purchase is a won deal with a sum, or a row of imported history; several of one day are "
        "one. R: days since the last purchase, F: days with a purchase, M: their sum."
    )
    return f"{what} {rule}"


def customers_url(kept: dict[str, Any], **asked: Any) -> str:
    """The list of customers of a cell or a segment."""
    return f"{reverse('reports:rfm_customers')}?{query_of({**kept, **asked})}"


def grid(found: Rfm, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """25 squares, the most recent above, the rarest at the left; `shade` 0 to 5 by customers."""
    greatest = max((group.customers for group in found.cells.values()), default=0)
    squares = []
    for r in reversed(SCORES):
        for f in SCORES:
            count = found.cells.get((r, f), Group()).customers
            squares.append(
                {
                    "r": r,
                    "f": f,
                    "customers": count,
                    "words": SEGMENTS[rfm.segment_of(r, f)],
                    "segment": rfm.segment_of(r, f),
                    "x": LEFT + WIDE * (f - 1),
                    "y": TOP + HIGH * (5 - r),
                    "shade": -(-5 * count // greatest) if greatest else 0,
                    "url": customers_url(kept, r=r, f=f) if count else "",
                }
            )
    return squares


def _segments(found: Rfm, kept: dict[str, Any], base: str) -> Sheet:
    whole = found.whole.total
    rows: list[dict[str, Any]] = []
    urls = []
    for name, group in found.segments.items():
        rows.append(
            {
                "segment": SEGMENTS[name],
                "advice": ADVICE[name],
                "customers": group.customers,
                "total": group.total,
                "share": percent(group.total, whole),
            }
        )
        urls.append({"customers": customers_url(kept, segment=name) if group.customers else ""})
    columns = [
        Column("segment", _("Segment")),
        Column("advice", _("What to do")),
        Column("customers", _("Customers"), "count"),
        Column("total", _("Sum"), "money"),
        Column("share", _("Share of the sum"), "percent"),
    ]
    total = {"segment": _("Total"), "customers": found.whole.customers, "total": whole}
    total_urls = {"customers": customers_url(kept)}
    return Sheet("segments", _("Segments"), columns, rows, total, urls, total_urls, currency=base)


def _thresholds(found: Rfm, base: str) -> Sheet:
    units: dict[str, tuple[str, str, Any]] = {
        "r": (_("Recency: days since the last purchase"), _("%(value)s or more"), number),
        "f": (_("Frequency: days with a purchase"), _("up to %(value)s"), number),
        "m": (_("Money: sum of purchases"), _("up to %(value)s"), lambda v: money(v, base)),
    }
    above = {"r": _("fewer than %(value)s"), "f": _("over %(value)s"), "m": _("over %(value)s")}
    rows = []
    for name, (label, words, shown) in units.items():
        cuts = found.thresholds[name]
        ranges = [words % {"value": shown(cut)} for cut in cuts]
        ranges.append(above[name] % {"value": shown(cuts[-1])})
        row: dict[str, Any] = {"figure": label}
        for score, text in enumerate(ranges, start=1):
            row[f"s{score}"] = f"{text} · {number(found.counts[name][score])}"
        rows.append(row)
    columns = [Column("figure", _("Figure"))]
    columns += [Column(f"s{score}", _("Score %(score)s") % {"score": score}) for score in SCORES]
    return Sheet(
        "thresholds",
        _("Thresholds of the scores"),
        columns,
        rows,
        note=absent_words(found) or _("after the point: how many customers have the score"),
    )


def absent_words(found: Rfm) -> str:
    """A note about scores nobody has."""
    letters = {"r": "R", "f": "F", "m": "M"}
    listed = ", ".join(
        f"{letters[name]} {score}" for name, scores in found.absent.items() for score in scores
    )
    if not listed:
        return ""
    return _("Nobody has these scores, because many customers share one value: %(scores)s.") % {
        "scores": listed
    }


def _moves_url(was: str, now: str) -> str:
    return f"{reverse('reports:rfm_moves')}?{query_of({'was': was or 'none', 'now': now})}"


def _movements(user: Person, months: list[date]) -> Sheet:
    """Who was what a month before and is what now, by fixed thresholds."""
    after, before = months[0], months[1]
    counts = migrations(user, before, after)
    columns = [Column("was", _("Was"))]
    columns += [Column(name, str(words), "count") for name, words in SEGMENTS.items()]
    rows, urls = [], []
    for was, words in [*SEGMENTS.items(), ("", _("Had not bought yet"))]:
        row = {name: counts.get((was, name), 0) for name in SEGMENTS}
        if not any(row.values()):
            continue
        rows.append({"was": words, **row})
        urls.append({name: _moves_url(was, name) for name, count in row.items() if count})
    note = _("%(before)s → %(after)s, by fixed thresholds: R %(r)s days, F %(f)s") % {
        "before": date_format(before, "F Y"),
        "after": date_format(after, "F Y"),
        "r": " / ".join(str(cut) for cut in FIXED.r),
        "f": " / ".join(str(cut) for cut in FIXED.f),
    }
    return Sheet("movements", _("Who moved where"), columns, rows, None, urls, note=note)
