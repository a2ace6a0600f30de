"""Schedules of reports and who receives them."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    """How often."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("On days of the week")
    MONTHLY = "monthly", _("Once a month")


class FileKind(models.TextChoices):
    """What is attached."""

    XLSX = "xlsx", "XLSX"
    PDF = "pdf", "PDF"
    CSV = "csv", "CSV"


class ScheduleQuerySet(models.QuerySet):
    """Schedules."""

    def kept_by(self, user: Any) -> Self:
        """One's own."""
        return self.filter(owner=user.pk)

    def seen_by(self, user: Any) -> Self:
        """One's own; every one for administrators."""
        return self.all() if user.has_right("administer") else self.kept_by(user)


class Schedule(models.Model):
    """A report with its parameters, sent at an hour of each receiver's own zone.

    `weekdays` are 1 (Monday) to 7; a `month_day` beyond the month means its last day.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_schedules"
    )
    name = models.CharField(_("Name"), max_length=80)
    report = models.CharField(max_length=20)
    query = models.CharField(max_length=1000, blank=True)
    file = models.CharField(
        _("File"), max_length=4, choices=FileKind.choices, default=FileKind.XLSX
    )
    rhythm = models.CharField(
        _("How often"), max_length=7, choices=Rhythm.choices, default=Rhythm.WEEKLY
    )
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    month_day = models.PositiveSmallIntegerField(_("Day of the month"), default=1)
    hour = models.PositiveSmallIntegerField(_("Hour"), default=9)
    is_on = models.BooleanField(_("Is sent"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_hour"),
            models.CheckConstraint(
                condition=Q(month_day__gte=1, month_day__lte=31), name="schedule_month_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reports:schedules")


class Receiver(models.Model):
    """One receiver of a schedule: the next moment due, and what became of the last one.

    `closed_at` is when the report was found closed to the person; the owner was told then.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="receivers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    next_at = models.DateTimeField()
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "user"], name="schedule_receiver_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="schedule_due",
                condition=Q(unsubscribed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.user_id}"
