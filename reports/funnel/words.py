"""The names of the lenses and what each of them counts."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.sheets import Report, Sheet

LENSES: dict[str, Promise] = {
    "reached": gettext_lazy("Reached"),
    "strict": gettext_lazy("Strictly in order"),
    "flow": gettext_lazy("Flow in the period"),
    "snapshot": gettext_lazy("Open today"),
    "leads": gettext_lazy("From the lead on"),
}
DEFINITIONS: dict[str, Promise] = {
    "reached": gettext_lazy(
        "Deals created in the period, by the furthest stage each ever reached. A skipped stage "
        "counts as reached, a won deal has reached all, moving back takes nothing away. "
        "Entered = passed on + lost + still open."
    ),
    "strict": gettext_lazy(
        "Deals created in the period that stood in every stage up to this one, one after another. "
        "A deal that skipped a stage ends before it; deals won so are in the column “won without "
        "the next stages”."
    ),
    "flow": gettext_lazy(
        "Visits to stages that began in the period, whenever the deal was created; a deal that "
        "came back is counted again. Entries = advanced + moved back + won + lost + still there."
    ),
    "snapshot": gettext_lazy(
        "Open deals by the stage they stand in now, whenever created. It is a stock, not a "
        "conversion."
    ),
    "leads": gettext_lazy(
        "Leads created in the period: how many were taken into work, became a deal and were won "
        "since. Conversion is to the step before, share is of all leads."
    ),
}


def lens_report(lens: str, values: dict[str, Any], sheets: list[Sheet], **more: Any) -> Report:
    """A report of the funnel with the definition of its lens."""
    return Report(
        "funnel", _("Where do we lose deals?"), str(DEFINITIONS[lens]), values, sheets, **more
    )
