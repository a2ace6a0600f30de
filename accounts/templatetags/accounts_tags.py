"""Words of the pages of people and roles."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from accounts.models import RoleAssignment
from accounts.role_comparison import reach
from accounts.role_preview import RightChange, RowChange
from accounts.rule_preview import CLOSE, EDIT, KEY, MOVE, SEE, RuleChange
from records.formatting import number
from records.rights import ACTIONS, RECORD_TYPES, RULED_FIELDS, SYSTEM, SYSTEM_RIGHTS

register = template.Library()

RULE_WORDS: dict[tuple[str, bool], Any] = {
    (SEE, True): ngettext_lazy(
        "%(people)s person will see: %(what)s", "%(people)s people will see: %(what)s", "people"
    ),
    (SEE, False): ngettext_lazy(
        "%(people)s person will no longer see: %(what)s",
        "%(people)s people will no longer see: %(what)s",
        "people",
    ),
    (EDIT, True): ngettext_lazy(
        "%(people)s person may edit: %(what)s", "%(people)s people may edit: %(what)s", "people"
    ),
    (EDIT, False): ngettext_lazy(
        "%(people)s person may no longer edit: %(what)s",
        "%(people)s people may no longer edit: %(what)s",
        "people",
    ),
    (CLOSE, True): ngettext_lazy(
        "%(people)s person may win or lose deals in the stage “%(stage)s”",
        "%(people)s people may win or lose deals in the stage “%(stage)s”",
        "people",
    ),
    (CLOSE, False): ngettext_lazy(
        "%(people)s person may no longer win or lose deals in the stage “%(stage)s”",
        "%(people)s people may no longer win or lose deals in the stage “%(stage)s”",
        "people",
    ),
    (MOVE, True): ngettext_lazy(
        "%(people)s person may move deals from “%(stage)s” to %(targets)s",
        "%(people)s people may move deals from “%(stage)s” to %(targets)s",
        "people",
    ),
    (MOVE, False): ngettext_lazy(
        "%(people)s person may no longer move deals from “%(stage)s” to %(targets)s",
        "%(people)s people may no longer move deals from “%(stage)s” to %(targets)s",
        "people",
    ),
}
RULE_WORDS |= {(KEY, gain): RULE_WORDS[SEE, gain] for gain in (True, False)}


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
def rule_title(change: RuleChange) -> str:
    """`5 people will no longer see: Companies, Phones`."""
    words: dict[str, Any] = {"people": len(change.people)}
    if isinstance(change.subject, tuple):
        kind, code = change.subject
        words["what"] = f"{RECORD_TYPES[kind]}, {RULED_FIELDS[kind][code].label}"
    elif change.subject:
        words["stage"] = change.subject.label
        words["what"] = _("deals in the stage “%(stage)s”") % words
    else:
        words["what"] = _("key clients")
    words["targets"] = ", ".join(f"«{row.label}»" for row in change.targets)
    return str(RULE_WORDS[change.what, change.is_gain] % words)


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
