"""Result tables of long computations; the reports room writes nothing else."""

from django.db import models
from django.db.models import Q


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
