"""What goes into addresses. A converter that cannot be filled is a failure, never a skip."""

from collections.abc import Callable
from typing import Any

from deals.models import LossReason
from records.doors import RoutedDoor
from tests import factories as make
from tests.matrix.expect import CLOSABLE, OWNERSHIPS, Target
from tests.matrix.world import KINDS, World


class Unfilled(Exception):
    """The registry has no value for this converter."""


Fill = tuple[dict[str, Any], Target | None]


def of_kind(kind: str, /, argument: str = "pk", through: str = "", **more: Any):
    """One address per ownership of a record type."""

    def fill(world: World) -> list[Fill]:
        return [
            (
                {argument: world.records[kind, ownership].pk, **more},
                Target(kind, ownership, through),
            )
            for ownership in (*OWNERSHIPS, *closed_of(kind))
        ]

    return fill


def closed_of(kind: str) -> list[str]:
    """Ownerships of rows that a guard closes."""
    return [ownership for ownership, kinds in CLOSABLE.items() if kind in kinds]


def setting(find: Callable[[World], Any], argument: str = "pk"):
    """One address of a row nobody owns."""
    return lambda world: [({argument: find(world)}, Target("setting"))]


def _role(world: World) -> int:
    return world.people["manager"].roles_given.get().role_id


def parents(through: str = ""):
    """`<kind>/<pk>` of every record an activity can hang on."""

    def fill(world: World) -> list[Fill]:
        found: list[Fill] = []
        for kind in ("lead", "deal", "contact", "company"):
            found += of_kind(kind, through=through, kind=kind)(world)
        return found

    return fill


def records(through: str = ""):
    """`<kind>/<pk>` of every record type and ownership."""

    def fill(world: World) -> list[Fill]:
        found: list[Fill] = []
        for kind in KINDS:
            found += of_kind(kind, through=through, kind=kind)(world)
        return found

    return fill


def _stage(world: World) -> int:
    return world.records["deal", "own"].stage_id


def _pipeline(world: World) -> int:
    return world.records["deal", "own"].pipeline_id


def _reason(world: World) -> int:
    return LossReason.objects.values_list("pk", flat=True).first()


