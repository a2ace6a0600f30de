"""Companies."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.querysets import CompanyQuerySet
from records.fields import folded, sort_key
from records.history import tracked
from records.models import Record, trash_index


class CompanyKind(models.TextChoices):
    """What the company is to us."""

    CLIENT = "client", _("Client")
    PARTNER = "partner", _("Partner")
    SUPPLIER = "supplier", _("Supplier")
    INVESTOR = "investor", _("Investor")
    COMPETITOR = "competitor", _("Competitor")
    OTHER = "other", _("Other")


@tracked
class Company(Record):
    """A legal person or a sole trader we know; tax ids are digits only, checked, never blocking."""

    record_type = "company"

    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(
        _("Type"), max_length=20, choices=CompanyKind.choices, default=CompanyKind.CLIENT
    )
    industry = models.CharField(_("Industry"), max_length=120, blank=True)
    founded_year = models.PositiveSmallIntegerField(_("Founded"), null=True, blank=True)
    head_count = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("Annual revenue"), max_digits=17, decimal_places=2, null=True, blank=True
    )
    country = models.CharField(_("Country"), max_length=80, blank=True)
    city = models.CharField(_("City"), max_length=120, blank=True)
    address = models.CharField(_("Address"), max_length=300, blank=True)
    website = models.CharField(_("Site"), max_length=200, blank=True)
    tax_id = models.CharField(_("Tax id (INN, EDRPOU)"), max_length=20, blank=True)
    registration_code = models.CharField(_("Reason code (KPP)"), max_length=20, blank=True)
    is_key = models.BooleanField(_("Key client"), default=False, db_default=False)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("Parent company"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="branches",
    )
    description = models.TextField(_("Comment"), blank=True)
    search_text = folded("name", "tax_id")
    sort_key = sort_key("name")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Company")
        verbose_name_plural = _("Companies")
        indexes = [
            trash_index("company"),
            models.Index(fields=["-created_at", "-id"], name="company_new"),
            models.Index(fields=["owner", "-created_at", "-id"], name="company_owner_new"),
            models.Index(
                fields=["owner"], name="company_alive", condition=Q(deleted_at__isnull=True)
            ),
            models.Index(fields=["sort_key", "id"], name="company_sort"),
            models.Index(fields=["tax_id"], name="company_tax", condition=~Q(tax_id="")),
            GinIndex(fields=["search_text"], name="company_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def site_url(self) -> str:
        """The site as a link; empty for anything that is not a web address."""
        site = self.website.strip()
        if site.lower().startswith(("http://", "https://")):
            return site
        return f"https://{site}" if site and ":" not in site.split("/")[0] else ""

    def get_absolute_url(self) -> str:
        return reverse("contacts:company_detail", args=[self.pk])
