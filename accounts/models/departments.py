"""The tree of departments."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.history import tracked


@tracked
class Department(models.Model):
    """A department; `path` holds the keys from the root, so a subtree is one prefix.

    The path is written by accounts.services.place_department only.
    """

    name = models.CharField(_("Name"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("Part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    head = models.ForeignKey(
        "accounts.User",
        verbose_name=_("Head"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    path = models.CharField(max_length=200, editable=False, default="", db_default="")
    is_active = models.BooleanField(_("Active"), default=True)
    version = models.PositiveIntegerField(default=1, db_default=1)
    import_key = models.CharField(max_length=200, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("Department")
        verbose_name_plural = _("Departments")
        ordering = ["path"]
        indexes = [
            models.Index(fields=["path"], name="department_path", opclasses=["text_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a root department."""
        return self.path.count(".") - 1
