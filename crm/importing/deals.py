"""Deals with their outcome, product line and stage history dated as in the file."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.importing.context import Context, PieceFields
from crm.importing.drafts import Draft
from crm.importing.money import Rates, base_currency_code
from crm.importing.problems import ImportRefused, RowRefused
from crm.importing.simple import complete_owned
from deals.models import Deal, DealLine, DealStatus, MoveKind, Pipeline, Stage, StageMove
from deals.services import keep_purchases, wish_of

LINE_FIELDS = ("product", "name", "quantity", "price", "discount")


def find_pipeline(wanted: dict[str, Any] | None) -> Pipeline:
    """The pipeline of the mapping, made with its stages when it is not there; else the default.

    Raises ImportRefused when there is none.
    """
    if not wanted:
        found = Pipeline.objects.filter(is_default=True).first()
        if found is None:
            raise ImportRefused(_("There is no default pipeline; name one in the mapping."))
        return found
    found = Pipeline.objects.filter(name=wanted.get("name", "")).order_by("pk").first()
    stages = wanted.get("stages", [])
    if found is None and (not stages or not wanted.get("name")):
        raise ImportRefused(_("The pipeline of the mapping is not there and has no stages."))
    return found or _make_pipeline(wanted["name"], stages)


def _make_pipeline(name: str, stages: list[dict[str, Any]]) -> Pipeline:
    pipeline = Pipeline.objects.create(
        name=name,
        position=Pipeline.objects.count() + 1,
        is_default=not Pipeline.objects.filter(is_default=True).exists(),
    )
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=stage["name"],
            position=at,
            probability=stage.get("probability", 0),
            hue=(at - 1) % 8 + 1,
            rot_days=stage.get("rot_days"),
        )
        for at, stage in enumerate(stages, start=1)
    )
    return pipeline


class DealRules:
    """The rules of a run, with the stages and rates it read."""

    def __init__(self, context: Context) -> None:
        self.stages = list(context.pipeline.stages.order_by("position", "pk"))
        self.by_key = {stage.pk: stage for stage in self.stages}
        self.rates = Rates()
        self.base = base_currency_code()
        self.pipeline = context.pipeline
        self.context = context

    def complete(self, draft: Draft) -> None:
        """Outcome and dates agree; stage, furthest stage and base sum follow."""
        complete_owned(draft, self.context)
        self._defaults(draft)
        self._outcome(draft)
        stage = self.by_key.get(draft.value("stage_id"))
        if stage is None:
            draft.refuse("stage", _("The deal stands in a stage of another pipeline."))
            return
        if draft.values.get("stage_entered_at") is None:
            draft.values.pop("stage_entered_at", None)
            draft.derived["stage_entered_at"] = draft.value("created_at")
        reached = getattr(draft.record, "furthest", 0)
        draft.derived["furthest"] = max(stage.position, reached)
        self._base_amount(draft)
        self._required(draft, stage)

    def _required(self, draft: Draft, stage: Stage) -> None:
        """What the stage demands of an open deal that enters it; history comes as it was."""
        is_here = draft.record is not None and draft.record.stage_id == stage.pk  # type: ignore[attr-defined]
        if is_here or draft.value("status", DealStatus.OPEN) != DealStatus.OPEN:
            return
        for name in stage.required_fields:
            column = Deal._meta.get_field(name).attname  # type: ignore[union-attr]
            if not draft.value(column):
                draft.refuse(name, wish_of(stage))

    def _defaults(self, draft: Draft) -> None:
        draft.initial["pipeline_id"] = self.pipeline.pk
        if not draft.value("stage_id"):
            draft.values.pop("stage_id", None)
            draft.initial["stage_id"] = self.stages[0].pk
        if not draft.value("currency_id"):
            draft.values.pop("currency_id", None)
            draft.initial["currency_id"] = self.base

    def _outcome(self, draft: Draft) -> None:
        status, closed = draft.value("status", DealStatus.OPEN), draft.value("closed_at")
        if status == DealStatus.OPEN and closed:
            draft.refuse("closed_at", _("An open deal has a closing date."))
        if status != DealStatus.OPEN and not closed:
            draft.refuse("closed_at", _("A closed deal needs its closing date."))
        if status != DealStatus.LOST:
            draft.values["loss_reason_id"] = draft.values["competitor_id"] = None
        elif not draft.value("loss_reason_id"):
            draft.refuse("loss_reason", _("A lost deal needs its loss reason."))
        if closed and closed < draft.value("created_at"):
            draft.refuse("closed_at", _("The deal is closed before it is created."))

    def _base_amount(self, draft: Draft) -> None:
        day = (draft.value("closed_at") or draft.value("created_at")).date()
        try:
            draft.derived["amount_base"] = self.rates.to_base(
                draft.value("amount", 0), draft.value("currency_id"), day
            )
        except RowRefused as error:
            draft.refuse("currency", str(error))


class LinePieces:
    """The one product line a row can carry; lines added by hand later make it stay as it is."""

    fields: PieceFields = {f"line.{name}": DealLine._meta.get_field(name) for name in LINE_FIELDS}

    def __init__(self, context: Context) -> None:
        self.context = context

    def save(self, drafts: list[Draft]) -> set[int]:
        """Add the line, or change it while it is the only one."""
        mapped = [draft for draft in drafts if draft.pieces.get("line.name")]
        stored: dict[int, list[DealLine]] = defaultdict(list)
        for line in DealLine.objects.filter(deal__in=[draft.record.pk for draft in mapped]):
            stored[line.deal_id].append(line)
        changed, fresh = set(), []
        for draft in mapped:
            lines = stored[draft.record.pk]
            values = {
                ("product_id" if name == "product" else name): draft.pieces[f"line.{name}"]
                for name in LINE_FIELDS
                if f"line.{name}" in draft.pieces
            }
            if not lines:
                fresh.append(DealLine(deal=draft.record, **values))
            elif len(lines) > 1 or all(getattr(lines[0], k) == v for k, v in values.items()):
                continue
            else:
                DealLine.objects.filter(pk=lines[0].pk).update(**values)
            changed.add(draft.row)
        DealLine.objects.bulk_create(fresh)
        return changed


class MovePieces:
    """The stage history, continued and never rewritten; the purchase ledger follows."""

    fields: PieceFields = {}

    def __init__(self, context: Context) -> None:
        self.first = context.pipeline.stages.order_by("position", "pk").first()

    def save(self, drafts: list[Draft]) -> set[int]:
        """Append the events that came after the last one known."""
        last: dict[int, StageMove] = {}
        known = [draft.record.pk for draft in drafts if not draft.is_new]
        for move in StageMove.objects.filter(deal__in=known).order_by("at", "pk"):
            last[move.deal_id] = move
        fresh, changed = [], set()
        for draft in drafts:
            moves = list(self._events(draft.record, last.get(draft.record.pk)))
            fresh += moves
            if moves:
                changed.add(draft.row)
        StageMove.objects.bulk_create(fresh)
        keep_purchases([draft.record.pk for draft in drafts])
        return changed

    def _events(self, deal: Deal, last: StageMove | None) -> Iterable[StageMove]:
        if last is None:
            yield self._move(deal, MoveKind.ENTERED, None, self.first.pk, deal.created_at)
        before = last.to_stage_id if last else self.first.pk
        if before != deal.stage_id:
            yield self._move(
                deal, MoveKind.MOVED, before, deal.stage_id, _later(deal.stage_entered_at, last)
            )
        outcome = MoveKind(deal.status) if deal.status != DealStatus.OPEN else None
        closed = last is not None and last.kind in (MoveKind.WON, MoveKind.LOST)
        if outcome and not (closed and last.kind == outcome):
            yield self._move(deal, outcome, deal.stage_id, deal.stage_id, deal.closed_at)
        if closed and not outcome:
            yield self._move(
                deal, MoveKind.REOPENED, deal.stage_id, deal.stage_id, _later(last.at, last)
            )

    def _move(
        self, deal: Deal, kind: MoveKind, before: int | None, after: int, at: datetime
    ) -> StageMove:
        return StageMove(
            deal=deal,
            kind=kind,
            from_stage_id=before,
            to_stage_id=after,
            at=at,
            by_id=deal.owner_id,
        )


def _later(at: datetime, last: StageMove | None) -> datetime:
    return max(at, last.at) if last else at
