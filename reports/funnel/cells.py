"""The deals behind one number of the funnel: the same conditions as the counting, as a filter."""

from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

from deals.models import Stage, StageMove
from deals.querysets import DealQuerySet
from reports.asking import Asked
from reports.funnel.reached import standing_at
from reports.funnel.steps import LOST, OPEN, WON, Step, steps_of

STANDING = ("entered", "moved", "reopened")
FIRST_SIGN = 0x4E00  # letters that mean nothing to a pattern, one for each stage


def seen_deals(asked: Asked) -> DealQuerySet:
    """Deals of any day as they stand at the moment of the report."""
    return standing_at(asked.deals(), asked.until)


def cohort(asked: Asked) -> DealQuerySet:
    """Deals created in the period."""
    return seen_deals(asked).filter(asked.period.within("created_at"))


def moves_of_deal(asked: Asked) -> QuerySet[StageMove]:
    """Stage moves of the outer deal up to the moment of the report."""
    return StageMove.objects.filter(deal=OuterRef("pk"), at__lt=asked.until or asked.now)


def reached_cell(asked: Asked, what: str, stage: int | None, reason: int | None) -> DealQuerySet:
    """Deals of the lens `reached`; raises LookupError for a number it does not have."""
    steps = steps_of(asked.pipeline) if asked.pipeline else []
    at = _place(steps, stage)
    if what == "now_open":
        rows = seen_deals(asked).filter(state=OPEN)
        return rows.filter(place=stage) if stage else rows
    rows = cohort(asked)
    if at is None:
        return _whole(rows, what, reason)
    if what in (LOST, OPEN):
        return _with_reason(_stopped(rows.filter(state=what), steps, at), reason)
    if what == "returned":
        back = moves_of_deal(asked).filter(
            from_stage=stage, kind="moved", to_stage__position__lt=steps[at].position
        )
        return rows.filter(Exists(back))
    here = moves_of_deal(asked).filter(to_stage=stage, kind__in=STANDING)
    parts = {
        "entered": lambda: _reached(rows, steps, at),
        "passed": lambda: _reached(rows, steps, at + 1),
        "skipped": lambda: _reached(rows, steps, at).filter(~Exists(here)),
    }
    if what not in parts:
        raise LookupError(what)
    return parts[what]()


def _whole(rows: DealQuerySet, what: str, reason: int | None) -> DealQuerySet:
    """Numbers of the whole cohort."""
    if what == "entered":
        return rows
    if what not in (WON, LOST, OPEN):
        raise LookupError(what)
    return _with_reason(rows.filter(state=what), reason)


def _place(steps: list[Step], stage: int | None) -> int | None:
    """The number of the stage in its pipeline; LookupError for a stage of another one."""
    if stage is None:
        return None
    places = [at for at, step in enumerate(steps) if step.stage == stage]
    if not places:
        raise LookupError(stage)
    return places[0]


def _reached(rows: DealQuerySet, steps: list[Step], at: int) -> DealQuerySet:
    if at == 0:
        return rows
    if at >= len(steps):
        return rows.filter(state=WON)
    return rows.filter(Q(far__gte=steps[at].position) | Q(state=WON))


def _stopped(rows: DealQuerySet, steps: list[Step], at: int) -> DealQuerySet:
    if at:
        rows = rows.filter(far__gte=steps[at].position)
    return rows.filter(far__lt=steps[at + 1].position) if at + 1 < len(steps) else rows


def _with_reason(rows: DealQuerySet, reason: int | None) -> DealQuerySet:
    return rows.filter(why=reason) if reason else rows


def with_path(asked: Asked, rows: DealQuerySet, stages: list[int]) -> DealQuerySet:
    """Annotate `path`: a sign for every visit of a stage, in order of time."""
    signs = [When(to_stage=pk, then=Value(sign(at))) for at, pk in enumerate(stages)]
    visits = moves_of_deal(asked).filter(kind__in=STANDING).order_by("at", "pk")
    each = visits.annotate(sign=Case(*signs, default=Value(""), output_field=CharField())).values(
        "sign"
    )
    path = Func(
        ArraySubquery(each), Value(""), function="array_to_string", output_field=TextField()
    )
    return rows.annotate(path=path)


def sign(at: int) -> str:
    """The letter of a stage by its number."""
    return chr(FIRST_SIGN + at)


def depth(path: str, stages: int) -> int:
    """How many stages from the first on the path visits in this order; others may lie between."""
    reached = 0
    for letter in path:
        if reached < stages and letter == sign(reached):
            reached += 1
    return reached


def strict_stages(asked: Asked) -> list[Stage]:
    """The stages in use, in order."""
    return list(
        Stage.objects.filter(pipeline=asked.pipeline, is_active=True).order_by("position", "pk")
    )


def strict_cell(asked: Asked, what: str, stage: int | None) -> DealQuerySet:
    """Deals of the strict lens: the stages up to this one visited in their order.

    Raises LookupError for a number the lens does not have.
    """
    stages = [row.pk for row in strict_stages(asked)]
    rows = with_path(asked, cohort(asked), stages)
    if what == WON and stage is None:
        return _in_order(rows, len(stages)).filter(state=WON)
    if stage is None and what == "entered":
        return rows
    if stage not in stages:
        raise LookupError(stage)
    count = stages.index(stage) + 1
    here = _in_order(rows, count)
    if what == "entered":
        return here
    further = _further(count, len(stages))
    if what == "passed":
        return here.filter(further)
    if what in (LOST, OPEN):
        return here.filter(state=what).exclude(further)
    if what == "left":
        return here.filter(state=WON).exclude(further)
    raise LookupError(what)


def _in_order(rows: DealQuerySet, count: int) -> DealQuerySet:
    return rows.filter(path__regex=".*".join(sign(at) for at in range(count)))


def _further(count: int, stages: int) -> Q:
    """In order to the next stage, or won after the last one."""
    if count == stages:
        return Q(state=WON)
    return Q(path__regex=".*".join(sign(at) for at in range(count + 1)))


def snapshot_cell(asked: Asked, what: str, stage: int | None) -> DealQuerySet:
    """Open deals by the stage they stand in; `stuck` ones stand longer than it allows."""
    rows = seen_deals(asked).filter(state=OPEN)
    if what not in ("open", "stuck"):
        raise LookupError(what)
    if stage is not None:
        rows = rows.filter(place=stage)
    return rows if what == "open" else rows.filter(stuck_now(asked))


def stuck_now(asked: Asked) -> Q:
    """Standing in the stage longer than its limit of days at the moment of the report."""
    moment = asked.until or asked.now
    limits = Q(pk__in=[])
    for stage in Stage.objects.filter(pipeline=asked.pipeline, rot_days__isnull=False):
        limits |= Q(place=stage.pk, since__lt=moment - timedelta(days=stage.rot_days or 0))
    return limits
