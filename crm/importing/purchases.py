"""Purchase history of years before the CRM: customer key, day, amount."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.models import Company, Contact
from crm.importing.problems import ERROR, ImportRefused, Outcome, Problem, RowRefused
from crm.importing.tables import Row, open_table
from deals.filters import FIRST_DAY, LAST_DAY
from deals.models import Purchase
from records.history import cause
from records.money import parse_amount

CHUNK = 1000
COLUMNS = ("customer", "date", "amount")
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d")
GREATEST = Decimal(10) ** 13
MADE = ("company", "contact")
Customer = Company | Contact


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be read; `amount` in minor units of the base currency."""

    number: int
    customer: str
    day: date
    amount: int
    key: str


def import_purchases(
    *, path: Path, by: User | None, now: datetime, make: str = "", dry_run: bool = False
) -> Outcome:
    """Store the purchases that are not yet there; the same file again changes nothing.

    A customer is found by the import key of a company, then of a contact; with `make` an unknown
    one is made. Raises ImportRefused when nothing can be imported at all.
    """
    if by and not by.grant("deal", "import"):
        raise ImportRefused(_("%(person)s has no right to import this.") % {"person": by})
    table = open_table(path)
    missing = sorted(set(COLUMNS) - set(table.header))
    if missing:
        raise ImportRefused(
            _("The table has no columns: %(names)s.") % {"names": ", ".join(missing)}
        )
    outcome, seen = Outcome(), Counter[str]()
    with cause("import", user_id=by.pk if by else None, record="purchases", file=path.name):
        for rows in batched(table.rows(), CHUNK, strict=False):
            with transaction.atomic():
                _chunk(_read(rows, seen, outcome), outcome, by, now, make)
                transaction.set_rollback(dry_run)
    return outcome


def _read(rows: Iterable[Row], seen: Counter[str], outcome: Outcome) -> list[Line]:
    """Rows that make sense; equal rows of one file are told apart by their number."""
    lines = []
    for row in rows:
        try:
            customer, day, amount = _cells(row)
        except RowRefused as error:
            outcome.problems.append(Problem(row.number, ERROR, "", str(error)))
            continue
        same = f"{customer}|{day}|{amount}"
        seen[same] += 1
        lines.append(Line(row.number, customer, day, amount, f"{same}|{seen[same]}"))
    return lines


def _cells(row: Row) -> tuple[str, date, int]:
    customer = row.cells["customer"].strip()
    if not customer or len(customer) > 120:
        raise RowRefused(_("A value is required."))
    text = row.cells["amount"].strip()
    try:
        amount = parse_amount(text)
    except ValueError as error:
        raise RowRefused(_("Not a number: %(text)s.") % {"text": text}) from error
    if abs(amount) >= GREATEST or amount != amount.quantize(Decimal("0.01")):
        raise RowRefused(_("Not a sum of money: %(text)s.") % {"text": text})
    return customer, _day(row.cells["date"].strip()), int(amount * 100)


def _day(text: str) -> date:
    for pattern in DAYS:
        try:
            found = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        if FIRST_DAY <= found <= LAST_DAY:
            return found
    raise RowRefused(_("Not a date: %(text)s.") % {"text": text})


def _chunk(lines: list[Line], outcome: Outcome, by: User | None, now: datetime, make: str) -> None:
    customers = _customers({line.customer for line in lines}, by, now, make)
    rows = []
    for line in lines:
        customer = customers.get(line.customer)
        if customer is None:
            text = _("There is no customer with this key: %(key)s.") % {"key": line.customer}
            outcome.problems.append(Problem(line.number, ERROR, "customer", text))
            continue
        rows.append(
            Purchase(
                **{customer.record_type: customer},
                day=line.day,
                amount=line.amount,
                import_key=line.key,
            )
        )
    known = Purchase.objects.filter(import_key__in=[row.import_key for row in rows])
    keys = set(known.values_list("import_key", flat=True))
    fresh = [row for row in rows if row.import_key not in keys]
    Purchase.objects.bulk_create(fresh)
    outcome.created += len(fresh)
    outcome.unchanged += len(keys)


def _customers(keys: set[str], by: User | None, now: datetime, make: str) -> dict[str, Customer]:
    """Living customers by their import key, a company before a contact."""
    found: dict[str, Customer] = {}
    for model in (Contact, Company):
        rows = model.objects.visible_to(by) if by else model.objects.alive()
        found |= {row.import_key: row for row in rows.filter(import_key__in=keys)}
    if make:
        fields = {"owner": by, "created_by": by, "created_at": now}
        fresh = sorted(keys - found.keys())
        found |= {row.import_key: row for row in _make(make, fresh, fields)}
    return found


def _make(kind: str, keys: list[str], fields: dict[str, Any]) -> Iterable[Customer]:
    if kind == "company":
        return Company.objects.bulk_create(
            [Company(name=key, import_key=key, **fields) for key in keys]
        )
    return Contact.objects.bulk_create(
        [Contact(last_name=key, import_key=key, **fields) for key in keys]
    )
