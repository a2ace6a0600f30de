"""Pipelines, stages and loss reasons, as the administrator arranges them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from deals.models import (
    STAGE_HUES,
    Competitor,
    Deal,
    DealStatus,
    LossReason,
    MoveKind,
    Pipeline,
    Stage,
    StageMove,
)
from deals.services.errors import DealRuleError
from records.events import publish

MOST_STAGES = 30
STAGE_FIELDS = {"name", "short_name", "probability", "hue", "rot_days", "required_fields"}


def _lock_pipeline(pipeline_id: int) -> Pipeline:
    pipeline = Pipeline.objects.select_for_update(no_key=True).filter(pk=pipeline_id).first()
    if pipeline is None:
        raise DealRuleError(_("This pipeline is no longer there."))
    return pipeline


def _next_position(rows: Any) -> int:
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def add_pipeline(*, name: str, first_stage_name: str) -> Pipeline:
    """A pipeline with its first stage, so that a deal can enter it at once."""
    pipeline = Pipeline.objects.create(
        name=name,
        position=_next_position(Pipeline.objects),
        is_default=not Pipeline.objects.filter(is_default=True).exists(),
    )
    Stage.objects.create(
        pipeline=pipeline, name=first_stage_name, position=1, probability=10, hue=1
    )
    return pipeline


@transaction.atomic
def rename_pipeline(*, pipeline_id: int, name: str) -> Pipeline:
    """Give the pipeline another name."""
    pipeline = _lock_pipeline(pipeline_id)
    Pipeline.objects.filter(pk=pipeline.pk).update(name=name, version=F("version") + 1)
    return pipeline


@transaction.atomic
def make_default(*, pipeline_id: int) -> Pipeline:
    """New deals enter this pipeline unless another one is chosen."""
    pipeline = _lock_pipeline(pipeline_id)
    if not pipeline.is_active:
        raise DealRuleError(_("This pipeline is in the archive."))
    Pipeline.objects.filter(is_default=True).exclude(pk=pipeline.pk).update(is_default=False)
    Pipeline.objects.filter(pk=pipeline.pk).update(is_default=True, version=F("version") + 1)
    return pipeline


@transaction.atomic
def archive_pipeline(*, pipeline_id: int) -> Pipeline:
    """Hide a pipeline that holds no open deals and is not the default one."""
    pipeline = _lock_pipeline(pipeline_id)
    if pipeline.is_default:
        raise DealRuleError(_("The default pipeline stays. Make another one the default first."))
    if Deal.objects.alive().open().filter(pipeline=pipeline).exists():
        raise DealRuleError(_("This pipeline still holds open deals."))
    Pipeline.objects.filter(pk=pipeline.pk).update(is_active=False, version=F("version") + 1)
    return pipeline


@transaction.atomic
def restore_pipeline(*, pipeline_id: int) -> Pipeline:
    """Bring a pipeline back from the archive."""
    pipeline = _lock_pipeline(pipeline_id)
    Pipeline.objects.filter(pk=pipeline.pk).update(is_active=True, version=F("version") + 1)
    return pipeline


@transaction.atomic
def add_stage(*, pipeline_id: int, stage: Stage) -> Stage:
    """Put a new stage at the end of the pipeline."""
    pipeline = _lock_pipeline(pipeline_id)
    if pipeline.stages.filter(is_active=True).count() >= MOST_STAGES:
        raise DealRuleError(
            _("A pipeline holds at most %(count)d stages.") % {"count": MOST_STAGES}
        )
    stage.pipeline = pipeline
    stage.position = _next_position(pipeline.stages)
    stage.hue = stage.hue or (stage.position - 1) % STAGE_HUES + 1
    stage.save()
    return stage


@transaction.atomic
def edit_stage(*, stage_id: int, **fields: Any) -> Stage:
    """Change the name, short name, probability, colour or the limit of days of a stage."""
    unknown = set(fields) - STAGE_FIELDS
    if unknown:
        raise ValueError(f"not editable here: {sorted(unknown)}")
    stage = Stage.objects.select_for_update(no_key=True).get(pk=stage_id)
    Stage.objects.filter(pk=stage.pk).update(version=F("version") + 1, **fields)
    return stage


@transaction.atomic
def shift_stage(*, stage_id: int, step: int) -> Stage:
    """Swap the stage with its active neighbour: -1 is towards the beginning.

    How far each deal got is counted anew, because it is kept as a position.
    """
    stage = Stage.objects.filter(pk=stage_id, is_active=True).first()
    if stage is None:
        raise DealRuleError(_("This stage is no longer there."))
    _lock_pipeline(stage.pipeline_id)
    stages = list(
        Stage.objects.select_for_update(no_key=True)
        .filter(pipeline=stage.pipeline_id)
        .order_by("position", "pk")
    )
    active = [row for row in stages if row.is_active]
    index = next(number for number, row in enumerate(active) if row.pk == stage_id)
    target = index + (1 if step > 0 else -1)
    if not 0 <= target < len(active):
        return stage
    here, there = stages.index(active[index]), stages.index(active[target])
    stages[here], stages[there] = stages[there], stages[here]
    for position, row in enumerate(stages, 1):
        Stage.objects.filter(pk=row.pk).update(position=position, version=F("version") + 1)
    _count_furthest(stage.pipeline_id)
    return stage


def _count_furthest(pipeline_id: int) -> None:
    """The highest position reached by each deal, from its stage history."""
    reached = (
        StageMove.objects.filter(deal=OuterRef("pk"), to_stage__pipeline=pipeline_id)
        .order_by()
        .values("deal")
        .annotate(last=Max("to_stage__position"))
        .values("last")
    )
    rows = Deal.objects.filter(pipeline=pipeline_id, moves__isnull=False)
    Deal.objects.filter(pk__in=rows.values("pk")).update(furthest=Subquery(reached))


@transaction.atomic
def archive_stage(*, stage_id: int, to_stage_id: int | None, by: User, now: datetime) -> Stage:
    """Hide a stage; its open deals go to another stage of the pipeline, with history.

    Closed deals keep the stage in which the outcome came. Raises DealRuleError when there are
    open deals and no place for them, or when it is the last stage.
    """
    stages = {
        row.pk: row
        for row in Stage.objects.select_for_update(no_key=True)
        .filter(pk__in=[key for key in (stage_id, to_stage_id) if key])
        .order_by("pk")
    }
    stage = stages.get(stage_id)
    if stage is None or not stage.is_active:
        raise DealRuleError(_("This stage is no longer there."))
    if not stage.pipeline.stages.filter(is_active=True).exclude(pk=stage.pk).exists():
        raise DealRuleError(_("A pipeline needs at least one stage."))
    _move_all(stage, stages.get(to_stage_id or 0), by, now)
    Stage.objects.filter(pk=stage.pk).update(is_active=False, version=F("version") + 1)
    return stage


def _move_all(stage: Stage, target: Stage | None, by: User, now: datetime) -> None:
    """Every open deal of the stage, in the trash too, as `move_deal` does with one."""
    rows = Deal.objects.filter(stage=stage, status=DealStatus.OPEN)
    keys = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if not keys:
        return
    fits = target and target.is_active and target.pipeline_id == stage.pipeline_id
    if target is None or not fits or target.pk == stage.pk:
        raise DealRuleError(_("Choose where the deals of this stage go."), field="to_stage")
    deals = Deal.objects.filter(pk__in=keys)
    deals.filter(furthest__lt=target.position).update(furthest=target.position)
    deals.update(stage=target, stage_entered_at=now, updated_at=now, version=F("version") + 1)
    StageMove.objects.bulk_create(
        [
            StageMove(
                deal_id=key,
                kind=MoveKind.MOVED,
                from_stage=stage,
                to_stage=target,
                at=now,
                by=by,
            )
            for key in keys
        ],
        batch_size=2000,
    )
    for key in keys:
        publish("deal.moved", deal_id=key, from_stage_id=stage.pk, by_id=by.pk, now=now)


@transaction.atomic
def add_loss_reason(*, name: str) -> LossReason:
    """A reason at the end of the list; the same name again is brought back from the archive."""
    reason, made = LossReason.objects.get_or_create(
        name=name, defaults={"position": _next_position(LossReason.objects)}
    )
    if not made and not reason.is_active:
        LossReason.objects.filter(pk=reason.pk).update(is_active=True)
    return reason


@transaction.atomic
def edit_loss_reason(*, reason_id: int, name: str, is_active: bool) -> LossReason:
    """Rename a reason or take it out of use; lost deals keep it. Raises DealRuleError."""
    reason = LossReason.objects.select_for_update(no_key=True).get(pk=reason_id)
    if LossReason.objects.filter(name=name).exclude(pk=reason_id).exists():
        raise DealRuleError(_("There is such a reason already."), field="name")
    LossReason.objects.filter(pk=reason_id).update(name=name, is_active=is_active)
    return reason


@transaction.atomic
def add_competitor(*, name: str) -> Competitor:
    """A competitor at the end of the list; one out of use is brought back."""
    found, made = Competitor.objects.get_or_create(
        name=name, defaults={"position": _next_position(Competitor.objects)}
    )
    if not made and not found.is_active:
        Competitor.objects.filter(pk=found.pk).update(is_active=True)
    return found


@transaction.atomic
def edit_competitor(*, competitor_id: int, name: str, is_active: bool) -> Competitor:
    """Rename a competitor or take it out of use; lost deals keep it. Raises DealRuleError."""
    found = Competitor.objects.select_for_update(no_key=True).get(pk=competitor_id)
    if Competitor.objects.filter(name=name).exclude(pk=competitor_id).exists():
        raise DealRuleError(_("There is such a competitor already."), field="name")
    Competitor.objects.filter(pk=competitor_id).update(name=name, is_active=is_active)
    return found
