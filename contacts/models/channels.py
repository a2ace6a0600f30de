"""Phones and e-mails of leads, contacts and companies in one table each.

One table makes one key: a number is found whatever kind of record holds it.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.history import tracked


class PhoneKind(models.TextChoices):
    """What a number is for."""

    MOBILE = "mobile", _("Mobile")
    WORK = "work", _("Work")
    HOME = "home", _("Home")
    OTHER = "other", _("Other")


EXACTLY_ONE_HOLDER = (
    Q(lead__isnull=False, contact__isnull=True, company__isnull=True)
    | Q(lead__isnull=True, contact__isnull=False, company__isnull=True)
    | Q(lead__isnull=True, contact__isnull=True, company__isnull=False)
)


class Channel(models.Model):
    """A way to reach the holder: exactly one of lead, contact, company."""

    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss"
    )
    contact = models.ForeignKey(
        "contacts.Contact",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
    )
    company = models.ForeignKey(
        "contacts.Company",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


@tracked
class Phone(Channel):
    """A phone number; `e164` is the key, `reversed_digits` finds it by its last digits."""

    number = models.CharField(_("Phone"), max_length=60, help_text=_("As typed"))
    e164 = models.CharField(max_length=20, db_index=True)
    extension = models.CharField(max_length=10, blank=True)
    reversed_digits = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=PhoneKind.choices, default=PhoneKind.MOBILE)

    class Meta(Channel.Meta):
        constraints = [
            models.CheckConstraint(condition=EXACTLY_ONE_HOLDER, name="phone_one_holder")
        ]
        indexes = [
            models.Index(
                fields=["reversed_digits"], name="phone_suffix", opclasses=["text_pattern_ops"]
            )
        ]

    def __str__(self) -> str:
        return self.e164 or self.number

    @property
    def is_international(self) -> bool:
        """Understood completely, so that messengers find it."""
        return self.e164.startswith("+")


@tracked
class Email(Channel):
    """An e-mail address; `address` is kept in lower case and is the key."""

    address = models.CharField(_("E-mail"), max_length=254, db_index=True)

    class Meta(Channel.Meta):
        constraints = [
            models.CheckConstraint(condition=EXACTLY_ONE_HOLDER, name="email_one_holder")
        ]

    def __str__(self) -> str:
        return self.address
