"""The deals behind one number: the list of deals if it can ask for them, else rows of reports."""

from typing import Any

from django.db.models import Q

from deals.models import DealStatus
from deals.querysets import DealQuerySet
from reports.addresses import list_url, report_url
from reports.asking import Asked
from reports.dimensions import DIMENSIONS

WON, LOST, CREATED, CLOSED = DealStatus.WON.value, DealStatus.LOST.value, "created", "closed"
DIRECT, DIRECT_WON = "direct", "direct_won"
EMPTY = (None, "")


def deals_of(asked: Asked, what: str) -> DealQuerySet:
    """Deals created, or won or lost or either of both, in the period.

    Direct ones were created in it without a lead.
    """
    rows: Any = asked.deals()
    if what in (CREATED, DIRECT, DIRECT_WON):
        rows = rows.filter(asked.period.within("created_at"))
        direct = rows.filter(lead__isnull=True)
        return {CREATED: rows, DIRECT: direct, DIRECT_WON: direct.won()}[what]
    outcomes = [WON, LOST] if what == CLOSED else [what]
    closed = rows.filter(closed_at__isnull=False, status__in=outcomes)
    return closed.filter(asked.period.within("closed_at"))


def lacking(name: str) -> Q:
    """Deals without a value of the dimension."""
    column = DIMENSIONS[name].column
    return Q(**{column: ""}) if column == "source" else Q(**{f"{column}__isnull": True})


def deals_url(asked: Asked, what: str, report: str, **keys: Any) -> str:
    """The list of exactly these deals; `keys` are values of dimensions by their names."""
    listed = _listed(asked, what, keys)
    if listed is not None:
        return list_url(**listed)
    lack = [name for name, key in keys.items() if key in EMPTY]
    own = {DIMENSIONS[name].own: key for name, key in keys.items() if key not in EMPTY}
    if "owner" in own:
        own["department"] = None
    return report_url(
        "deals", asked, **{**own, "what": what, "report": report, "lack": ",".join(lack)}
    )


def _listed(asked: Asked, what: str, keys: dict[str, Any]) -> dict[str, Any] | None:
    """Parameters of the list of deals, or None when it cannot ask for the number."""
    if what == CLOSED or any(
        key in EMPTY or not DIMENSIONS[name].param for name, key in keys.items()
    ):
        return None
    found = {**asked.link()}
    for name, key in keys.items():
        param = "lost_stage" if (name, what) == ("stage", LOST) else DIMENSIONS[name].param
        found[param] = key
        if name == "manager":
            found["department"] = None
    if what == CREATED:
        return {**found, **asked.period.link("created")}
    return {**found, "status": what, **asked.period.link("closed")}
