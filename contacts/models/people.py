"""Contact persons and where they work."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.querysets import ContactQuerySet
from records.fields import folded, sort_key
from records.history import tracked
from records.models import Record, trash_index
from records.names import full_name, initials


class Sex(models.TextChoices):
    """For forms of address in documents only."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


@tracked
class Contact(Record):
    """A person we talk to."""

    record_type = "contact"

    last_name = models.CharField(_("Surname"), max_length=120, blank=True)
    first_name = models.CharField(_("Given name"), max_length=120)
    patronymic = models.CharField(_("Patronymic"), max_length=120, blank=True)
    sex = models.CharField(_("Sex"), max_length=10, choices=Sex.choices, blank=True)
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    city = models.CharField(_("City"), max_length=120, blank=True)
    language = models.CharField(
        _("Language"),
        max_length=5,
        choices=[("ru", _("Russian")), ("uk", _("Ukrainian")), ("en", _("English"))],
        blank=True,
    )
    is_key = models.BooleanField(_("Key client"), default=False)
    interests = models.CharField(_("Interests and hobbies"), max_length=300, blank=True)
    description = models.TextField(_("Comment"), blank=True)
    companies = models.ManyToManyField(
        "contacts.Company", through="contacts.Employment", related_name="contacts", blank=True
    )
    search_text = folded("last_name", "first_name", "patronymic")
    sort_key = sort_key("last_name", "first_name", "patronymic")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("Contact")
        verbose_name_plural = _("Contacts")
        indexes = [
            trash_index("contact"),
            models.Index(fields=["-created_at", "-id"], name="contact_new"),
            models.Index(fields=["owner", "-created_at", "-id"], name="contact_owner_new"),
            models.Index(
                fields=["owner"], name="contact_alive", condition=Q(deleted_at__isnull=True)
            ),
            models.Index(fields=["sort_key", "id"], name="contact_sort"),
            GinIndex(fields=["search_text"], name="contact_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return full_name(self.last_name, self.first_name, self.patronymic)

    @property
    def initials(self) -> str:
        """Two letters for an avatar."""
        return initials(self.last_name, self.first_name)

    def get_absolute_url(self) -> str:
        return reverse("contacts:contact_detail", args=[self.pk])


@tracked
class Employment(models.Model):
    """A person works (or decides) in a company; the first one is the main one."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="employments")
    company = models.ForeignKey(
        "contacts.Company", on_delete=models.CASCADE, related_name="employments"
    )
    role = models.CharField(_("Role"), max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "company"], name="employment_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}@{self.company_id}"
