"""The second factor: a code works once, an administrator may take a lost factor away."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import Role, User

REMEMBERED = 6


@transaction.atomic
def use_code_once(*, authenticator: Authenticator, code: str) -> bool:
    """Note that a code of the app was used; False when it was used before.

    Kept with the factor in PostgreSQL: the cache, where the library notes it, may be emptied.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    used = list(row.data.get("used", []))
    digits = "".join(sign for sign in code if sign.isalnum())
    digest = salted_hmac("accounts.codes", f"{row.pk}/{digits}", algorithm="sha256").hexdigest()[
        :16
    ]
    if digest in used:
        return False
    row.data["used"] = [*used, digest][-REMEMBERED:]
    row.save(update_fields=["data"])
    return True


def require_second_factor(*, role: Role, is_required: bool) -> None:
    """Whoever holds the role sets a factor up at the next request, or no longer has to."""
    role.requires_second_factor = is_required
    role.save(update_fields=["requires_second_factor"])


@transaction.atomic
def reset_second_factor(*, person: User) -> int:
    """Remove every factor and the recovery codes of a person; returns how many.

    For somebody who lost the device: the next sign-in asks only for the password, and then for a
    new factor where a role requires one. Open sessions end.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    removed = Authenticator.objects.filter(user=locked).delete()[0]
    locked.session_epoch += 1
    locked.save(update_fields=["session_epoch"])
    return removed
