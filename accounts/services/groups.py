"""Groups: made, changed, deleted."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from accounts.models import Group, User
from accounts.services.guard import keeping_an_administrator


@transaction.atomic
def create_group(*, name: str, members: Iterable[User] = ()) -> Group:
    """Add a group of people."""
    group = Group.objects.create(name=name)
    group.members.set(members)
    return group


def update_group(*, group: Group, name: str, members: Iterable[User]) -> Group:
    """Rename it and make these its members. Raises LastAdministrator."""
    with keeping_an_administrator():
        Group.objects.filter(pk=group.pk).update(name=name, version=F("version") + 1)
        group.members.set(members)
        group.refresh_from_db()
        return group


def delete_group(*, group: Group) -> None:
    """Remove it with the roles given through it. Raises LastAdministrator."""
    with keeping_an_administrator():
        Group.objects.filter(pk=group.pk).delete()
