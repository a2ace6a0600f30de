"""What an empty installation gets before anybody signs in."""

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import translation

from accounts.models import User
from accounts.querysets import administrators
from accounts.services import appoint_administrator, ensure_presets
from deals.defaults import create_defaults
from deals.models import Pipeline
from records.history import cause


def set_up() -> None:
    """Preset roles, and a pipeline with reasons and currencies when there is none."""
    with cause("set_up"), translation.override(settings.LANGUAGE_CODE):
        ensure_presets()
        if not Pipeline.objects.exists():
            create_defaults(settings.LANGUAGE_CODE)


def has_administrator() -> bool:
    """Some active person may administer."""
    return administrators().exists()


def make_administrator(email: str, password: str) -> User:
    """Set up, then appoint. Raises ValidationError for a weak password."""
    validate_password(password, User(email=email))
    set_up()
    with cause("createadmin"):
        return appoint_administrator(email=email, password=password)
