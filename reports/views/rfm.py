"""Who to call: the RFM grid, its segments, and the customers behind each cell."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from catalog.services import base_code
from records.formatting import money, number
from reports import rfm
from reports.purchases import today, visible_purchases, with_cards, with_deals
from reports.views.pages import SumsPage


def asked_score(text: str) -> int | None:
    """A score from the address; anything else does not narrow."""
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


class RfmGrid(SumsPage, TemplateView):
    """Scores of the customers in the deals the person may see."""

    template_name = "reports/rfm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        as_of = today()
        found = rfm.score(visible_purchases(self.request.user, as_of), as_of)
        segments = self._segments(found)
        return super().get_context_data(
            as_of=as_of,
            currency=base_code(),
            whole=found.whole,
            columns=list(rfm.SCORES),
            grid=self._grid(found),
            segments=segments,
            thresholds=threshold_words(found, base_code()),
            absent=absent_words(found),
            call_first=[row for row in segments if row["name"] in ("cannot_lose", "risk")],
            **kwargs,
        )

    def _grid(self, found: rfm.Rfm) -> list[dict[str, Any]]:
        """Rows from the most recent, columns from the rarest; empty cells too."""
        return [
            {
                "r": r,
                "cells": [
                    {
                        "r": r,
                        "f": f,
                        "customers": found.cells.get((r, f), rfm.Group()).customers,
                        "words": rfm.SEGMENTS[rfm.segment_of(r, f)],
                    }
                    for f in rfm.SCORES
                ],
            }
            for r in reversed(rfm.SCORES)
        ]

    def _segments(self, found: rfm.Rfm) -> list[dict[str, Any]]:
        whole = found.whole.total
        return [
            {
                "name": name,
                "words": rfm.SEGMENTS[name],
                "advice": rfm.ADVICE[name],
                "customers": group.customers,
                "total": group.total,
                "share": group.total / whole * 100 if whole else 0,
            }
            for name, group in found.segments.items()
        ]


class RfmCustomers(SumsPage, TemplateView):
    """The customers of a cell or a segment, the greatest sum first."""

    template_name = "reports/rfm_customers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        r, f = (asked_score(self.request.GET.get(name, "")) for name in ("r", "f"))
        segment = self.request.GET.get("segment", "")
        segment = segment if segment in rfm.SEGMENTS else ""
        as_of = today()
        source = visible_purchases(self.request.user, as_of)
        found = rfm.score(source, as_of)
        wanted = rfm.pairs(r=r, f=f, segment=segment)
        count = sum(found.cells[pair].customers for pair in wanted & found.cells.keys())
        page = Paginator(range(count), rfm.PAGE).get_page(self.request.GET.get("page"))
        rows = rfm.customers(source, as_of, wanted, (page.number - 1) * rfm.PAGE) if count else []
        asked = {"r": r, "f": f, "segment": segment}
        return super().get_context_data(
            as_of=as_of,
            currency=base_code(),
            segment=rfm.SEGMENTS.get(segment, ""),
            r=r,
            f=f,
            count=count,
            page_obj=page,
            query="&".join(f"{name}={value}" for name, value in asked.items() if value),
            rows=with_deals(self.request.user, with_cards(self.request.user, rows)),
            **kwargs,
        )


def threshold_words(found: rfm.Rfm, currency: str) -> list[dict[str, Any]]:
    """What each score of R, F and M means, by the printed thresholds."""
    if not found.cells:
        return []
    units = {
        "r": (_("Recency: days since the last purchase"), _("%(value)s or more"), number),
        "f": (_("Frequency: days with a purchase"), _("up to %(value)s"), number),
        "m": (_("Money: sum of purchases"), _("up to %(value)s"), lambda v: money(v, currency)),
    }
    above = {"r": _("fewer than %(value)s"), "f": _("over %(value)s"), "m": _("over %(value)s")}
    rows = []
    for name, (label, words, shown) in units.items():
        cuts = found.thresholds[name]
        ranges = [words % {"value": shown(cut)} for cut in cuts]
        ranges.append(above[name] % {"value": shown(cuts[-1])})
        gone = found.counts[name]
        rows.append(
            {
                "label": label,
                "ranges": [text if gone[at] else "—" for at, text in enumerate(ranges, start=1)],
            }
        )
    return rows


def absent_words(found: rfm.Rfm) -> str:
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
