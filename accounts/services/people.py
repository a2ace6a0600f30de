"""People: created, changed, deactivated; never deleted."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Department, User
from accounts.services.guard import keeping_an_administrator
from accounts.services.sessions import end_sessions

PROFILE_FIELDS = (
    "last_name",
    "first_name",
    "patronymic",
    "language",
    "time_zone",
    "theme",
    "density",
)
PERSON_FIELDS = ("email", "position", "department", "import_key", *PROFILE_FIELDS)


class EmailTaken(Exception):
    """Another person already signs in with this address."""


def _named(fields: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    unknown = set(fields) - set(allowed)
    if unknown:
        raise TypeError(f"not a field of a person: {', '.join(sorted(unknown))}")
    return fields


@transaction.atomic
def create_person(
    *, email: str, password: str | None = None, department: Department | None = None, **fields: Any
) -> User:
    """Add a person; without a password they set one through the reset letter.

    Raises EmailTaken, whatever the letter case of the address.
    """
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email, password, department=department, **_named(fields, PERSON_FIELDS)
            )
    except IntegrityError as error:
        raise EmailTaken from error


def update_person(*, person: User, **fields: Any) -> User:
    """Change a person's card. Raises EmailTaken, LastAdministrator.

    Moving to another department may take away a role that was given to the old one.
    """
    _named(fields, PERSON_FIELDS)
    if "email" in fields:
        fields["email"] = User.objects.normalize_email(fields["email"]).lower()
    try:
        with keeping_an_administrator():
            return _write(person, fields)
    except IntegrityError as error:
        raise EmailTaken from error


def update_profile(*, person: User, **fields: Any) -> User:
    """Change what people may change about themselves."""
    with transaction.atomic():
        return _write(person, _named(fields, PROFILE_FIELDS))


def _write(person: User, fields: dict[str, Any]) -> User:
    row = User.objects.select_for_update().get(pk=person.pk)
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    return row


def deactivate_person(*, person: User) -> User:
    """Close the door: open sessions end on their next request. Raises LastAdministrator.

    The sign-in backend returns nobody for an inactive person; the sessions are ended as well, so
    that none comes back to life with the person.
    """
    with keeping_an_administrator():
        row = _write(person, {"is_active": False})
        end_sessions(person=row)
        return row


@transaction.atomic
def activate_person(*, person: User) -> User:
    """Open the door again, with the roles the person still has."""
    return _write(person, {"is_active": True})
