"""What sources and campaigns cost by month: month, source, campaign, amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crm.importing.problems import ERROR, ImportRefused, Outcome, Problem, RowRefused
from crm.importing.tables import Row, open_table
from deals.filters import FIRST_DAY, LAST_DAY
from leads.models import Source
from records.history import cause
from records.money import parse_amount
from records.rights import SYSTEM
from reports.models import MarketingCost
from reports.sources.costs import set_cost

CHUNK = 1000
COLUMNS = ("month", "source", "amount")
MONTHS = ("%Y-%m", "%m.%Y", "%Y-%m-%d", "%d.%m.%Y")
GREATEST = Decimal(10) ** 13
LONGEST = 120
Key = tuple[int, str, date]


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be read."""

    source: Source
    campaign: str
    month: date
    amount: Decimal

    @property
    def key(self) -> Key:
        """What there is one cost of."""
        return self.source.pk, self.campaign, self.month


def import_costs(*, path: Path, by: User | None, now: datetime, dry_run: bool = False) -> Outcome:
    """Write the costs of a table; the same file again changes nothing.

    A row replaces what was known of its source, campaign and month; a second row about the same
    is refused. Raises ImportRefused when nothing can be imported at all.
    """
    if by and not by.grant(SYSTEM, "manage_rules"):
        raise ImportRefused(_("%(person)s has no right to import this.") % {"person": by})
    table = open_table(path)
    missing = sorted(set(COLUMNS) - set(table.header))
    if missing:
        raise ImportRefused(
            _("The table has no columns: %(names)s.") % {"names": ", ".join(missing)}
        )
    outcome, seen = Outcome(), set[Key]()
    sources = list(Source.objects.all())
    known = {row.name.casefold(): row for row in sources} | {row.name: row for row in sources}
    with cause("import", user_id=by.pk if by else None, record="costs", file=path.name):
        for rows in batched(table.rows(), CHUNK, strict=False):
            with transaction.atomic():
                _write(_read(rows, known, seen, outcome), outcome, by, now)
                transaction.set_rollback(dry_run)
    return outcome


def _read(
    rows: Iterable[Row], known: dict[str, Source], seen: set[Key], outcome: Outcome
) -> list[Line]:
    """Rows that make sense."""
    lines = []
    for row in rows:
        try:
            line = _line(row, known)
            if line.key in seen:
                raise RowRefused(_("An earlier row is about the same source, campaign and month."))
        except RowRefused as error:
            outcome.problems.append(Problem(row.number, ERROR, "", str(error)))
            continue
        seen.add(line.key)
        lines.append(line)
    return lines


def _line(row: Row, known: dict[str, Source]) -> Line:
    name = row.cells["source"].strip()
    source = known.get(name) or known.get(name.casefold())
    if source is None:
        raise RowRefused(_("There is no source %(name)s.") % {"name": name})
    campaign = row.cells.get("campaign", "").strip()
    if len(campaign) > LONGEST or "\x00" in campaign:
        raise RowRefused(_("Not a campaign: %(text)s.") % {"text": campaign[:LONGEST]})
    return Line(source, campaign, _month(row.cells["month"].strip()), _amount(row.cells["amount"]))


def _amount(text: str) -> Decimal:
    try:
        amount = parse_amount(text)
    except ValueError as error:
        raise RowRefused(_("Not a number: %(text)s.") % {"text": text}) from error
    if not 0 <= amount < GREATEST or amount != amount.quantize(Decimal("0.01")):
        raise RowRefused(_("Not a sum of money: %(text)s.") % {"text": text})
    return amount


def _month(text: str) -> date:
    """The first day of a month, written as `2026-11`, `11.2026`, or as any day of it."""
    for pattern in MONTHS:
        try:
            found = datetime.strptime(text, pattern).date().replace(day=1)
        except ValueError:
            continue
        if FIRST_DAY <= found <= LAST_DAY:
            return found
    raise RowRefused(_("Not a month: %(text)s.") % {"text": text})


def _write(lines: list[Line], outcome: Outcome, by: User | None, now: datetime) -> None:
    keys = [line.month for line in lines]
    known = {
        (row.source_id, row.campaign, row.month): row.amount
        for row in MarketingCost.objects.filter(month__in=keys)
    }
    for line in lines:
        if known.get(line.key) == line.amount:
            outcome.unchanged += 1
            continue
        if line.key in known:
            outcome.updated += 1
        else:
            outcome.created += 1
        set_cost(
            source=line.source,
            campaign=line.campaign,
            month=line.month,
            amount=line.amount,
            by=by,
            now=now,
        )
