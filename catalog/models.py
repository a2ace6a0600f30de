"""Products, currencies and their rates to the base currency."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from records.fields import folded
from records.history import tracked
from records.models import Record, trash_index


class Currency(models.Model):
    """An ISO 4217 currency the company trades in; exactly one is the base."""

    code = models.CharField(_("Code"), max_length=3, primary_key=True)
    symbol = models.CharField(_("Symbol"), max_length=5)
    is_base = models.BooleanField(_("Base currency"), default=False)

    class Meta:
        verbose_name = _("Currency")
        verbose_name_plural = _("Currencies")
        ordering = ["-is_base", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_base"], condition=Q(is_base=True), name="currency_one_base"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Rate(models.Model):
    """How many units of the base currency one unit of the currency costs from a day on."""

    currency = models.ForeignKey(Currency, on_delete=models.CASCADE, related_name="rates")
    valid_from = models.DateField(_("From"))
    rate = models.DecimalField(_("Rate"), max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="rate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.rate}"


@tracked
class Product(Record):
    """A product or service one can put on a deal."""

    record_type = "product"

    name = models.CharField(_("Name"), max_length=200)
    group = models.CharField(_("Group"), max_length=120, blank=True)
    sku = models.CharField(_("Article"), max_length=60, blank=True)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    price = models.DecimalField(_("Price"), max_digits=15, decimal_places=2, default=0)
    currency = models.ForeignKey(Currency, verbose_name=_("Currency"), on_delete=models.PROTECT)
    is_active = models.BooleanField(_("Active"), default=True)
    search_text = folded("name", "sku")

    class Meta:
        verbose_name = _("Product")
        verbose_name_plural = _("Products")
        indexes = [
            trash_index("product"),
            models.Index(fields=["name", "id"], name="product_name"),
            GinIndex(fields=["search_text"], name="product_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product_detail", args=[self.pk])
