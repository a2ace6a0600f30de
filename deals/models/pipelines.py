"""Pipelines, their stages, reasons of loss."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.history import tracked

STAGE_HUES = 8
REQUIRABLE = [
    ("amount", _("Amount")),
    ("company", _("Company")),
    ("contact", _("Contact")),
    ("expected_close_date", _("Expected close")),
    ("source", _("Source")),
    ("description", _("Comment")),
]
"""Fields of a deal that a stage may demand before a deal enters it."""


@tracked
class Pipeline(models.Model):
    """A way of selling with its own stages; archived, never deleted while it holds deals."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(_("Default"), default=False)
    is_active = models.BooleanField(_("Active"), default=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Pipeline")
        verbose_name_plural = _("Pipelines")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="pipeline_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class Stage(models.Model):
    """A step of a pipeline; won and lost are outcomes of a deal, not stages.

    `probability` is in percent; `rot_days` is how long a deal may stay before it counts as stuck.
    """

    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="stages")
    name = models.CharField(_("Name"), max_length=120)
    short_name = models.CharField(_("Short name"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    probability = models.PositiveSmallIntegerField(_("Probability, %"), default=0)
    hue = models.PositiveSmallIntegerField(
        _("Colour"), default=1, choices=[(n, str(n)) for n in range(1, STAGE_HUES + 1)]
    )
    rot_days = models.PositiveSmallIntegerField(_("Stuck after, days"), null=True, blank=True)
    required_fields = ArrayField(
        models.CharField(max_length=40, choices=REQUIRABLE),
        verbose_name=_("Obligatory in this stage"),
        default=list,
        db_default=[],
        blank=True,
    )
    is_active = models.BooleanField(_("Active"), default=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Stage")
        verbose_name_plural = _("Stages")
        ordering = ["pipeline", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__lte=100), name="stage_probability_percent"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name that fits a column."""
        return self.short_name or self.name


class LossReason(models.Model):
    """Why a deal was lost; obligatory at losing."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Loss reason")
        verbose_name_plural = _("Loss reasons")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Competitor(models.Model):
    """To whom a deal was lost; told at losing when it is known."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Competitor")
        verbose_name_plural = _("Competitors")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
