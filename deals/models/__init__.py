"""Pipelines, stages, deals, product lines, stage history, purchases."""

from deals.models.deals import Deal, DealLine, DealParticipant, DealStatus
from deals.models.history import MoveKind, StageMove
from deals.models.pipelines import STAGE_HUES, Competitor, LossReason, Pipeline, Stage
from deals.models.purchases import Purchase

__all__ = [
    "STAGE_HUES",
    "Competitor",
    "Deal",
    "DealLine",
    "DealParticipant",
    "DealStatus",
    "LossReason",
    "MoveKind",
    "Pipeline",
    "Purchase",
    "Stage",
    "StageMove",
]
