"""What every service of deals does first and last: lock, compare the version, write the move."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from deals.models import Deal, MoveKind, Stage, StageMove
from deals.services.errors import DealRuleError, StaleVersionError
from deals.services.purchases import keep_purchases

OF_PURCHASE = {"status", "closed_at", "amount_base", "company", "contact", "deleted_at"}


def lock_deal(deal_id: int) -> Deal:
    """The living deal, locked until the end of the transaction."""
    deal = Deal.objects.alive().select_for_update(of=("self",)).filter(pk=deal_id).first()
    if deal is None:
        raise DealRuleError(_("This deal is no longer there."))
    return deal


def check_version(deal: Deal, version: int | None) -> None:
    """Refuse a decision made on an outdated picture; None means that none was shown."""
    if version is not None and version != deal.version:
        raise StaleVersionError


def write(deal: Deal, now: datetime, **fields: Any) -> None:
    """Write only the named fields, with the next version; the purchase ledger follows."""
    changed = {**fields, "updated_at": now}
    Deal.objects.filter(pk=deal.pk).update(version=F("version") + 1, **changed)
    for name, value in changed.items():
        setattr(deal, name, value)
    deal.version += 1
    if OF_PURCHASE & fields.keys():
        keep_purchases([deal.pk])


def write_move(
    deal: Deal, kind: MoveKind, from_stage: Stage | None, to_stage: Stage, by: User, now: datetime
) -> StageMove:
    """Append to the stage history."""
    return StageMove.objects.create(
        deal=deal, kind=kind, from_stage=from_stage, to_stage=to_stage, at=now, by=by
    )
