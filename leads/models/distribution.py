"""Distribution rules and the decisions they took."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.history import tracked


@tracked
class Rule(models.Model):
    """Ordered; the first rule whose amount band and source fit a lead gives it to its pool.

    `amount_from` is inclusive, `amount_to` exclusive, both in the base currency; a lead without
    an amount counts as 0. The pool is the listed people plus everyone of `department`.
    """

    name = models.CharField(_("Name"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("Active"), default=True)
    amount_from = models.DecimalField(
        _("Amount from"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    amount_to = models.DecimalField(
        _("Amount below"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    source = models.ForeignKey(
        "leads.Source",
        verbose_name=_("Source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    department = models.ForeignKey(
        "accounts.Department",
        verbose_name=_("Everyone of the department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("People"), through="leads.PoolMember", blank=True
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Distribution rule")
        verbose_name_plural = _("Distribution rules")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_from__isnull=True)
                | Q(amount_to__isnull=True)
                | Q(amount_from__lt=models.F("amount_to")),
                name="rule_band_not_empty",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PoolMember(models.Model):
    """A person named in a rule."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="pool")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="pool_member_once")]

    def __str__(self) -> str:
        return f"{self.rule_id}:{self.user_id}"


class RuleState(models.Model):
    """The rotation of a rule: how many leads each person has been given by it.

    A person who joins later or comes back starts level with the least loaded, so absence
    builds no debt.
    """

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="rotation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    given = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True, blank=True)
    was_eligible = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="rule_state_once")]

    def __str__(self) -> str:
        return f"{self.rule_id}:{self.user_id}={self.given}"


class Decision(models.Model):
    """Why a lead went to a person: the rule, the candidates, why each was skipped.

    `explanation` is a list of {"user": id, "result": code, "given": n}; codes are explained by
    leads.distribution.
    """

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="decisions")
    sequence = models.PositiveIntegerField(default=1)
    rule = models.ForeignKey(
        Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    rule_name = models.CharField(max_length=120, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    explanation = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["lead", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["lead", "sequence"], name="decision_sequence_once")
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}→{self.user_id}"
