"""A large hand-over of a person's work, done by the worker piece by piece."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class HandOverState(models.TextChoices):
    """Where a hand-over stands; the first two are open."""

    WAITING = "waiting", pgettext_lazy("hand-over", "Waits for the worker")
    RUNNING = "running", pgettext_lazy("hand-over", "Goes on")
    DONE = "done", pgettext_lazy("hand-over", "Done")
    FAILED = "failed", pgettext_lazy("hand-over", "Stopped")


OPEN_STATES = (HandOverState.WAITING, HandOverState.RUNNING)


class HandOver(models.Model):
    """What is handed over by whom to whom, how far it is, and what came of it.

    `given` maps the key of a receiver to counts by kind; `dealt` is how many rows were dealt in
    turn, so that the next piece goes on where the last ended. Both change with the rows of a
    piece in one transaction.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kinds = ArrayField(models.CharField(max_length=20))
    receivers = ArrayField(models.BigIntegerField())
    deactivates = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=HandOverState.choices, default=HandOverState.WAITING
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    dealt = models.PositiveIntegerField(default=0)
    given = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["waiting", "running"]),
                name="hand_over_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["touched_at"],
                name="hand_over_open",
                condition=Q(state__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.state}"

    @property
    def is_open(self) -> bool:
        """Not over yet."""
        return self.state in OPEN_STATES
