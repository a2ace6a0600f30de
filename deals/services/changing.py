"""Amount, lines, owner, trash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from activities.models import Activity, Reminder, ReminderState
from catalog.models import Currency, Product
from deals.models import Deal, DealLine
from deals.services.creating import in_base
from deals.services.errors import DealRuleError
from deals.services.rows import check_version, lock_deal, write
from deals.services.stage_rules import check_kept
from records.events import publish

MOST_LINES = 200
AMOUNT_LIMIT = Decimal(10) ** 13
EDITABLE = {"title", "company", "contact", "source", "expected_close_date", "description"}


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as the editor sends it; `pk` of an existing line of the same deal or None."""

    name: str
    quantity: Decimal
    price: Decimal
    product: Product | None = None
    discount: Decimal = Decimal(0)
    vat: Decimal = Decimal(0)
    pk: int | None = None


@transaction.atomic
def edit_deal(
    *,
    deal_id: int,
    by: User,
    now: datetime,
    amount: Decimal | None = None,
    currency: Currency | None = None,
    version: int | None = None,
    **fields: Any,
) -> Deal:
    """Change plain fields, and the sum by the rule of `change_amount`.

    What the stage of an open deal demands is not emptied. Raises DealRuleError.
    """
    deal = lock_deal(deal_id)
    check_version(deal, version)
    unknown = set(fields) - EDITABLE
    if unknown:
        raise ValueError(f"not editable here: {sorted(unknown)}")
    money = _money(deal, deal.amount if amount is None else amount, currency, now)
    changed = {name: value for name, value in fields.items() if getattr(deal, name) != value}
    if deal.is_open:
        check_kept(deal.stage, {**changed, **money})
    if changed or money:
        write(deal, now, **changed, **money)
    return deal


@transaction.atomic
def change_amount(
    *,
    deal_id: int,
    amount: Decimal,
    by: User,
    now: datetime,
    currency: Currency | None = None,
    version: int | None = None,
) -> Deal:
    """Set the sum by hand; a deal with lines has the sum of its lines. Raises DealRuleError."""
    return edit_deal(
        deal_id=deal_id, by=by, now=now, amount=amount, currency=currency, version=version
    )


def _money(deal: Deal, amount: Decimal, currency: Currency | None, now: datetime) -> dict[str, Any]:
    """The columns of a new sum, empty when it stays."""
    currency = currency or deal.currency
    if amount == deal.amount and currency == deal.currency:
        return {}
    if not amount.is_finite() or amount < 0:
        raise DealRuleError(_("The amount cannot be negative."), field="amount")
    if amount != deal.amount and deal.lines.exists():
        raise DealRuleError(_("The amount is the sum of the lines. Change them."), field="amount")
    return {
        "amount": amount,
        "currency": currency,
        "amount_base": in_base(amount, currency, now),
    }


@transaction.atomic
def save_lines(
    *,
    deal_id: int,
    lines: Sequence[LineInput],
    by: User,
    now: datetime,
    version: int | None = None,
) -> Deal:
    """Replace the lines; the amount of the deal becomes their sum.

    Without lines the amount stays as it was and may be changed by hand again.
    Raises DealRuleError, StaleVersionError.
    """
    deal = lock_deal(deal_id)
    check_version(deal, version)
    if len(lines) > MOST_LINES:
        raise DealRuleError(_("A deal holds at most %(count)d lines.") % {"count": MOST_LINES})
    kept = _write_lines(deal, lines)
    deal.lines.exclude(pk__in=kept).delete()
    total = deal.lines.aggregate(total=Sum("total"))["total"]
    if total is None:
        write(deal, now)
        return deal
    if total >= AMOUNT_LIMIT:
        raise DealRuleError(_("The sum is too large."))
    write(deal, now, amount=total, amount_base=in_base(total, deal.currency, now))
    return deal


def _write_lines(deal: Deal, lines: Sequence[LineInput]) -> list[int]:
    """Update the known lines, add the new ones; their keys."""
    own = {line.pk: line for line in deal.lines.all()}
    kept = []
    for position, given in enumerate(lines):
        _check_line(given)
        line = own.get(given.pk) if given.pk else DealLine(deal=deal)
        if line is None:
            raise DealRuleError(_("A line of this deal is no longer there."))
        for name in ("name", "quantity", "price", "product", "discount", "vat"):
            setattr(line, name, getattr(given, name))
        line.position = position
        line.save()
        kept.append(line.pk)
    return kept


def _check_line(line: LineInput) -> None:
    if not line.name.strip():
        raise DealRuleError(_("Name every line."))
    if line.quantity <= 0 or line.price < 0 or not 0 <= line.discount <= 100:
        raise DealRuleError(
            _("Check the quantity, the price and the discount of “%s”.") % line.name
        )
    if line.quantity * line.price >= AMOUNT_LIMIT:
        raise DealRuleError(_("The sum of “%s” is too large.") % line.name)


@transaction.atomic
def reassign_deal(
    *, deal_id: int, owner: User, by: User, now: datetime, version: int | None = None
) -> Deal:
    """Give the deal to another active person, with the former owner's open activities on it.

    Raises DealRuleError, StaleVersionError.
    """
    deal = lock_deal(deal_id)
    if deal.owner_id == owner.pk:
        return deal
    if not owner.is_active:
        raise DealRuleError(_("This person no longer works here."), field="owner")
    check_version(deal, version)
    former = deal.owner
    write(deal, now, owner=owner)
    if former is not None:
        _hand_over(deal, former, owner, now)
    publish("deal.assigned", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal


def _hand_over(deal: Deal, former: User, owner: User, now: datetime) -> None:
    """Planned activities and their waiting reminders follow the deal."""
    planned = Activity.objects.alive().planned().filter(deal=deal, owner=former)
    keys = list(planned.select_for_update(of=("self",)).values_list("pk", flat=True))
    Activity.objects.filter(pk__in=keys).update(
        owner=owner, version=F("version") + 1, updated_at=now
    )
    waiting = Reminder.objects.filter(activity__in=keys, user=former, state=ReminderState.WAITING)
    doubled = Reminder.objects.filter(activity__in=keys, user=owner).values("activity", "due_at")
    taken = {(row["activity"], row["due_at"]) for row in doubled}
    for reminder in waiting.select_for_update():
        if (reminder.activity_id, reminder.due_at) in taken:
            reminder.state = ReminderState.CANCELLED
        else:
            reminder.user = owner
        reminder.save(update_fields=["state", "user"])


@transaction.atomic
def delete_deal(*, deal_id: int, by: User, now: datetime) -> Deal:
    """Put the deal into the trash; its stage history and lines stay with it."""
    deal = lock_deal(deal_id)
    write(deal, now, deleted_at=now)
    publish("deal.deleted", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal


@transaction.atomic
def restore_deal(*, deal_id: int, by: User, now: datetime) -> Deal:
    """Take the deal out of the trash; a won one counts as a purchase again."""
    deal = Deal.objects.select_for_update(of=("self",)).get(pk=deal_id, deleted_at__isnull=False)
    write(deal, now, deleted_at=None)
    publish("deal.restored", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal
