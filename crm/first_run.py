"""What an empty installation gets before anybody signs in."""

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone, translation

from accounts.models import User
from accounts.querysets import administrators
from accounts.services import appoint_administrator, begin_workplace, ensure_presets
from activities.defaults import create_marks
from contacts.models import Company
from deals.defaults import create_defaults
from deals.models import Deal, Pipeline
from leads.models import Lead
from records.history import cause


def set_up() -> None:
    """Preset roles; a pipeline, reasons, currencies when there is none; the company's row."""
    with cause("set_up"), translation.override(settings.LANGUAGE_CODE):
        ensure_presets()
        if not Pipeline.objects.exists():
            create_defaults(settings.LANGUAGE_CODE)
        create_marks(settings.LANGUAGE_CODE)
        begin_workplace(is_in_use=_is_in_use(), now=timezone.now())


def _is_in_use() -> bool:
    """Somebody works here already: an upgrade, not a first start."""
    records = (Lead, Deal, Company)
    return User.objects.exists() and any(model.objects.exists() for model in records)


def has_administrator() -> bool:
    """Some active person may administer."""
    return administrators().exists()


def make_administrator(email: str, password: str) -> User:
    """Set up, then appoint. Raises ValidationError for a weak password."""
    validate_password(password, User(email=email))
    set_up()
    with cause("createadmin"):
        return appoint_administrator(email=email, password=password)
