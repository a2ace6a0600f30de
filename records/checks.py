"""Start-up checks: no door without a policy, no dead line in the table of foreign doors."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from records.doors import THIRD_PARTY, routed_doors
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM_RIGHTS


@register(Tags.urls)
def doors_have_policies(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Every routed view says who may enter, in words that exist."""
    doors = routed_doors()
    problems: list[CheckMessage] = [
        Error(
            f"The view of “{door.route}” declares no policy.",
            hint="Derive it from records.views.Door and set `policy`.",
            obj=door.name or door.route,
            id="records.E001",
        )
        for door in doors
        if door.policy is None
    ]
    problems += [
        Error(f"Unknown words in the policy of “{door.route}”.", obj=door.name, id="records.E003")
        for door in doors
        if door.policy is not None and not _known(door.policy)
    ]
    dead = set(THIRD_PARTY) - {door.name for door in doors}
    return problems + [
        Error(f"records.doors.THIRD_PARTY names “{name}”, which is not routed.", id="records.E002")
        for name in sorted(dead)
    ]


def _known(policy: Any) -> bool:
    if policy.kind == "right":
        return policy.name in SYSTEM_RIGHTS
    if policy.kind == "record":
        return policy.name in RECORD_TYPES and policy.action in ACTIONS
    return policy.kind in ("public", "person")
