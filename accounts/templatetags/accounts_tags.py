"""Words of the pages of people and roles."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RoleAssignment
from accounts.role_comparison import reach
from accounts.role_preview import RightChange, RowChange
from records.formatting import number
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, SYSTEM_RIGHTS

register = template.Library()


@register.filter
def right_title(change: RightChange) -> str:
    """`Deals: Export`, or the name of a right of the whole system."""
    if change.kind == SYSTEM:
        return str(SYSTEM_RIGHTS[change.action])
    return f"{RECORD_TYPES[change.kind]}: {ACTIONS[change.action]}"


@register.filter
def right_reach(change: RightChange) -> str:
    """`Department → Own`."""
    return f"{reach(change.before, change.kind)} → {reach(change.after, change.kind)}"


@register.filter
def row_change(row: RowChange) -> str:
    """`12 people lose sight of 340 records: Deals`."""
    kind = RECORD_TYPES[row.kind]
    if row.count is None:
        text = (
            ngettext(
                "%(kind)s: %(people)s person will see more, too many to count",
                "%(kind)s: %(people)s people will see more, too many to count",
                row.people,
            )
            if row.is_gain
            else ngettext(
                "%(kind)s: %(people)s person will see fewer, too many to count",
                "%(kind)s: %(people)s people will see fewer, too many to count",
                row.people,
            )
        )
    elif row.is_gain:
        text = ngettext(
            "%(kind)s: %(people)s person will see %(count)s more",
            "%(kind)s: %(people)s people will see %(count)s more",
            row.people,
        )
    else:
        text = ngettext(
            "%(kind)s: %(people)s person will no longer see %(count)s",
            "%(kind)s: %(people)s people will no longer see %(count)s",
            row.people,
        )
    more = _("more than ") if row.is_more else ""
    count = "" if row.count is None else more + number(row.count)
    return text % {"kind": kind, "people": row.people, "count": count}


@register.filter
def through(assignment: RoleAssignment) -> str:
    """How a role came: directly, by a department, by a group."""
    if assignment.user_id:
        return _("given directly")
    if assignment.group:
        return _("group %(name)s") % {"name": assignment.group}
    if assignment.includes_below:
        return _("department %(name)s with those below") % {"name": assignment.department}
    return _("department %(name)s") % {"name": assignment.department}