ADDRESSES: dict[str, Callable[[World], list[Fill]]] = {
    "account_reset_password_from_key": lambda world: [({"uidb36": "1", "key": "ab-cd"}, None)],
    "accounts:person_edit": setting(lambda world: world.people["colleague"].pk),
    "accounts:person_deactivate": setting(lambda world: world.people["colleague"].pk),
    "accounts:person_activate": setting(lambda world: world.people["deactivated"].pk),
    "accounts:department_edit": setting(lambda world: world.departments["regions"].pk),
    "accounts:department_close": setting(lambda world: world.departments["regions"].pk),
    "accounts:role_edit": setting(_role),
    "accounts:group_edit": setting(lambda world: world.group.pk),
    "accounts:group_delete": setting(lambda world: world.group.pk),
    "accounts:person_invite": setting(lambda world: world.people["colleague"].pk),
    "accounts:person_deputies": setting(lambda world: world.people["colleague"].pk),
    "accounts:deputy_recall": setting(lambda world: world.deputies["colleague"].pk),
    "accounts:deputy_recall_own": lambda world: [
        ({"pk": deputy.pk}, Target("notice", who)) for who, deputy in world.deputies.items()
    ],
    "hand_over": setting(lambda world: world.people["colleague"].pk),
    "hand_over_progress": setting(lambda world: world.handing.pk),
    "accounts:role_holders": setting(_role),
    "accounts:role_rules": setting(_role),
    "accounts:role_delete": setting(_role),
    "accounts:notification_open": lambda world: [
        ({"pk": notice.pk}, Target("notice", who)) for who, notice in world.notices.items()
    ],
    "openid_connect_login": lambda world: [({"provider_id": "company"}, None)],
    "openid_connect_callback": lambda world: [({"provider_id": "company"}, None)],
    "accounts:person_sessions_end": setting(lambda world: world.people["colleague"].pk),
    "accounts:person_factor_reset": setting(lambda world: world.people["colleague"].pk),
    "accounts:session_end": lambda world: [
        ({"pk": world.session.pk}, Target("notice", "outsider"))
    ],
    "mfa_remove_webauthn": lambda world: [({"pk": world.passkey.pk}, Target("notice", "outsider"))],
    "pick": lambda world: [({"kind": kind}, None) for kind in KINDS if kind != "activity"],
    "lists:bulk_undo": lambda world: [
        ({"pk": deed.pk}, Target("notice", who)) for who, deed in world.deeds.items()
    ],
    "lists:columns": lambda world: [({"kind": kind}, None) for kind in KINDS if kind != "activity"],
    "lists:filter": lambda world: [({"kind": kind}, None) for kind in KINDS if kind != "activity"],
    "lists:view_create": lambda world: [({"kind": "deal"}, None)],
    **{
        f"lists:view_{act}": lambda world: [
            ({"pk": view.pk}, Target("notice", who)) for who, view in world.views.items()
        ]
        for act in ("edit", "delete")
    },
    **{
        f"dashboards:{act}": lambda world: [
            ({"pk": board.pk}, Target("notice", who)) for who, board in world.boards.items()
        ]
        for act in ("board", "edit", "remove", "copy", "order")
    },
    **{
        f"dashboards:tile{act}": lambda world: [
            ({"pk": board.tiles.first().pk}, Target("notice", who))
            for who, board in world.boards.items()
        ]
        for act in ("", "_move", "_remove")
    },
    **{
        f"reports:schedule_{act}": lambda world: [
            ({"pk": letter.schedule_id}, Target("notice", who))
            for who, letter in world.letters.items()
        ]
        for act in ("edit", "remove")
    },
    **{
        f"reports:run{part}": lambda world: [
            ({"pk": run.pk}, Target("notice", who)) for who, run in world.runs.items()
        ]
        for part in ("", "_file")
    },
    "reports:schedule_stop": setting(lambda world: world.letters["colleague"].schedule_id),
    "reports:unsubscribe": lambda world: [
        ({"pk": letter.pk}, Target("notice", who)) for who, letter in world.letters.items()
    ],
    "help:topic": lambda world: [({"code": "board"}, None)],
    "access": records("explain"),
    "accounts:view_as": setting(lambda world: world.people["colleague"].pk),
    "history:record": records(),
    "history:restore": records("change"),
    "trash:restore": records("restore"),
    "trash:purge": records("purge"),
    "activities:mark_edit": setting(lambda world: make.mark().pk),
    "activities:timeline": parents(),
    "activities:log": parents(),
    "activities:plan": parents(),
    "deals:board_more": setting(_stage, "stage_id"),
    **{
        f"deals:pipeline_{act}": setting(_pipeline)
        for act in ("edit", "default", "archive", "restore")
    },
    "deals:stage_create": setting(_pipeline),
    **{f"deals:stage_{act}": setting(_stage) for act in ("edit", "up", "down", "archive")},
    "leads:rule_edit": setting(lambda world: world.rule.pk),
    "leads:rule_move": setting(lambda world: world.rule.pk),
    "leads:source_edit": setting(lambda world: world.records["lead", "own"].source_id),
    "deals:reason_edit": setting(_reason),
    "deals:competitor_edit": setting(lambda world: make.competitor().pk),
}
"""By URL name: what the general rule below cannot know."""


def _of_client(world: World) -> str:
    return f"?company={world.records['company', 'shared'].pk}"


QUERIES: dict[str, Callable[[World], str]] = {
    "deals:panel": _of_client,
    "deals:list": _of_client,
    "deals:board": _of_client,
    "activities:list": lambda world: "?owner=&tab=overdue",
}
"""What an address must say before it shows anything of others."""
TARGETS: dict[str, tuple[str, ...]] = {
    "home": ("day",),
    "activities:timeline": ("composer", "history-more"),
}
"""Ids of the elements that htmx asks these doors for."""


def addresses(door: RoutedDoor, world: World) -> list[Fill]:
    """Values for the converters of a door, one per ownership where it names a record."""
    found = _addresses(door, world)
    if door.policy and door.policy.action == "view":
        found += [extra for kwargs, target in found if (extra := _shared(kwargs, target, world))]
    return found


def _shared(kwargs: dict[str, Any], target: Target | None, world: World) -> Fill | None:
    """Beside a record of one's own, the one that rows of others hang on."""
    if target is None or target.ownership != "own":
        return None
    name = "own of shared" if target.kind == "deal" else "shared"
    row = world.records.get((target.kind, name))
    return ({**kwargs, "pk": row.pk}, target) if row and "pk" in kwargs else None


def _addresses(door: RoutedDoor, world: World) -> list[Fill]:
    if door.name in ADDRESSES:
        return ADDRESSES[door.name](world)
    if not door.converters:
        return [({}, None)]
    kind = getattr(getattr(door.view_class, "model", None), "record_type", "")
    if not kind and door.policy and door.policy.kind == "record":
        kind = door.policy.name
    if set(door.converters) == {"pk"} and (kind, "own") in world.records:
        return of_kind(kind)(world)
    raise Unfilled(f"{door.name} {door.route}")
