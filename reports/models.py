"""Result tables of long computations and kept settings; the room writes nothing else."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports.dashboards.models import Dashboard as Dashboard
from reports.dashboards.models import Tile as Tile
from reports.dashboards.models import shown_to
from reports.running.models import Run as Run
from reports.sending.models import Receiver as Receiver
from reports.sending.models import Schedule as Schedule


class CustomerValueRun(models.Model):
    """One fit of the customer-value models, with the parameters and what they mean."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    as_of = models.DateField()
    is_current = models.BooleanField(default=False)
    parameters = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    customers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="value_run_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.as_of}"


class CustomerValue(models.Model):
    """The value of one customer (a company, or a contact who buys alone) in one run.

    Amounts are in the base currency; weeks are the unit of time of the models.
    """

    run = models.ForeignKey(CustomerValueRun, on_delete=models.CASCADE, related_name="values")
    company = models.ForeignKey(
        "contacts.Company", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    purchases = models.PositiveIntegerField()
    revenue = models.DecimalField(max_digits=17, decimal_places=2)
    alive_probability = models.FloatField(null=True)
    expected_purchases = models.FloatField(null=True)
    expected_value = models.DecimalField(max_digits=17, decimal_places=2, null=True)
    lifetime_value = models.DecimalField(max_digits=17, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, contact__isnull=True)
                | Q(company__isnull=True, contact__isnull=False),
                name="value_one_customer",
            )
        ]
        indexes = [models.Index(fields=["run", "-lifetime_value"], name="value_top")]

    def __str__(self) -> str:
        return f"{self.company_id or self.contact_id}: {self.lifetime_value}"


class CustomerScore(models.Model):
    """RFM of one customer at the end of a month, by the fixed thresholds kept beside it.

    Fixed ones, because quintiles of two months are two different rulers.
    """

    month = models.DateField()
    company = models.ForeignKey(
        "contacts.Company", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    r = models.PositiveSmallIntegerField()
    f = models.PositiveSmallIntegerField()
    m = models.PositiveSmallIntegerField()
    segment = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "company", "contact"],
                name="score_once_a_month",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.company_id or self.contact_id}: {self.r}{self.f}{self.m}"


class PlanPeriod(models.TextChoices):
    """How long a plan is."""

    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")


class Plan(models.Model):
    """What is to be won in a month or a quarter: by a person, a department, or the company.

    `first` is the first day of the period; the amount is in the base currency; a department
    counts with those below it. Neither owner nor department: the whole company.
    """

    period = models.CharField(_("Period"), max_length=8, choices=PlanPeriod.choices)
    first = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Manager"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="plans",
    )
    department = models.ForeignKey(
        "accounts.Department",
        verbose_name=_("Department"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="plans",
    )
    amount = models.DecimalField(_("Sum"), max_digits=15, decimal_places=2, default=0)
    count = models.PositiveIntegerField(_("Number of deals"), default=0)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "first", "owner", "department"],
                name="plan_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(department__isnull=True),
                name="plan_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.first} {self.amount}"


class MarketingCost(models.Model):
    """What a source, or a campaign of it, cost in a month, in the base currency.

    `month` is the first day; an empty campaign is what is spent on the source as a whole.
    """

    source = models.ForeignKey(
        "leads.Source", verbose_name=_("Source"), on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True)
    month = models.DateField(_("Month"))
    amount = models.DecimalField(_("Sum"), max_digits=15, decimal_places=2)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "campaign", "month"], name="cost_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="cost_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="cost_of_a_month"),
        ]
        indexes = [models.Index(fields=["month"], name="cost_by_month")]

    def __str__(self) -> str:
        return f"{self.month} {self.source_id} {self.amount}"


class SavedReportQuerySet(models.QuerySet):
    """Kept settings of reports."""

    def seen_by(self, user: Any) -> Self:
        """One's own, shared ones, those of one's roles; the numbers are always the viewer's own."""
        return self.filter(shown_to(user)).select_related("owner", "role")


class SavedReport(models.Model):
    """A report with its settings under a name; `query` is the address after the question mark."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_reports"
    )
    name = models.CharField(_("Name"), max_length=80)
    report = models.CharField(max_length=20)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(_("Show to everybody who sees reports"), default=False)
    role = models.ForeignKey(
        "accounts.Role",
        verbose_name=_("Give to the role"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_report_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse(f'reports:{self.report}')}?{self.query}"


class ForecastFit(models.Model):
    """Chances of open deals by stage and age as history before `day` tells them.

    `rates` is a list of pipelines, see reports.forecast.rates.packed; the horizon is in days.
    """

    day = models.DateField()
    horizon = models.PositiveSmallIntegerField()
    rates = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "horizon"], name="fit_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.horizon}"
