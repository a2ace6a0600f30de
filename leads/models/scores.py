"""The chance of open leads to be won: the fit it comes from, and what it is made of by lead."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.leads import Lead


class FitKind(models.TextChoices):
    """How chances are made."""

    LOGISTIC = "logistic", _("Logistic regression")
    RATES = "rates", _("Share of won leads by source")


class ScoreFit(models.Model):
    """One training: `parameters` give a chance, `measures` say how good chances were.

    `leads`, `won` and `lost` are those it was taught on. Former fits stay, to compare with.
    """

    kind = models.CharField(max_length=10, choices=FitKind.choices)
    trained_at = models.DateTimeField()
    leads = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    measures = models.JSONField(default=dict)
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="score_fit_one_current"
            )
        ]
        indexes = [models.Index(fields=["-trained_at"], name="score_fit_new")]

    def __str__(self) -> str:
        return f"{self.kind} {self.trained_at:%Y-%m-%d}"


class LeadScore(models.Model):
    """The chance of one lead, per cent from 1 to 99, and its reasons, the greatest first.

    A reason is {"what": feature, "value": level, "points": percentage points it adds}. The row of
    a closed lead keeps what was said last; `Lead.chance` is 0 then.
    """

    lead = models.OneToOneField(
        Lead, primary_key=True, on_delete=models.CASCADE, related_name="score"
    )
    fit = models.ForeignKey(ScoreFit, on_delete=models.CASCADE, related_name="scores")
    chance = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(chance__gte=1, chance__lte=99), name="score_is_no_certainty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.chance} %"
