"""The product is never left without somebody who may administer it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.models import RoleGrant
from accounts.querysets import administrators
from records.rights import SYSTEM


class LastAdministrator(Exception):
    """The change would leave no active person with the right to administer."""


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Run a change and roll it back if it takes away the last active administrator.

    The grants of the right are locked first, so two administrators who remove each other at
    the same moment are judged one after the other. Raises LastAdministrator.
    """
    with transaction.atomic():
        rights = RoleGrant.objects.filter(record_type=SYSTEM, action="administer")
        list(rights.select_for_update().order_by("pk").values_list("pk", flat=True))
        was_administered = administrators().exists()
        yield
        if was_administered and not administrators().exists():
            raise LastAdministrator
