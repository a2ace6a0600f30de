"""Retention as a report: cohorts by shares, clients and sums, and how many times clients bought."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.services import base_code
from records.formatting import number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.funnel.steps import ZERO, percent, rounded
from reports.ledger.retention import (
    MONTHS,
    Band,
    Cohort,
    Retention,
    cohort_buyers,
    retention,
)
from reports.ledger.rows import MOST, Buyers, days_of
from reports.ledger.words import what_is_a_purchase
from reports.sheets import Column, Report, Sheet

SHOWN = {"month": 12, "quarter": 8}
DRAWN, LEFT, TOP, HIGH, WIDTH = 24, 132, 44, 26, 852


def retention_report(asked: Asked) -> Report:
    """Clients who came in the period by the month or quarter of their first purchase."""
    step = asked.options.get("step", "month")
    found = retention(asked, step if step in MONTHS else "month")
    return Report(
        "retention",
        _("Do clients come back?"),
        what_is_a_purchase()
        + " "
        + _(
            "A cohort is the clients whose first purchase is in the same month or quarter; each "
            "column is the share of them who bought again so many of these later. The average "
            "leaves out months that are not over."
        ),
        values_of(found, asked),
        [
            _shares(found, asked),
            _times(found, asked),
            _counts(found, asked),
            _sums(found),
        ],
        answer=_answer(found),
        picture="reports/pictures/cohorts.html",
        context=_picture(found, asked),
        empty="" if found.cohorts else _("No client made a first purchase in this period"),
    )


def values_of(found: Retention, asked: Asked) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "retention",
        "from": asked.period.first,
        "to": asked.period.last,
        "as_of": found.as_of,
        "step": found.step,
        "customers": found.customers,
        "repeat": found.repeat,
        "repeat_share": percent(found.repeat, found.customers),
        "median_days_to_second": rounded(found.second_days),
        "median_gap_days": rounded(found.gap_days),
        "average": found.average,
        "rows": [
            {
                "cohort": row.first,
                "customers": row.size,
                "bought": row.customers,
                "shares": [row.share(step) for step in range(len(row.customers))],
                "amounts": row.amounts,
            }
            for row in found.cohorts
        ],
        "times": [
            {
                "least": band.least,
                "most": None if band.most == MOST else band.most,
                "customers": band.customers,
                "amount": band.amount,
            }
            for band in found.bands
        ],
    }


def _answer(found: Retention) -> list[str]:
    lines = [
        _("%(repeat)s of %(customers)s clients bought again: %(share)s.")
        % {
            "repeat": number(found.repeat),
            "customers": number(found.customers),
            "share": in_percent(percent(found.repeat, found.customers), 1) or "—",
        }
    ]
    if found.second_days is not None and found.gap_days is not None:
        lines.append(
            _(
                "Half of them came back within %(second)s days; the median between purchases is "
                "%(gap)s days."
            )
            % {"second": number(found.second_days, 0), "gap": number(found.gap_days, 0)}
        )
    return lines


def cohort_name(first: date, step: str) -> str:
    """`November 2026`, or `IV quarter 2026`."""
    if step == "month":
        return date_format(first, "F Y")
    quarter = ("I", "II", "III", "IV")[(first.month - 1) // 3]
    return _("%(quarter)s quarter %(year)s") % {"quarter": quarter, "year": first.year}


def _numbers(found: Retention) -> range:
    """The columns after the first purchase."""
    return range(1, min(found.steps, SHOWN[found.step] + 1))


def _columns(found: Retention, kind: str) -> list[Column]:
    return [
        Column("label", _("First purchase")),
        Column("customers", _("Clients"), "count"),
        *(Column(f"s{step}", f"+{step}", kind) for step in _numbers(found)),
    ]


def _cell_urls(found: Retention, row: Cohort, asked: Asked) -> dict[str, str]:
    """The clients behind each number of a cohort."""
    urls = {"customers": buyers_url(asked, cohort_buyers(asked, row.first, found.step))}
    for step in _numbers(found):
        if step < len(row.customers) and row.customers[step]:
            wanted = cohort_buyers(asked, row.first, found.step, step)
            urls[f"s{step}"] = buyers_url(asked, wanted)
    return urls


def buyers_url(asked: Asked, wanted: Buyers) -> str:
    """The list of clients within the bounds."""
    return report_url("buyers", asked.of(options={}), **wanted.link())


def _shares(found: Retention, asked: Asked) -> Sheet:
    rows = [
        {
            "label": cohort_name(row.first, found.step),
            "customers": row.size,
            **{f"s{step}": row.share(step) for step in _numbers(found)},
        }
        for row in found.cohorts
    ]
    average = {f"s{step}": found.average[step] for step in _numbers(found)}
    return Sheet(
        "rows",
        _("Share of clients who bought again"),
        _columns(found, "percent"),
        rows,
        {"label": _("Average of finished ones"), "customers": found.customers, **average},
        [_cell_urls(found, row, asked) for row in found.cohorts],
        {"customers": _all_url(asked)},
    )


def _all_url(asked: Asked) -> str:
    first, last = days_of(asked)
    return buyers_url(asked, Buyers(first_from=first, first_to=last))


def _counts(found: Retention, asked: Asked) -> Sheet:
    rows = []
    for row in found.cohorts:
        cells = {
            f"s{step}": row.customers[step] if step < len(row.customers) else None
            for step in _numbers(found)
        }
        rows.append({"label": cohort_name(row.first, found.step), "customers": row.size, **cells})
    return Sheet(
        "counts",
        _("Clients who bought again"),
        _columns(found, "count"),
        rows,
        None,
        [_cell_urls(found, row, asked) for row in found.cohorts],
    )


def _sums(found: Retention) -> Sheet:
    columns = [
        Column("label", _("First purchase")),
        Column("whole", _("Sum"), "money"),
        *(
            Column(f"s{step}", f"+{step}", "money")
            for step in range(1 + max(_numbers(found), default=0))
        ),
    ]
    rows = []
    for row in found.cohorts:
        cells = {
            f"s{step}": row.amounts[step] if step < len(row.amounts) else None
            for step in range(len(columns) - 2)
        }
        whole = sum(row.amounts, ZERO)
        rows.append({"label": cohort_name(row.first, found.step), "whole": whole, **cells})
    return Sheet("sums", _("What the cohorts bought for"), columns, rows, currency=base_code())


def band_name(band: Band) -> str:
    """`1`, `5 – 9`, `10 and more`."""
    if band.most == MOST:
        return _("%(least)s and more") % {"least": band.least}
    return str(band.least) if band.least == band.most else f"{band.least} – {band.most}"


def _times(found: Retention, asked: Asked) -> Sheet:
    """How many purchases the clients of the cohorts made."""
    first, last = days_of(asked)
    whole = sum((band.amount for band in found.bands), ZERO)
    rows, urls = [], []
    for band in found.bands:
        rows.append(
            {
                "label": band_name(band),
                "customers": band.customers,
                "share": percent(band.customers, found.customers),
                "amount": band.amount,
                "amount_share": percent(band.amount, whole),
            }
        )
        wanted = Buyers(first_from=first, first_to=last, least=band.least, most=band.most)
        urls.append({"customers": buyers_url(asked, wanted) if band.customers else ""})
    return Sheet(
        "times",
        _("How many times they bought"),
        [
            Column("label", _("Purchases")),
            Column("customers", _("Clients"), "count"),
            Column("share", _("Share"), "percent"),
            Column("amount", _("Sum"), "money"),
            Column("amount_share", _("Share of the sum"), "percent"),
        ],
        rows,
        {"label": _("Total"), "customers": found.customers, "amount": whole},
        urls,
        {"customers": _all_url(asked)},
        currency=base_code(),
    )


def _picture(found: Retention, asked: Asked) -> dict[str, Any]:
    """A square for every cohort and step, the darker the more came back."""
    numbers = list(_numbers(found))
    wide = (WIDTH - LEFT) // max(6, len(numbers))
    shown = found.cohorts[-DRAWN:]
    greatest = max((row.share(step) or ZERO for row in shown for step in numbers), default=ZERO)
    lines = []
    for place, row in enumerate(shown):
        urls = _cell_urls(found, row, asked)
        y = TOP + HIGH * place
        cells = [
            {
                "x": LEFT + wide * at,
                "middle": LEFT + wide * at + wide // 2,
                "share": share,
                "count": row.customers[step],
                "shade": -(-5 * share // greatest) if greatest else 0,
                "url": urls.get(f"s{step}", ""),
                "step": step,
            }
            for at, step in enumerate(numbers)
            if (share := row.share(step)) is not None
        ]
        name = cohort_name(row.first, found.step)
        lines.append({"y": y, "text": y + 17, "label": name, "size": row.size, "cells": cells})
    heads = [
        {"middle": LEFT + wide * at + wide // 2, "label": f"+{step}"}
        for at, step in enumerate(numbers)
    ]
    return {
        "lines": lines,
        "heads": heads,
        "cell_width": wide - 3,
        "height": TOP + HIGH * len(lines) + 6,
        "step_word": _("months later") if found.step == "month" else _("quarters later"),
    }
