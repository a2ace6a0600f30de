"""The deals behind one number: the list of deals if it can ask for them, else rows of reports."""

from typing import Any

from django.db.models import Q

from deals.models import DealStatus
from deals.querysets import DealQuerySet
from reports.addresses import list_url, report_url
from reports.asking import Asked
from reports.dimensions import DIMENSIONS
from reports.funnel.reached import standing_at

WON, LOST, OPEN = DealStatus.WON.value, DealStatus.LOST.value, DealStatus.OPEN.value
CREATED, CLOSED = "created", "closed"
DIRECT, DIRECT_WON = "direct", "direct_won"
EMPTY = (None, "")


def deals_of(asked: Asked, what: str) -> DealQuerySet:
    """Deals created, or won or lost or either of both, in the period.

    Direct ones were created in it without a lead; open ones stood open at its end.
    """
    rows: Any = asked.deals()
    if what == OPEN:
        return rows.open() if is_live(asked) else _open_then(asked, rows)
    if what in (CREATED, DIRECT, DIRECT_WON):
        rows = rows.filter(asked.period.within("created_at"))
        direct = rows.filter(lead__isnull=True)
        return {CREATED: rows, DIRECT: direct, DIRECT_WON: direct.won()}[what]
    outcomes = [WON, LOST] if what == CLOSED else [what]
    closed = rows.filter(closed_at__isnull=False, status__in=outcomes)
    return closed.filter(asked.period.within("closed_at"))


def is_live(asked: Asked) -> bool:
    """The period is not over, so that its end is now."""
    return asked.period.end is None or asked.period.end > asked.now


def _open_then(asked: Asked, rows: DealQuerySet) -> DealQuerySet:
    """Open at the end of the period by the stage moves before it.

    Nothing happens to a closed deal, so one that is closed since before is not asked for them.
    """
    not_yet = Q(closed_at__isnull=True) | Q(closed_at__gte=asked.period.end)
    return standing_at(rows.filter(not_yet), asked.period.end).filter(state=OPEN)


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
    if what == CLOSED or (what == OPEN and not is_live(asked)):
        return None
    if any(key in EMPTY or not DIMENSIONS[name].param for name, key in keys.items()):
        return None
    found = {**asked.link()}
    for name, key in keys.items():
        param = "lost_stage" if (name, what) == ("stage", LOST) else DIMENSIONS[name].param
        found[param] = key
        if name == "manager":
            found["department"] = None
    if what == CREATED:
        return {**found, **asked.period.link("created")}
    if what == OPEN:
        return {**found, "status": OPEN}
    return {**found, "status": what, **asked.period.link("closed")}
