"""What every card offers of the whole product: its history, and who saw it."""

from typing import Any

from django import template
from django.urls import reverse

from crm.record_address import record_at

register = template.Library()


@register.inclusion_tag("components/why_hidden.html", takes_context=True)
def why_hidden(context: template.Context) -> dict[str, Any]:
    """On a page that was not found: administrators ask why, if the address is one of a record."""
    request = context.get("request")
    user = getattr(request, "user", None)
    may_ask = user is not None and user.is_authenticated and user.has_right("administer")
    return {"address": request.path if may_ask and record_at(request.path) else ""}


@register.inclusion_tag("components/record_links.html", takes_context=True)
def record_links(context: template.Context, record: Any) -> dict[str, Any]:
    """Lines of a card's menu; the audit log only for holders of its right."""
    user = context["request"].user
    audit = ""
    if user.has_right("view_audit"):
        asked = f"record_type={record.record_type}&record_id={record.pk}"
        audit = f"{reverse('audit:list')}?{asked}"
    return {
        "history": reverse("history:record", args=[record.record_type, record.pk]),
        "access": reverse("access", args=[record.record_type, record.pk]),
        "audit": audit,
    }
