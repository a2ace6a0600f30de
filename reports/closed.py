"""Reports are made of the amounts of deals: closed to whoever may not see those."""

from typing import Any

from django.utils.translation import gettext as _

from records.rights import RULED_FIELDS


def why_closed(user: Any) -> str:
    """The sentence for a person whose roles hide the amounts; empty for everybody else."""
    if user.fields("deal").sees("amount"):
        return ""
    label = RULED_FIELDS["deal"]["amount"].label
    return _(
        "Reports are made of the amounts of deals, and your roles hide them. An administrator "
        "opens them to you: the role, tab “Fields and stages”, field “%(field)s”."
    ) % {"field": label}
