"""What roles and stages demand of a move."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import StageRule, User
from deals.models import Deal, Stage
from deals.models.pipelines import REQUIRABLE
from deals.services.errors import DealRuleError, StageNeedsFields

LABELS = dict(REQUIRABLE)


def check_move(by: User, deal: Deal, stage: Stage) -> None:
    """Some role that lets one edit deals lets this one go there. Raises DealRuleError."""
    rules = _rules(by, deal)
    if not rules or any(not rule.limits_moves or stage in rule.moves.all() for rule in rules):
        return
    allowed = {target.label for rule in rules for target in rule.moves.all()}
    words = {"role": rules[0].role.name, "stage": deal.stage.label}
    if not allowed:
        raise DealRuleError(
            _("By the rule of the role “%(role)s” deals do not leave the stage “%(stage)s”.")
            % words,
            field="stage",
        )
    words["targets"] = get_text_list(sorted(allowed), _("or"))
    raise DealRuleError(
        _("By the rule of the role “%(role)s” a deal goes from “%(stage)s” only to %(targets)s.")
        % words,
        field="stage",
    )


def check_close(by: User, deal: Deal) -> None:
    """Some role lets one win or lose a deal in its stage. Raises DealRuleError."""
    rules = _rules(by, deal)
    if rules and not any(rule.can_close for rule in rules):
        raise DealRuleError(
            _("By the rule of the role “%(role)s” deals are not closed in the stage “%(stage)s”.")
            % {"role": rules[0].role.name, "stage": deal.stage.label}
        )


def _rules(by: User, deal: Deal) -> list[StageRule]:
    """The rules of the present stage; empty when a role without one lets the person edit deals."""
    roles = {
        giving.role_id
        for holder in by.holders()
        for giving in holder.givings
        if giving.grant("deal", "change")
    }
    rows = StageRule.objects.filter(role__in=roles, stage=deal.stage_id)
    rules = list(rows.select_related("role").prefetch_related("moves"))
    return rules if len(rules) == len(roles) else []


def check_required(stage: Stage, values: Any) -> None:
    """The fields the stage demands are filled. Raises StageNeedsFields that names the empty ones.

    `values` is the deal, or an object with the values it is to have.
    """
    empty = [name for name in stage.required_fields if not getattr(values, name)]
    _refuse(stage, empty)


def check_kept(stage: Stage, fields: Mapping[str, Any]) -> None:
    """None of the changed fields empties one that the stage demands. Raises StageNeedsFields."""
    _refuse(stage, [name for name in stage.required_fields if not fields.get(name, True)])


def demanded_at_entry() -> set[str]:
    """Fields that the first stages of the pipelines in use demand of a new deal."""
    open_stages = Stage.objects.filter(is_active=True, pipeline__is_active=True)
    first = open_stages.order_by("pipeline_id", "position", "pk").distinct("pipeline_id")
    return {name for names in first.values_list("required_fields", flat=True) for name in names}


def wish_of(stage: Stage) -> str:
    """What is said at one empty field."""
    return _("The stage “%(stage)s” needs this field.") % {"stage": stage.label}


def _refuse(stage: Stage, empty: list[str]) -> None:
    if not empty:
        return
    names = ", ".join(str(LABELS[name]) for name in empty if name in LABELS)
    text = _("The stage “%(stage)s” needs to be filled first: %(fields)s.")
    raise StageNeedsFields(text % {"stage": stage.label, "fields": names}, empty, wish_of(stage))
