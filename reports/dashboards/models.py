"""Dashboards and their tiles."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.querysets import assignments_of


def shown_to(user: Any) -> Q:
    """One's own, those shown to everybody, and those given to a role that the person holds."""
    roles = assignments_of(user).values("role")
    return Q(owner=user.pk) | Q(is_shared=True) | Q(role__in=roles)


class DashboardQuerySet(models.QuerySet):
    """Boards of tiles."""

    def seen_by(self, user: Any) -> Self:
        """What the person may open; the numbers in it are always the viewer's own."""
        return self.filter(shown_to(user)).select_related("owner", "role")

    def kept_by(self, user: Any) -> Self:
        """What the person may change."""
        return self.filter(owner=user.pk)


class Dashboard(models.Model):
    """Tiles in an order; `role` makes it the first page of reports of whoever holds the role."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dashboards"
    )
    name = models.CharField(_("Name"), max_length=80)
    is_shared = models.BooleanField(_("Show to everybody who sees reports"), default=False)
    role = models.ForeignKey(
        "accounts.Role",
        verbose_name=_("Give to the role"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DashboardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="dashboard_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboards:board", args=[self.pk])


class Tile(models.Model):
    """A report on a dashboard; `query` is the address after the question mark."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="tiles")
    report = models.CharField(max_length=20)
    query = models.CharField(max_length=1000, blank=True)
    title = models.CharField(_("Title"), max_length=80, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title or self.report
