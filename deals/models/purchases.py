"""The purchase ledger: the only source of RFM and customer value."""

from django.db import models
from django.db.models import Q

from deals.querysets import PurchaseQuerySet


class Purchase(models.Model):
    """One purchase of one customer (a company, or a contact who buys alone).

    `day` is local to the organisation; `amount` is in minor units (kopecks) of the base currency,
    below zero for a return. A row of a won deal points at it and is written by deals.services in
    the transaction of its cause; a row without a deal is imported history.
    """

    company = models.ForeignKey(
        "contacts.Company", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    amount = models.BigIntegerField()
    deal = models.OneToOneField(
        "deals.Deal", null=True, blank=True, on_delete=models.CASCADE, related_name="purchase"
    )
    import_key = models.CharField(max_length=200, null=True, blank=True, unique=True)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["company", "contact", "day"],
                include=["amount"],
                name="purchase_of_customer",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, contact__isnull=True)
                | Q(company__isnull=True, contact__isnull=False),
                name="purchase_one_customer",
            ),
            models.CheckConstraint(
                condition=Q(deal__isnull=False, import_key__isnull=True)
                | Q(deal__isnull=True, import_key__isnull=False),
                name="purchase_one_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id or self.contact_id} {self.day} {self.amount}"
