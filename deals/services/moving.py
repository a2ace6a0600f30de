"""Moves between stages and the two outcomes; each writes the append-only stage history."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from deals.models import Competitor, Deal, DealStatus, LossReason, MoveKind, Stage
from deals.services.errors import DealRuleError
from deals.services.rows import check_version, lock_deal, write, write_move
from deals.services.stage_rules import check_close, check_move, check_required
from records.events import publish


def _lock_stage(stage_id: int) -> Stage:
    """The stage, kept from being archived until the move is written; always before the deal."""
    stage = Stage.objects.select_for_update(no_key=True, of=("self",)).filter(pk=stage_id).first()
    if stage is None:
        raise DealRuleError(_("This stage is no longer there."), field="stage")
    return stage


@transaction.atomic
def move_deal(
    *, deal_id: int, stage_id: int, by: User, now: datetime, version: int | None = None
) -> Deal:
    """Put an open deal into another active stage of its pipeline; the same stage is no effect.

    Raises DealRuleError, StaleVersionError.
    """
    stage = _lock_stage(stage_id)
    deal = lock_deal(deal_id)
    if deal.status != DealStatus.OPEN:
        raise DealRuleError(_("The deal is closed and does not move any more."), field="stage")
    if stage.pipeline_id != deal.pipeline_id:
        raise DealRuleError(_("This stage belongs to another pipeline."), field="stage")
    if stage.pk == deal.stage_id:
        return deal
    if not stage.is_active:
        raise DealRuleError(_("This stage is in the archive."), field="stage")
    check_version(deal, version)
    check_move(by, deal, stage)
    check_required(stage, deal)
    before = deal.stage
    furthest = max(deal.furthest, stage.position)
    write(deal, now, stage=stage, stage_entered_at=now, furthest=furthest)
    write_move(deal, MoveKind.MOVED, before, stage, by, now)
    publish("deal.moved", deal_id=deal.pk, from_stage_id=before.pk, by_id=by.pk, now=now)
    return deal


@transaction.atomic
def win_deal(*, deal_id: int, by: User, now: datetime, version: int | None = None) -> Deal:
    """Close as won; a won deal stays as it is. Raises DealRuleError, StaleVersionError."""
    deal = lock_deal(deal_id)
    if deal.status == DealStatus.WON:
        return deal
    if deal.status == DealStatus.LOST:
        raise DealRuleError(_("The deal is lost. Reopen it first."))
    check_version(deal, version)
    check_close(by, deal)
    write(deal, now, status=DealStatus.WON, closed_at=now)
    write_move(deal, MoveKind.WON, deal.stage, deal.stage, by, now)
    publish("deal.won", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal


@transaction.atomic
def lose_deal(
    *,
    deal_id: int,
    reason: LossReason | None,
    by: User,
    now: datetime,
    comment: str = "",
    competitor: Competitor | None = None,
    version: int | None = None,
) -> Deal:
    """Close as lost for a reason; a lost deal stays as it is.

    Raises DealRuleError, StaleVersionError.
    """
    deal = lock_deal(deal_id)
    if deal.status == DealStatus.LOST:
        return deal
    if deal.status == DealStatus.WON:
        raise DealRuleError(_("A won deal cannot be lost."))
    if reason is None:
        raise DealRuleError(_("Say why the deal is lost."), field="reason")
    check_version(deal, version)
    check_close(by, deal)
    write(
        deal,
        now,
        status=DealStatus.LOST,
        closed_at=now,
        loss_reason=reason,
        competitor=competitor,
        loss_comment=comment[:500],
    )
    write_move(deal, MoveKind.LOST, deal.stage, deal.stage, by, now)
    publish("deal.lost", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal


@transaction.atomic
def reopen_deal(*, deal_id: int, by: User, now: datetime, version: int | None = None) -> Deal:
    """Open a lost deal again in its stage; a won one is part of the results and stays.

    Raises DealRuleError, StaleVersionError.
    """
    stage_id = Deal.objects.filter(pk=deal_id).values_list("stage_id", flat=True).first()
    stage = _lock_stage(stage_id) if stage_id else None
    deal = lock_deal(deal_id)
    if deal.status == DealStatus.OPEN:
        return deal
    if deal.status == DealStatus.WON:
        raise DealRuleError(_("A won deal cannot be reopened."))
    if stage is None or not stage.is_active:
        raise DealRuleError(_("The stage of this deal is in the archive."))
    check_version(deal, version)
    write(
        deal,
        now,
        status=DealStatus.OPEN,
        closed_at=None,
        loss_reason=None,
        competitor=None,
        loss_comment="",
        stage_entered_at=now,
    )
    write_move(deal, MoveKind.REOPENED, deal.stage, deal.stage, by, now)
    publish("deal.reopened", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal
