"""Pipelines, stages, deals, product lines, stage history."""

from deals.models.deals import Deal, DealLine, DealStatus
from deals.models.history import MoveKind, StageMove
from deals.models.pipelines import LossReason, Pipeline, Stage

__all__ = [
    "Deal",
    "DealLine",
    "DealStatus",
    "LossReason",
    "MoveKind",
    "Pipeline",
    "Stage",
    "StageMove",
]
