"""Figures of reports on the pages of others."""

from typing import Any

from django import template
from django.utils import timezone

from catalog.services import base_code
from reports.plans import bars

register = template.Library()


@register.inclusion_tag("reports/plan_bars.html")
def plan_bars(viewer: Any, person: Any) -> dict[str, Any]:
    """This month's plans of the person with what is won so far, as far as the viewer sees it."""
    sees = viewer.fields("deal").sees("amount")
    found = bars(viewer, person, timezone.now()) if sees else []
    return {"bars": found, "base": base_code()}
