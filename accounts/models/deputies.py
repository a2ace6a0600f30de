"""Who stands in for whom, and until when."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from records.history import tracked


class DeputyQuerySet(models.QuerySet):
    """Deputies."""

    def at(self, now: datetime) -> Self:
        """Those who stand in at this moment: from the start, up to but not at the end."""
        return self.filter(starts_at__lte=now, ends_at__gt=now)


@tracked
class Deputy(models.Model):
    """A person who has the rights of another while the other is away, beside his own.

    The rights are judged as those of the absent person; they are not passed on further, and a
    deactivated person has none to lend.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Who is away"),
        on_delete=models.CASCADE,
        related_name="deputies",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Deputy"),
        on_delete=models.CASCADE,
        related_name="deputy_of",
    )
    starts_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Deputy")
        verbose_name_plural = _("Deputies")
        ordering = ["-starts_at", "-pk"]
        indexes = [models.Index(fields=["deputy", "ends_at"], name="deputy_now")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="deputy_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}→{self.deputy_id}"
