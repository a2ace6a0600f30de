"""Rules of a role beside its matrix: fields, stages, key clients."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import FieldRule, Role, StageRule
from records.rights import RULED_FIELDS, Level


class UnknownField(Exception):
    """The rule names a field that no rule may name."""


@dataclass(frozen=True, slots=True)
class StageInput:
    """What a role may do with the deals of one stage; `moves` None: to any stage."""

    stage_id: int
    level: Level = Level.EDIT
    moves: tuple[int, ...] | None = None
    can_close: bool = True


@transaction.atomic
def set_role_flags(*, role: Role, closed_by_default: bool, is_novice: bool) -> Role:
    """Close the fields unless opened; hide the key clients."""
    Role.objects.filter(pk=role.pk).update(
        closed_by_default=closed_by_default, is_novice=is_novice, version=F("version") + 1
    )
    role.refresh_from_db()
    return role


@transaction.atomic
def set_field_rules(*, role: Role, levels: Mapping[tuple[str, str], Level | None]) -> None:
    """Make these the rules of the role; None leaves a field without one. Raises UnknownField."""
    for record_type, code in levels:
        if code not in RULED_FIELDS.get(record_type, {}):
            raise UnknownField(f"{record_type}.{code}")
    kept = {cell: level for cell, level in levels.items() if level is not None}
    for row in role.field_rules.select_for_update():
        if (row.record_type, row.field) not in kept:
            row.delete()
    FieldRule.objects.bulk_create(
        [
            FieldRule(role=role, record_type=kind, field=code, level=int(level))
            for (kind, code), level in kept.items()
        ],
        update_conflicts=True,
        unique_fields=["role", "record_type", "field"],
        update_fields=["level"],
    )


@transaction.atomic
def set_stage_rules(*, role: Role, rules: Iterable[StageInput]) -> None:
    """Make these the stage rules of the role; a stage that is not named is open."""
    wanted = {rule.stage_id: rule for rule in rules}
    role.stage_rules.exclude(stage__in=wanted).delete()
    for rule in wanted.values():
        values: dict[str, Any] = {
            "level": int(rule.level),
            "limits_moves": rule.moves is not None,
            "can_close": rule.can_close,
        }
        row, _made = StageRule.objects.update_or_create(
            role=role, stage_id=rule.stage_id, defaults=values
        )
        row.moves.set(rule.moves or ())


def copy_rules(*, role: Role, to: Role) -> None:
    """Give another role the same rules."""
    set_role_flags(role=to, closed_by_default=role.closed_by_default, is_novice=role.is_novice)
    levels = {(row.record_type, row.field): Level(row.level) for row in role.field_rules.all()}
    set_field_rules(role=to, levels=levels)
    set_stage_rules(
        role=to,
        rules=[
            StageInput(
                row.stage_id,
                Level(row.level),
                tuple(stage.pk for stage in row.moves.all()) if row.limits_moves else None,
                row.can_close,
            )
            for row in role.stage_rules.prefetch_related("moves")
        ],
    )
