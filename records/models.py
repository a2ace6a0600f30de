"""What every record has: owner, version, trash, import key; idempotency rows; the audit log."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from records.querysets import RecordQuerySet
from records.saved_views import SavedViewQuerySet


class Record(models.Model):
    """A business record: owned, versioned, kept in the trash before it is gone."""

    record_type = ""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("Created"), db_index=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(_("Changed"), auto_now=True)
    version = models.PositiveIntegerField(default=1, db_default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)
    import_key = models.CharField(max_length=200, null=True, blank=True, unique=True)

    objects = RecordQuerySet.as_manager()

    veiled: frozenset[str] = frozenset()
    """Names of fields that were left out because the reader may not see them."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A record read without some fields cannot be stored over the whole one."""
        written = kwargs.get("update_fields")
        if self.veiled and (written is None or self.veiled & set(written)):
            raise TypeError("a veiled record is not to be stored")
        super().save(*args, **kwargs)


def trash_index(record_type: str) -> models.Index:
    """The index of a record type's trash: few rows, newest deletion first."""
    return models.Index(
        fields=["-deleted_at", "-id"],
        name=f"{record_type}_trash",
        condition=models.Q(deleted_at__isnull=False),
    )


class Submission(models.Model):
    """One accepted form post: the same key again is answered with the same address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4)
    result_url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="submission_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.key}"


class Heartbeat(models.Model):
    """The last sign of life of a background process; the readiness page reads it."""

    name = models.CharField(max_length=60, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Deed(models.TextChoices):
    """What an entry of the audit log tells."""

    VIEW = "view", pgettext_lazy("deed", "Opened")
    LIST = "list", pgettext_lazy("deed", "Looked through a list")
    SEARCH = "search", pgettext_lazy("deed", "Searched")
    REPORT = "report", pgettext_lazy("deed", "Opened a report")
    EXPORT = "export", pgettext_lazy("deed", "Exported")
    PRINT = "print", pgettext_lazy("deed", "Printed")
    CREATE = "create", pgettext_lazy("deed", "Created")
    CHANGE = "change", pgettext_lazy("deed", "Changed")
    DELETE = "delete", pgettext_lazy("deed", "Deleted")
    RESTORE = "restore", pgettext_lazy("deed", "Restored")
    PURGE = "purge", pgettext_lazy("deed", "Removed for good")
    RIGHTS = "rights", pgettext_lazy("deed", "Changed people or rights")
    SETTINGS = "settings", pgettext_lazy("deed", "Changed settings")
    REFUSED = "refused", pgettext_lazy("deed", "Was refused")
    SIGN_IN = "sign_in", pgettext_lazy("deed", "Signed in")
    SIGN_OUT = "sign_out", pgettext_lazy("deed", "Signed out")
    SIGN_IN_FAILED = "sign_in_failed", pgettext_lazy("deed", "Failed to sign in")
    PASSWORD = "password", pgettext_lazy("deed", "Changed the password")
    FACTOR = "factor", pgettext_lazy("deed", "Changed the second factor")
    VIEW_AS = "view_as", pgettext_lazy("deed", "Viewed the system as another person")


class AuditEntry(models.Model):
    """One deed of one person, written once by records.audit and never changed.

    Triggers of the migration refuse UPDATE, DELETE and TRUNCATE; only `crm_purge_audit` removes
    old entries. The keys of people carry no constraint: the log outlives what it speaks of.
    """

    at = models.DateTimeField(_("When"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Person"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    acting_as = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    deed = models.CharField(_("Deed"), max_length=15, choices=Deed.choices)
    door = models.CharField(max_length=80, blank=True)
    record_type = models.CharField(max_length=30, blank=True)
    record_id = models.BigIntegerField(null=True)
    count = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(_("Address"), null=True)
    device = models.CharField(_("Device"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("Audit entry")
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["user", "-at", "-id"], name="audit_of_person"),
            models.Index(fields=["record_type", "record_id", "-at", "-id"], name="audit_of_type"),
            models.Index(fields=["address", "-at", "-id"], name="audit_from_address"),
            models.Index(
                fields=["deed", "-at", "-id"],
                name="audit_rare_deeds",
                condition=~models.Q(deed__in=["view", "list"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.user_id} {self.deed}"


class Sharing(models.TextChoices):
    """Who finds a saved view among the tabs."""

    OWN = "own", _("Only me")
    DEPARTMENT = "department", _("My department")
    EVERYBODY = "everybody", _("Everybody")


class SavedView(models.Model):
    """A named filter, sort and columns of one list; rights decide again what each reader sees."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=30)
    name = models.CharField(_("Name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    columns = models.JSONField(default=list, blank=True)
    sharing = models.CharField(
        _("Who sees it"), max_length=10, choices=Sharing.choices, default=Sharing.OWN
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["record_type", "owner"], name="saved_view_of")]

    def __str__(self) -> str:
        return self.name


class ListLayout(models.Model):
    """How one person likes one list: columns in their order, the view it opens with."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=30)
    columns = models.JSONField(default=list, blank=True)
    default_view = models.ForeignKey(
        SavedView, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "record_type"], name="list_layout_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.record_type}"


class BulkOperation(models.Model):
    """One deed on many rows, so that the person who did it can take it back once.

    `items` are [key, value before, version after]; rows somebody changed since are left alone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=30)
    act = models.CharField(max_length=10)
    items = models.JSONField(default=list)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.act}:{self.record_type}:{self.pk}"
