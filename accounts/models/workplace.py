"""The company that works here: its name, country, language, zone and hours."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.users import Language
from records.history import tracked

WEEK = [
    (1, _("Mo")),
    (2, _("Tu")),
    (3, _("We")),
    (4, _("Th")),
    (5, _("Fr")),
    (6, _("Sa")),
    (7, _("Su")),
]


class Country(models.TextChoices):
    """Countries with rules of their own here; the code is the region of phone numbers."""

    UA = "UA", _("Ukraine")
    RU = "RU", _("Russia")
    KZ = "KZ", _("Kazakhstan")
    BY = "BY", _("Belarus")
    OTHER = "", _("Another country")


def work_week() -> list[int]:
    """Monday to Friday."""
    return [1, 2, 3, 4, 5]


@tracked
class Workplace(models.Model):
    """The one company of an installation; until `set_up_at` the first run is still to be done.

    Days are ISO numbers, Monday is 1. Hours are wall time in the company's zone. `is_demo` marks
    the one that came with the demo company and goes with it.
    """

    name = models.CharField(_("Company name"), max_length=120, blank=True)
    country = models.CharField(
        _("Country"), max_length=2, choices=Country.choices, blank=True, default=""
    )
    language = models.CharField(
        _("Language"), max_length=5, choices=Language.choices, default=Language.RU
    )
    time_zone = models.CharField(_("Time zone"), max_length=60, blank=True)
    work_days = ArrayField(
        models.PositiveSmallIntegerField(choices=WEEK),
        verbose_name=_("Working days"),
        default=work_week,
    )
    work_from = models.TimeField(_("Work begins"), default=time(9, 0))
    work_to = models.TimeField(_("Work ends"), default=time(18, 0))
    set_up_at = models.DateTimeField(null=True, blank=True)
    steps_hidden_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("Own company")
        verbose_name_plural = _("Own company")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="workplace_only_one"),
            models.CheckConstraint(
                condition=Q(work_to__gt=F("work_from")), name="workplace_day_has_hours"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def awaits_setup(self) -> bool:
        """Stored, and the first run was not done."""
        return self.pk is not None and self.set_up_at is None
