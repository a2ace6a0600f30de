"""Leads and where they come from."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leads.querysets import LeadQuerySet
from records.fields import folded
from records.history import tracked
from records.models import Record, trash_index
from records.names import full_name


class Source(models.Model):
    """Where leads come from: site form, call, exhibition."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Source")
        verbose_name_plural = _("Sources")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class LeadStatus(models.TextChoices):
    """The life of a lead."""

    NEW = "new", _("New")
    WORKING = "working", _("In work")
    CONVERTED = "converted", _("Converted")
    REJECTED = "rejected", _("Rejected")


@tracked
class Lead(Record):
    """A potential client who reacted; converted into contact, company and deal, then frozen.

    `amount` is the interest in the base currency; `chance` that it will be won, per cent, is kept
    by the worker, 0 while unknown and once closed.
    """

    record_type = "lead"

    title = models.CharField(_("What they want"), max_length=200, blank=True)
    last_name = models.CharField(_("Surname"), max_length=120, blank=True)
    first_name = models.CharField(_("Given name"), max_length=120, blank=True)
    patronymic = models.CharField(_("Patronymic"), max_length=120, blank=True)
    company_name = models.CharField(_("Company"), max_length=200, blank=True)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    city = models.CharField(_("City"), max_length=120, blank=True)
    status = models.CharField(
        _("Status"), max_length=10, choices=LeadStatus.choices, default=LeadStatus.NEW
    )
    source = models.ForeignKey(
        Source,
        verbose_name=_("Source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
    )
    amount = models.DecimalField(
        _("Interest, amount"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True)
    utm_source = models.CharField(max_length=200, blank=True)
    utm_medium = models.CharField(max_length=200, blank=True)
    utm_campaign = models.CharField(max_length=200, blank=True)
    utm_content = models.CharField(max_length=200, blank=True)
    utm_term = models.CharField(max_length=200, blank=True)
    description = models.TextField(_("Comment"), blank=True)
    assigned_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reject_reason = models.CharField(_("Why rejected"), max_length=300, blank=True)
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    company = models.ForeignKey(
        "contacts.Company", null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    deal = models.OneToOneField(
        "deals.Deal", null=True, blank=True, on_delete=models.PROTECT, related_name="lead"
    )
    chance = models.PositiveSmallIntegerField(
        _("Chance, %"), default=0, db_default=0, editable=False
    )
    search_text = folded("last_name", "first_name", "patronymic", "company_name", "title")

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("Lead")
        verbose_name_plural = _("Leads")
        indexes = [
            trash_index("lead"),
            models.Index(fields=["-created_at", "-id"], name="lead_new"),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_owner_new"),
            models.Index(fields=["owner"], name="lead_alive", condition=Q(deleted_at__isnull=True)),
            models.Index(fields=["status", "-created_at", "-id"], name="lead_status_new"),
            models.Index(fields=["source", "-created_at", "-id"], name="lead_source_new"),
            models.Index(fields=["-chance", "-created_at", "-id"], name="lead_by_chance"),
            models.Index(
                fields=["created_at"],
                name="lead_waiting",
                condition=Q(owner__isnull=True, deleted_at__isnull=True),
            ),
            GinIndex(fields=["search_text"], name="lead_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="lead_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(status="converted") | Q(closed_at__isnull=False),
                name="lead_converted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.person_name or self.company_name or self.title or f"№ {self.pk}"

    @property
    def person_name(self) -> str:
        """Surname, given name, patronymic."""
        return full_name(self.last_name, self.first_name, self.patronymic)

    @property
    def is_open(self) -> bool:
        """Still to be worked on."""
        return self.status in (LeadStatus.NEW, LeadStatus.WORKING)

    def get_absolute_url(self) -> str:
        return reverse("leads:detail", args=[self.pk])
