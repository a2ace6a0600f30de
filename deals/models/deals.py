"""Deals and their product lines."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deals.models.pipelines import Competitor, LossReason, Pipeline, Stage
from deals.querysets import DealQuerySet
from records.fields import folded
from records.history import tracked
from records.models import Record, trash_index


class DealStatus(models.TextChoices):
    """Open, or one of the two outcomes."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


@tracked
class Deal(Record):
    """A sale in progress or finished.

    `amount` is in `currency`, `amount_base` is the same sum in the base currency at the rate of
    the day it was last set. `furthest` is the highest stage position ever reached, kept by
    deals.services together with the stage history.
    """

    record_type = "deal"

    title = models.CharField(_("Title"), max_length=200)
    pipeline = models.ForeignKey(
        Pipeline, verbose_name=_("Pipeline"), on_delete=models.PROTECT, related_name="deals"
    )
    stage = models.ForeignKey(
        Stage, verbose_name=_("Stage"), on_delete=models.PROTECT, related_name="deals"
    )
    status = models.CharField(
        _("Status"), max_length=5, choices=DealStatus.choices, default=DealStatus.OPEN
    )
    amount = models.DecimalField(_("Amount"), max_digits=15, decimal_places=2, default=0)
    currency = models.ForeignKey(
        "catalog.Currency", verbose_name=_("Currency"), on_delete=models.PROTECT, related_name="+"
    )
    amount_base = models.DecimalField(max_digits=17, decimal_places=2, default=0)
    expected_close_date = models.DateField(_("Expected close"), null=True, blank=True)
    company = models.ForeignKey(
        "contacts.Company",
        verbose_name=_("Company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deals",
    )
    contact = models.ForeignKey(
        "contacts.Contact",
        verbose_name=_("Contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deals",
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)
    description = models.TextField(_("Comment"), blank=True)
    stage_entered_at = models.DateTimeField()
    furthest = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    loss_reason = models.ForeignKey(
        LossReason,
        verbose_name=_("Loss reason"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deals",
    )
    competitor = models.ForeignKey(
        Competitor,
        verbose_name=_("Competitor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deals",
    )
    loss_comment = models.CharField(_("What happened"), max_length=500, blank=True)
    is_restricted = models.BooleanField(
        _("Restricted"),
        default=False,
        db_default=False,
        help_text=_("Only the owner, the heads above and the participants see the deal."),
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Participants"),
        through="deals.DealParticipant",
        through_fields=("deal", "user"),
        related_name="+",
        blank=True,
    )
    search_text = folded("title")

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("Deal")
        verbose_name_plural = _("Deals")
        indexes = [
            trash_index("deal"),
            models.Index(fields=["-created_at", "-id"], name="deal_new"),
            models.Index(fields=["owner", "-created_at", "-id"], name="deal_owner_new"),
            models.Index(
                fields=["stage", "-stage_entered_at", "-id"],
                name="deal_board",
                include=["amount_base", "owner"],
                condition=Q(status="open", deleted_at__isnull=True),
            ),
            models.Index(fields=["pipeline", "created_at"], name="deal_cohort"),
            models.Index(fields=["amount_base", "id"], name="deal_by_amount"),
            models.Index(fields=["updated_at", "id"], name="deal_by_change"),
            models.Index(fields=["stage_entered_at", "id"], name="deal_by_stage_time"),
            models.Index(
                fields=["stage", "status"],
                name="deal_totals",
                include=["amount_base", "owner", "is_restricted", "id"],
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "stage_entered_at", "id"],
                name="deal_open_owner",
                condition=Q(status="open", deleted_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "amount_base", "id"],
                name="deal_open_worth",
                condition=Q(status="open", deleted_at__isnull=True),
            ),
            models.Index(
                fields=["id"],
                name="deal_open",
                include=["owner", "pipeline", "created_at"],
                condition=Q(status="open", deleted_at__isnull=True),
            ),
            models.Index(
                fields=["closed_at", "status"],
                name="deal_closed",
                condition=Q(closed_at__isnull=False),
            ),
            models.Index(fields=["company"], name="deal_company"),
            models.Index(fields=["contact"], name="deal_contact"),
            models.Index(fields=["owner"], name="deal_restricted", condition=Q(is_restricted=True)),
            GinIndex(fields=["search_text"], name="deal_search", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="deal_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status__in=["won", "lost"], closed_at__isnull=False),
                name="deal_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="lost") | Q(loss_reason__isnull=False),
                name="deal_lost_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("deals:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.status == DealStatus.OPEN


@tracked
class DealParticipant(models.Model):
    """A person who sees a deal because he takes part in it; with `can_change` he also edits it."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Person"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    can_change = models.BooleanField(_("May edit"), default=False, db_default=False)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("Participant")
        verbose_name_plural = _("Participants")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["deal", "user"], name="participant_once")]
        indexes = [models.Index(fields=["user", "deal"], name="participant_of")]

    def __str__(self) -> str:
        return f"{self.deal_id}:{self.user_id}"


@tracked
class DealLine(models.Model):
    """A line of a deal: product or free text, quantity, price, discount and VAT in percent.

    `total` is the sum to pay including VAT, rounded to the kopeck, kept by the database.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        "catalog.Product",
        verbose_name=_("Product"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("Name"), max_length=200)
    quantity = models.DecimalField(_("Quantity"), max_digits=12, decimal_places=3, default=1)
    price = models.DecimalField(_("Price"), max_digits=15, decimal_places=2, default=0)
    discount = models.DecimalField(_("Discount, %"), max_digits=5, decimal_places=2, default=0)
    vat = models.DecimalField(_("VAT, %"), max_digits=5, decimal_places=2, default=0)
    position = models.PositiveSmallIntegerField(default=0)
    total = models.GeneratedField(
        expression=models.functions.Round(
            F("quantity") * F("price") * (100 - F("discount")) / 100,
            precision=2,
            output_field=models.DecimalField(max_digits=18, decimal_places=2),
        ),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("Line")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
            models.CheckConstraint(condition=Q(price__gte=0), name="line_price_not_negative"),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=100), name="line_discount_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.name
