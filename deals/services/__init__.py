"""Every write of deals and pipelines."""

from deals.services.changing import (
    LineInput,
    change_amount,
    delete_deal,
    edit_deal,
    reassign_deal,
    restore_deal,
    save_lines,
)
from deals.services.creating import create_deal, first_stage
from deals.services.errors import DealRuleError, StageNeedsFields, StaleVersionError
from deals.services.moving import lose_deal, move_deal, reopen_deal, win_deal
from deals.services.participants import set_participants
from deals.services.purchases import keep_purchases
from deals.services.stage_rules import demanded_at_entry, wish_of

__all__ = [
    "DealRuleError",
    "LineInput",
    "StageNeedsFields",
    "StaleVersionError",
    "change_amount",
    "create_deal",
    "delete_deal",
    "demanded_at_entry",
    "edit_deal",
    "first_stage",
    "keep_purchases",
    "lose_deal",
    "move_deal",
    "reassign_deal",
    "reopen_deal",
    "restore_deal",
    "save_lines",
    "set_participants",
    "win_deal",
    "wish_of",
]
