"""Columns of the list of deals."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from activities.models import Kind
from contacts.columns import CHANGED, CREATED, OWNER
from deals.standing import standing
from records.columns import Column, step_cell
from records.templatetags.crm import icon


def _client(row: Any) -> str:
    return str(row.company or row.contact or "")


def _stage(row: Any) -> Any:
    if row.is_open:
        return format_html(
            '<span class="stg" data-hue="{}"><i></i>{}</span>', row.stage.hue, row.stage.label
        )
    tone = "green" if row.status == "won" else "red"
    return format_html('<span class="{}">{}</span>', tone, row.get_status_display())


def _stage_name(row: Any) -> str:
    return str(row.stage.label if row.is_open else row.get_status_display())


def _step(row: Any) -> Any:
    if not row.is_open:
        return ""
    return step_cell(row.next_due_at, str(Kind(row.next_kind).label) if row.next_kind else "")


def _days(row: Any) -> int | None:
    return standing(row, timezone.now()).days if row.is_open else None


def _days_cell(row: Any) -> Any:
    if not row.is_open:
        return ""
    now = standing(row, timezone.now())
    if not now.rot:
        return now.days
    tone = "red" if now.rot == 2 else "amber"
    return format_html('<span class="{}">{} {}</span>', tone, icon("hourglass"), now.days)


def _amount(row: Any) -> tuple[Any, str]:
    return row.amount, row.currency_id


DEAL_COLUMNS = [
    Column("title", _("Deal"), lambda row: row.title, "main"),
    Column("client", _("Client"), _client, width="w-180"),
    Column("stage", _("Stage"), _stage_name, width="w-150", shown=_stage),
    Column("amount", _("Amount"), _amount, "money", "w-100", ("amount", "amount_up")),
    Column("next_step", _("Next step"), lambda row: row.next_due_at, width="w-150", shown=_step),
    Column(
        "days",
        _("In stage, d"),
        _days,
        "number",
        "w-100",
        ("stage_days", "stage_days_up"),
        shown=_days_cell,
    ),
    Column(
        "expected_close_date",
        _("Expected close"),
        lambda row: row.expected_close_date,
        "moment",
        "w-100",
        is_default=False,
    ),
    Column("source", _("Source"), lambda row: row.source, width="w-100", is_default=False),
    OWNER,
    replace(CREATED, is_default=False),
    replace(CHANGED, is_default=True, sorts=("changed", "changed_up"), width="w-80"),
]
