"""One row of history of a part in words; `named` gives the name behind a key column."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.models.pipelines import REQUIRABLE
from records.formatting import number
from records.rights import (
    ACTIONS,
    LEVEL_LABELS,
    RECORD_TYPES,
    RULED_FIELDS,
    SCOPE_LABELS,
    SYSTEM,
    SYSTEM_RIGHTS,
    Level,
    Scope,
)

Named = Callable[[str], str]


def phone(event: Any, named: Named) -> str:
    """The number as it was typed."""
    return event.number


def email(event: Any, named: Named) -> str:
    """The address."""
    return event.address


def employment(event: Any, named: Named) -> str:
    """The company, and what the person is there."""
    name = named("company_id")
    if name.startswith("№"):
        name = _("company № %(n)s") % {"n": event.company_id}
    return f"{name}, {event.role}" if event.role else name


def line(event: Any, named: Named) -> str:
    """Name, quantity, price."""
    return f"{event.name}: {number(event.quantity)} × {number(event.price)}"


def participant(event: Any, named: Named) -> str:
    """The person and the way of taking part."""
    way = _("sees and edits") if event.can_change else _("sees")
    return f"{named('user_id')}, {way}"


def grant(event: Any, named: Named) -> str:
    """Record type, action, scope; a right of the system by its name."""
    if event.record_type == SYSTEM:
        return str(SYSTEM_RIGHTS.get(event.action, event.action))
    kind = RECORD_TYPES.get(event.record_type, event.record_type)
    action = ACTIONS.get(event.action, event.action)
    scope = str(SCOPE_LABELS[Scope(event.scope)])
    if event.unassigned:
        scope = f"{scope}, {_('and unassigned')}"
    return f"{kind}, {action}: {scope}"


def field_rule(event: Any, named: Named) -> str:
    """Record type, field, level."""
    kind = RECORD_TYPES.get(event.record_type, event.record_type)
    rule = RULED_FIELDS.get(event.record_type, {}).get(event.field)
    return f"{kind}, {rule.label if rule else event.field}: {LEVEL_LABELS[Level(event.level)]}"


def stage_rule(event: Any, named: Named) -> str:
    """The stage, the level, what is closed."""
    found = [str(LEVEL_LABELS[Level(event.level)])]
    if event.limits_moves:
        found.append(_("moves are limited"))
    if not event.can_close:
        found.append(_("no winning or losing"))
    return f"{named('stage_id')}: {', '.join(found)}"


def holder(event: Any, named: Named) -> str:
    """To whom the role is given."""
    if event.department_id:
        place = named("department_id")
        return f"{place}, {_('with those below')}" if event.includes_below else place
    return named("user_id") or named("group_id")


def role(event: Any, named: Named) -> str:
    """The role itself."""
    return named("role_id")


def stage(event: Any, named: Named) -> str:
    """Name, probability, days until stuck, obligatory fields, archive."""
    found = [f"{event.probability} %"]
    if event.rot_days:
        text = ngettext("stuck after %(n)s day", "stuck after %(n)s days", event.rot_days)
        found.append(text % {"n": event.rot_days})
    labels = dict(REQUIRABLE)
    if event.required_fields:
        names = ", ".join(str(labels.get(name, name)) for name in event.required_fields)
        found.append(_("obligatory: %(fields)s") % {"fields": names})
    if not event.is_active:
        found.append(_("in the archive"))
    return f"{event.name}: {', '.join(found)}"
