"""The page of the funnel."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.drawing import bands, height
from reports.funnel import LOST, OPEN, WON, Funnel, Step, funnel
from reports.periods import FunnelForm
from reports.views.pages import ReportPage, list_url


class FunnelPage(ReportPage):
    """Where deals are lost: the cohort, its losses, what the previous period was like."""

    template_name = "reports/funnel.html"
    form_class = FunnelForm

    def report(self, form: Any) -> dict[str, Any]:
        pipeline = form.chosen_pipeline
        if pipeline is None:
            return {"funnel": None}
        owner = form.valid.get("owner")
        viewer: Any = self.request.user
        found = funnel(
            user=viewer,
            pipeline=pipeline,
            period=form.span,
            now=timezone.now(),
            owner=owner,
            as_of=form.valid.get("as_of"),
        )
        links = Links(found, getattr(owner, "pk", None))
        rows = [links.row(step) for step in found.steps]
        return {
            "funnel": found,
            "links": links,
            "rows": rows,
            "bars": _bars(found, rows, links),
            "worst": worst(found),
            "height": height(len(rows) + 1),
            "reasons": [_reason(row, links) for row in found.reasons],
        }

    def shown_values(self, form: Any) -> dict[str, Any]:
        pipeline = form.chosen_pipeline
        return {**super().shown_values(form), **({"pipeline": pipeline.pk} if pipeline else {})}


class Links:
    """Addresses of the deals behind each number; none for a day in the past."""

    def __init__(self, found: Funnel, owner: int | None) -> None:
        self.is_past = found.as_of is not None
        self.base = {"pipeline": found.pipeline.pk, "owner": owner}
        self.cohort_params = {**self.base, **found.period.link("created")}
        self.first = found.steps[0].stage if found.steps else None

    def cohort(self, **params: Any) -> str:
        """Deals of the cohort with more conditions."""
        return "" if self.is_past else list_url(**self.cohort_params, **params)

    def row(self, step: Step) -> dict[str, Any]:
        """A stage with the address of each of its numbers; the first stage is the cohort."""
        reached = None if step.stage == self.first else step.stage
        past = "" if self.is_past else list_url(**self.base, stage=step.stage, status=OPEN)
        return {
            "step": step,
            "entered_url": self.cohort(reached=reached),
            "lost_url": self.cohort(furthest=step.stage, status=LOST),
            "open_url": self.cohort(furthest=step.stage, status=OPEN),
            "now_url": past,
        }

    @property
    def entered(self) -> str:
        return self.cohort()

    @property
    def won(self) -> str:
        return self.cohort(status=WON)

    @property
    def lost(self) -> str:
        return self.cohort(status=LOST)

    @property
    def open(self) -> str:
        return self.cohort(status=OPEN)

    @property
    def now_open(self) -> str:
        return "" if self.is_past else list_url(**self.base, status=OPEN)


def worst(found: Funnel) -> Step | None:
    """The stage after which the largest share of deals was lost; a tie is of the earlier one."""
    lossy = [step for step in found.steps if step.lost.count]
    return max(lossy, key=lambda step: step.lost.count / step.entered.count, default=None)


def _bars(found: Funnel, rows: list[dict[str, Any]], links: Links) -> list[dict[str, Any]]:
    """Every stage and the won below them with their coordinates; passed rows get its address."""
    after = [row["entered_url"] for row in rows[1:]] + [links.won]
    for row, url in zip(rows, after, strict=True):
        row["passed_url"] = url
    counts = [step.entered.count for step in found.steps] + [found.won.count]
    before = None
    if found.previous:
        before = [step.previous_entered or 0 for step in found.steps] + [found.previous.won.count]
    drawn = bands(counts, before)
    names = [step.name for step in found.steps] + [_("Won")]
    urls = [row["entered_url"] for row in rows] + [links.won]
    steps: list[Step | None] = [*found.steps, None]
    past: list[Any] = [*before] if before else [None] * len(counts)
    keys = ("name", "count", "before", "url", "band", "step")
    return [
        dict(zip(keys, line, strict=True))
        for line in zip(names, counts, past, urls, drawn, steps, strict=True)
    ]


def _reason(row: Any, links: Links) -> dict[str, Any]:
    return {
        "label": row.name,
        "count": row.lost.count,
        "share": row.share,
        "url": links.cohort(status=LOST, loss_reason=row.reason) if row.reason else "",
    }
