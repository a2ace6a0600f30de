"""People who sign in."""

import zoneinfo
from functools import reduce
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.holdings import holders_for
from accounts.querysets import requires_second_factor
from records.history import tracked
from records.holders import FieldRights, Holder
from records.names import full_name, initials, short_name
from records.rights import SYSTEM, Grant


class UserManager(BaseUserManager):
    """Creates people by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class Theme(models.TextChoices):
    """How the pages look."""

    SYSTEM = "system", _("As in the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    """How close the rows of lists stand."""

    COMPACT = "compact", _("Compact")
    NORMAL = "normal", _("Spacious")


class Language(models.TextChoices):
    """Languages of the interface."""

    RU = "ru", _("Russian")
    UK = "uk", _("Ukrainian")
    EN = "en", _("English")


def zone_choices() -> list[tuple[str, str]]:
    """Every IANA zone of the server."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


@tracked
class User(AbstractBaseUser):
    """A person who signs in by e-mail; deactivated, never deleted."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    record_type = "user"

    email = models.EmailField(_("E-mail"), unique=True)
    last_name = models.CharField(_("Surname"), max_length=80, blank=True)
    first_name = models.CharField(_("Given name"), max_length=80, blank=True)
    patronymic = models.CharField(_("Patronymic"), max_length=80, blank=True)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    department = models.ForeignKey(
        "accounts.Department",
        verbose_name=_("Department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
    )
    language = models.CharField(
        _("Language"), max_length=5, choices=Language.choices, default=Language.RU
    )
    time_zone = models.CharField(_("Time zone"), max_length=60, blank=True)
    theme = models.CharField(_("Theme"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(
        _("Rows of lists"),
        max_length=10,
        choices=Density.choices,
        default=Density.COMPACT,
        db_default=Density.COMPACT,
    )
    is_active = models.BooleanField(_("Active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    session_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1)
    import_key = models.CharField(max_length=200, null=True, blank=True, unique=True)

    objects = UserManager()

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")
        ordering = ["last_name", "first_name", "pk"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holders: list[Holder] | None = None
        self._fields: dict[str, FieldRights] = {}
        self._conditions: dict[Any, Any] = {}

    def __str__(self) -> str:
        return self.short_name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions live as long as the password and the epoch; see services.end_sessions."""
        value = self.password + (f"/{self.session_epoch}" if self.session_epoch else "")
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def second_factor_is_due(self) -> bool:
        """A role demands a second factor and there is none yet: nothing else opens."""
        return getattr(self, "may_lack_factor", False) and requires_second_factor(self)

    @property
    def full_name(self) -> str:
        """Surname, given name, patronymic."""
        return full_name(self.last_name, self.first_name, self.patronymic)

    @property
    def short_name(self) -> str:
        """Surname and initials."""
        return short_name(self.last_name, self.first_name, self.patronymic)

    @property
    def initials(self) -> str:
        """Two letters for an avatar."""
        return initials(self.last_name, self.first_name) or self.email[:2].upper()

    def holders(self) -> list[Holder]:
        """The person and everybody the person stands in for; read once per request.

        Nobody for a deactivated person. A request reads its person anew, so a change of roles,
        departments or deputies counts from the next request on.
        """
        if not self.is_active:
            return []
        if self._holders is None:
            self._holders = holders_for(self, timezone.now())
        return self._holders

    def hold(self, holders: list[Holder]) -> None:
        """Keep rights that were read together with those of other people."""
        self._holders, self._fields, self._conditions = holders, {}, {}

    def conditions(self) -> dict[Any, Any]:
        """What rights have already made of the holders; forgotten together with them."""
        self.holders()
        return self._conditions

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Rights are read again too."""
        super().refresh_from_db(*args, **kwargs)
        self._holders, self._fields, self._conditions = None, {}, {}

    def grant(self, record_type: str, action: str) -> Grant:
        """The united grant of all roles, those of the people one stands in for included."""
        grants = (holder.grant(record_type, action) for holder in self.holders())
        return reduce(Grant.united, grants, Grant())

    def fields(self, record_type: str) -> FieldRights:
        """What the person may do with the fields that rules may name."""
        if record_type not in self._fields:
            self._fields[record_type] = FieldRights(record_type, self.holders())
        return self._fields[record_type]

    def has_right(self, name: str) -> bool:
        """A right of the whole system, such as `administer`."""
        return bool(self.grant(SYSTEM, name))
