"""The first run as one write: company, money, pipeline, people, demo."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Role, User
from accounts.services import (
    create_person,
    end_setup,
    rename_presets,
    save_workplace,
    set_roles_of,
    update_profile,
)
from activities.defaults import rename_marks
from catalog.services import choose_base
from crm.demo import company as demo
from deals.defaults import rename_defaults
from deals.models import Deal
from deals.trades import begin_with


class AlreadySetUp(Exception):
    """Somebody did it before."""


class OnlyDemoPeople(Exception):
    """Nobody but demo people could administer afterwards."""


@transaction.atomic
def set_up_company(
    *,
    company: dict[str, Any],
    currency: str,
    trade: str,
    names: dict[str, str],
    emails: list[str],
    role: Role | None,
    with_demo: bool,
    by: User,
    now: datetime,
) -> list[User]:
    """Do the first run; the people to be written to. Raises AlreadySetUp, EmailTaken."""
    if not end_setup(now=now):
        raise AlreadySetUp
    save_workplace(**company)
    language = company["language"]
    update_profile(
        person=by, language=language, **{key: text for key, text in names.items() if text}
    )
    rename_presets(language=language)
    rename_defaults(language)
    rename_marks(language)
    if not Deal.objects.exists():
        choose_base(currency)
    if trade:
        begin_with(trade=trade, language=language)
    invited = [_invited(email, role, company) for email in emails]
    if with_demo and not demo.is_loaded():
        demo.load(now=now, may_sign_in=False)
    return invited


def _invited(email: str, role: Role | None, company: dict[str, Any]) -> User:
    person = create_person(email=email, language=company["language"])
    set_roles_of(user=person, roles=[role] if role else [])
    return person


@transaction.atomic
def remove_demo(*, by: User) -> dict[str, int]:
    """Take the demo company out; counts of what real records hold. Raises OnlyDemoPeople."""
    if (by.import_key or "").startswith(demo.PREFIX):
        raise OnlyDemoPeople
    return demo.clear()
