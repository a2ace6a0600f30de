"""The append-only stage history: the only source of the funnel."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from deals.models.pipelines import Stage


class MoveKind(models.TextChoices):
    """What happened to the deal at this moment."""

    ENTERED = "entered", _("Entered the pipeline")
    MOVED = "moved", _("Moved")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    REOPENED = "reopened", _("Reopened")


class StageMove(models.Model):
    """One event of a deal: from which stage to which, when, by whom; never changed or deleted.

    `to_stage` is the stage the deal stands in after the event; for won and lost it is the stage
    in which the outcome came. `from_stage` is empty only when the deal enters a pipeline.
    """

    deal = models.ForeignKey("deals.Deal", on_delete=models.CASCADE, related_name="moves")
    kind = models.CharField(max_length=10, choices=MoveKind.choices)
    from_stage = models.ForeignKey(
        Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("Stage move")
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["deal", "at", "id"],
                name="move_of_deal",
                include=["kind", "to_stage"],  # the funnel reads stories from the index alone
            ),
            models.Index(fields=["to_stage", "at"], name="move_into_stage"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.kind} {self.at:%Y-%m-%d}"
