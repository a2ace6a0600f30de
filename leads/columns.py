"""Columns of the list of leads."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.models import Kind
from contacts.columns import CHANGED, CREATED, EMAIL, OWNER, PHONE
from records.columns import Column, step_cell
from records.formatting import percent


def _step(row: Any) -> Any:
    if not row.is_open:
        return ""
    kind = str(Kind(row.next_kind).label) if row.next_kind else ""
    return step_cell(row.next_due_at, kind)


LEAD_COLUMNS = [
    Column("name", _("Lead"), str, "main"),
    Column("title", _("What they want"), lambda row: row.title or row.company_name),
    PHONE,
    replace(EMAIL, is_default=False),
    Column(
        "company_name", _("Company"), lambda row: row.company_name, width="w-150", is_default=False
    ),
    Column("city", _("City"), lambda row: row.city, width="w-100", is_default=False),
    Column("source", _("Source"), lambda row: row.source, width="w-100"),
    Column("campaign", _("Campaign"), lambda row: row.campaign, width="w-100", is_default=False),
    Column(
        "chance",
        pgettext_lazy("lead", "Chance"),
        lambda row: row.chance or None,
        "number",
        "w-80",
        sorts=("chance", "chance_up"),
        shown=lambda row: percent(row.chance) if row.chance else "",
    ),
    Column("amount", _("Amount"), lambda row: (row.amount, ""), "money", "w-100"),
    Column("status", _("Status"), lambda row: row.get_status_display(), width="w-100"),
    Column("next_step", _("Next step"), lambda row: row.next_due_at, width="w-150", shown=_step),
    OWNER,
    CREATED,
    CHANGED,
]
