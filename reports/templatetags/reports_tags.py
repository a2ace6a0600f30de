"""Figures of reports on the pages of others."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from accounts.querysets import people_reached
from catalog.services import base_code
from reports.closed import why_closed
from reports.plans import bars

register = template.Library()


@register.inclusion_tag("reports/plan_bars.html")
def plan_bars(viewer: Any, person: Any) -> dict[str, Any]:
    """This month's plans of the person with what is won so far, as far as the viewer sees it."""
    sees = viewer.fields("deal").sees("amount")
    found = bars(viewer, person, timezone.now()) if sees else []
    return {"bars": found, "base": base_code()}


@register.simple_tag(takes_context=True)
def manager_url(context: template.Context, person: Any) -> str:
    """The page of the person's results, empty for whoever may not open it."""
    user = context["request"].user
    if not user.has_right("view_reports") or why_closed(user):
        return ""
    if not people_reached(user, "deal", "view").filter(pk=person.pk).exists():
        return ""
    return f"{reverse('reports:manager')}?owner={person.pk}"
