"""Reports asked for in the background and what they gave."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports.sending.models import FileKind


class RunState(models.TextChoices):
    """The life of a run."""

    WAITING = "waiting", _("Waits for the worker")
    COUNTING = "counting", _("Is being counted")
    WRITING = "writing", _("The file is being written")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")


OPEN = (RunState.WAITING, RunState.COUNTING, RunState.WRITING)


class RunQuerySet(models.QuerySet):
    """Runs; each belongs to whoever asked, and to nobody else."""

    def of(self, user: Any) -> Self:
        """One's own, the newest first, without the contents of files."""
        return self.filter(user=user.pk).defer("content").order_by("-asked_at", "-pk")

    def open(self) -> Self:
        """Not over yet."""
        return self.filter(state__in=OPEN)


class Run(models.Model):
    """A report with its parameters, counted with the rights of `user` at the time of counting."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_runs"
    )
    report = models.CharField(max_length=20)
    query = models.CharField(max_length=1000, blank=True)
    file = models.CharField(
        _("File"), max_length=4, choices=FileKind.choices, default=FileKind.XLSX
    )
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    problem = models.CharField(max_length=300, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    content = models.BinaryField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-asked_at"], name="run_of_person"),
            models.Index(
                fields=["asked_at"],
                name="run_open",
                condition=Q(state__in=("waiting", "counting", "writing")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.asked_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("reports:run", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether the page should ask again."""
        return self.state in OPEN

    @property
    def step(self) -> int:
        """How far it is, of three steps."""
        return {RunState.COUNTING: 1, RunState.WRITING: 2, RunState.DONE: 3}.get(
            RunState(self.state), 0
        )
