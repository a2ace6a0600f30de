"""Sentences the reports of the ledger share."""

from django.utils.translation import gettext as _


def what_is_a_purchase() -> str:
    """What the ledger holds and what a filter leaves of it."""
    return _(
        "A purchase is a won deal with a sum, or a row of imported history, on its local day; "
        "several of one client on one day are one. A day with a sum below zero is a return. With a "
        "filter by pipeline, department, person or source only purchases of such deals count, "
        "without imported history."
    )
