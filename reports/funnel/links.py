"""Addresses of the deals behind each number of the funnel."""

from typing import Any

from deals.models import DealStatus
from reports.addresses import list_url, report_url
from reports.asking import Asked

OUTCOMES = set(DealStatus.values)


class Links:
    """The list of deals where it can ask for the number, else the page of the funnel's own."""

    def __init__(self, asked: Asked, lens: str, first: int | None = None) -> None:
        self.asked = asked
        self.lens = lens
        self.first = first

    def cell(self, what: str, stage: int | None = None, **more: Any) -> str:
        """The address of one number."""
        if self.lens == "reached" and self.asked.as_of is None:
            known = self._listed(what, stage, more.get("reason"))
            if known is not None:
                created = {} if what == "now_open" else self.asked.period.link("created")
                return list_url(**self.asked.link(), **created, **known)
        return report_url(
            "funnel_rows", self.asked, **{"lens": self.lens, "what": what, "stage": stage, **more}
        )

    def _listed(self, what: str, stage: int | None, reason: int | None) -> dict[str, Any] | None:
        """Parameters of the list of deals, or None when it cannot ask for the number."""
        if what == "now_open":
            return {"stage": stage, "status": DealStatus.OPEN.value}
        if what == "entered":
            return {"reached": None if stage in (None, self.first) else stage}
        if what in OUTCOMES:
            return {"status": what, "furthest": stage, "loss_reason": reason}
        return None
