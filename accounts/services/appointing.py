"""The administrator of a new installation, and the way back in when the last one is lost."""

from django.db import transaction

from accounts.models import User
from accounts.services.people import create_person
from accounts.services.roles import ensure_presets, give_role


@transaction.atomic
def appoint_administrator(*, email: str, password: str) -> User:
    """Give the preset role of administrators to the person with this address.

    Somebody unknown is added; somebody known is activated and gets the new password.
    """
    role = ensure_presets()["administrator"]
    known = User.objects.select_for_update().filter(email=email.lower()).first()
    if known is None:
        known = create_person(email=email, password=password)
    else:
        known.is_active = True
        known.version += 1
        known.set_password(password)
        known.save(update_fields=["is_active", "password", "version"])
    give_role(role=role, user=known)
    return known
