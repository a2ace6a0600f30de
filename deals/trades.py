"""Pipelines ready for a trade: stages with probabilities, limits of days and what they demand."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from deals.models import STAGE_HUES, Pipeline, Stage, StageMove


@dataclass(frozen=True, slots=True)
class TradeStage:
    """A stage: `probability` in percent, stuck after `rot_days`, fields a deal must have here."""

    name: Any
    probability: int
    rot_days: int
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trade:
    """A way of selling with the stages it usually has."""

    code: str
    title: Any
    about: Any
    stages: tuple[TradeStage, ...]


TRADES = (
    Trade(
        "services",
        _("Services"),
        _("Repairs, installation, consulting: from an enquiry to a visit and a prepayment."),
        (
            TradeStage(_("Enquiry accepted"), 10, 2),
            TradeStage(_("Need is clear"), 25, 4),
            TradeStage(_("Estimate sent"), 45, 5, ("amount",)),
            TradeStage(_("Terms agreed"), 70, 5, ("amount",)),
            TradeStage(_("Awaiting prepayment"), 90, 5, ("amount", "expected_close_date")),
        ),
    ),
    Trade(
        "wholesale",
        _("Wholesale"),
        _("Goods in lots, buyers who come back: from a price request to payment and shipment."),
        (
            TradeStage(_("Price request"), 15, 2),
            TradeStage(_("Assortment chosen"), 35, 4, ("company",)),
            TradeStage(_("Price and stock confirmed"), 55, 4, ("amount", "company")),
            TradeStage(_("Invoice sent"), 80, 5, ("amount", "company")),
            TradeStage(_("Paid, to be shipped"), 95, 3, ("amount", "company")),
        ),
    ),
    Trade(
        "b2b",
        _("Complex B2B sale"),
        _("Projects and equipment: many people decide, the cycle is long, a contract ends it."),
        (
            TradeStage(_("Qualification"), 5, 7),
            TradeStage(_("Meeting held"), 15, 10, ("company",)),
            TradeStage(_("Specification agreed"), 30, 14, ("company", "contact")),
            TradeStage(_("Proposal defended"), 50, 14, ("amount", "contact")),
            TradeStage(_("Contract under approval"), 75, 14, ("amount", "expected_close_date")),
            TradeStage(_("Contract signed, awaiting payment"), 90, 10, ("amount", "company")),
        ),
    ),
    Trade(
        "real_estate",
        _("Real estate"),
        _("Sale and rent of property: selection, viewings, deposit, the deal itself."),
        (
            TradeStage(_("Request taken"), 5, 3),
            TradeStage(_("Options selected"), 15, 5, ("contact",)),
            TradeStage(_("Viewing held"), 30, 7, ("contact",)),
            TradeStage(_("Property chosen, bargaining"), 50, 7, ("contact", "amount")),
            TradeStage(_("Deposit paid"), 80, 14, ("contact", "amount")),
            TradeStage(_("Documents for the deal"), 95, 21, ("amount", "expected_close_date")),
        ),
    ),
)
BY_CODE = {trade.code: trade for trade in TRADES}


@transaction.atomic
def add_pipeline_of(*, trade: str, name: str, language: str) -> Pipeline:
    """A new pipeline with the stages of a trade, named in the language."""
    last = Pipeline.objects.order_by("-position").values_list("position", flat=True).first() or 0
    pipeline = Pipeline.objects.create(
        name=name,
        position=last + 1,
        is_default=not Pipeline.objects.filter(is_default=True).exists(),
    )
    _fill(pipeline, BY_CODE[trade], language)
    return pipeline


@transaction.atomic
def begin_with(*, trade: str, language: str) -> Pipeline | None:
    """Give the default pipeline the stages of a trade; None when deals went through it already."""
    pipeline = Pipeline.objects.select_for_update().filter(is_default=True).first()
    if pipeline is None:
        with translation.override(language):
            return add_pipeline_of(trade=trade, name=str(BY_CODE[trade].title), language=language)
    if StageMove.objects.filter(to_stage__pipeline=pipeline).exists():
        return None
    pipeline.stages.all().delete()
    _fill(pipeline, BY_CODE[trade], language)
    return pipeline


def _fill(pipeline: Pipeline, trade: Trade, language: str) -> None:
    with translation.override(language):
        Stage.objects.bulk_create(
            Stage(
                pipeline=pipeline,
                name=str(stage.name),
                position=position,
                probability=stage.probability,
                hue=(position - 1) % STAGE_HUES + 1,
                rot_days=stage.rot_days,
                required_fields=list(stage.required),
            )
            for position, stage in enumerate(trade.stages, 1)
        )
