"""Who takes part in a deal, and whether it is closed to everybody else."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import NotificationKind, User
from accounts.services import notify
from deals.models import Deal, DealParticipant
from deals.services.errors import DealRuleError
from deals.services.rows import check_version, lock_deal, write

MOST_PARTICIPANTS = 50


@transaction.atomic
def set_participants(
    *,
    deal_id: int,
    ways: Mapping[int, bool],
    is_restricted: bool,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Deal:
    """Make these people the participants: key of the person -> whether he edits the deal.

    A restricted deal is seen by the owner, the heads above and the participants alone. Refused:
    a newcomer whom the roles do not let see it, and a restriction that would close the deal to
    whoever sets it. Raises StaleVersionError, DealRuleError with the field `user_<key>` or
    `is_restricted`.
    """
    deal = lock_deal(deal_id)
    check_version(deal, version)
    wanted = {pk: can_change for pk, can_change in ways.items() if pk != deal.owner_id}
    if len(wanted) > MOST_PARTICIPANTS:
        raise DealRuleError(
            _("At most %(count)d people take part in a deal.") % {"count": MOST_PARTICIPANTS}
        )
    present = {part.user_id: part for part in deal.participants.all()}
    newcomers = _newcomers(wanted.keys() - present.keys())
    if _is_same(deal, present, wanted, is_restricted):
        return deal
    for pk, part in present.items():
        if pk not in wanted:
            part.delete()
        elif part.can_change != wanted[pk]:
            part.can_change = wanted[pk]
            part.save(update_fields=["can_change"])
    for person in newcomers:
        DealParticipant.objects.create(
            deal=deal, user=person, can_change=wanted[person.pk], added_by=by
        )
    write(deal, now, is_restricted=is_restricted)
    _check_seen(deal, newcomers, by)
    _tell(deal, newcomers, by, now)
    return deal


def _is_same(
    deal: Deal, present: Mapping[int, DealParticipant], wanted: dict[int, bool], is_restricted: bool
) -> bool:
    """Nothing is asked for: the version and the history stay as they are."""
    ways = {pk: part.can_change for pk, part in present.items()}
    return ways == wanted and deal.is_restricted == is_restricted


def _newcomers(keys: set[int]) -> list[User]:
    found = list(User.objects.filter(pk__in=keys, is_active=True).order_by("pk"))
    gone = keys - {person.pk for person in found}
    for pk in gone:
        raise DealRuleError(_("This person no longer works here."), field=f"user_{pk}")
    return found


def _check_seen(deal: Deal, newcomers: list[User], by: User) -> None:
    """Everybody named sees the deal, and so does whoever names them."""
    for person in newcomers:
        if not Deal.objects.visible_to(person).filter(pk=deal.pk).exists():
            raise DealRuleError(
                _("The roles of %(person)s do not let this deal be seen.") % {"person": person},
                field=f"user_{person.pk}",
            )
    if not Deal.objects.visible_to(by).filter(pk=deal.pk).exists():
        raise DealRuleError(
            _("You would not see the deal any more: take part in it, or leave it open."),
            field="is_restricted",
        )


def _tell(deal: Deal, newcomers: list[User], by: User, now: datetime) -> None:
    """One notice for each newcomer but oneself, in his language."""
    for person in newcomers:
        if person.pk == by.pk:
            continue
        with translation.override(person.language):
            text = _("%(person)s asks you to take part in the deal “%(deal)s”") % {
                "person": by,
                "deal": deal,
            }
        notify(
            user_id=person.pk,
            kind=NotificationKind.ASSIGNED,
            key=f"deal-part:{deal.pk}:{now.isoformat()}",
            text=text,
            url=deal.get_absolute_url(),
            now=now,
        )
