"""The purchase ledger as RFM and customer value read it: one row a customer and local day.

A day whose sum is below zero is a return: it lowers the money and is no purchase.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from contacts.models import Company, Contact
from deals.models import Deal, Purchase
from records.rights import Person

NO_ROWS = "SELECT NULL::bigint, NULL::bigint, NULL::date, NULL::numeric WHERE false"
COLUMNS = ("company_id", "contact_id", "day", "amount")
MERGED = """
SELECT company_id, contact_id, day, (sum(amount) / 100)::numeric(17, 2)
FROM ({}) AS row (company_id, contact_id, day, amount) GROUP BY company_id, contact_id, day
"""
NAMES = "WITH purchase(company_id, contact_id, day, amount) AS ({})"


@dataclass(frozen=True, slots=True)
class Source:
    """A query of (company, contact, day, amount): one row a customer and day, and its values."""

    sql: str
    params: tuple[Any, ...] = ()

    def rows(self, sql: str, params: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Run `sql` that reads from `purchase`."""
        text = f"{NAMES.format(self.sql)} {sql}"
        with connection.cursor() as cursor:
            cursor.execute(text, [*self.params, *params])
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def named_rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The same with parameters by name."""
        names = {f"s{at}": value for at, value in enumerate(self.params)}
        marks = tuple(f"%({name})s" for name in names)
        inner = self.sql.replace("%%", "%%%%") % marks if marks else self.sql
        with connection.cursor() as cursor:
            cursor.execute(f"{NAMES.format(inner)} {sql}", {**names, **params})
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def zone() -> ZoneInfo:
    """The zone of the organisation, in which a purchase has its day."""
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    """The day it is for the organisation."""
    return timezone.now().astimezone(zone()).date()


def all_purchases(as_of: date) -> Source:
    """Every purchase up to the day `as_of`."""
    return _source([Purchase.objects.all()], as_of)


def visible_purchases(user: Person, as_of: date, **customer: Any) -> Source:
    """Purchases in the deals the person may see, and the history of customers he may see.

    `company` or `contact` narrows to one customer.
    """
    rows = Purchase.objects.filter(**customer)
    return _source([rows.of_deals_seen(user), rows.of_cards_seen(user)], as_of)


def purchases_of_deals(deals: QuerySet[Deal], as_of: date) -> Source:
    """Purchases made in these deals."""
    return _source([Purchase.objects.filter(deal__in=deals.order_by().values("pk"))], as_of)


def _source(parts: Iterable[QuerySet[Purchase]], as_of: date) -> Source:
    """Rows up to the end of the day, merged by customer and day, in whole units of money."""
    texts: list[str] = []
    params: list[Any] = []
    for part in parts:
        rows = part.filter(day__lte=as_of).order_by()
        try:
            sql, given = rows.values_list(*COLUMNS).query.sql_with_params()
        except EmptyResultSet:
            continue
        texts.append(sql)
        params += given
    if not texts:
        return Source(NO_ROWS)
    return Source(MERGED.format(" UNION ALL ".join(texts)), tuple(params))


def wholly_seen(rows: QuerySet, user: Person) -> QuerySet:
    """Rows of customers whose card and every purchase the person may see."""
    companies = Company.objects.visible_to(user).values("pk")
    contacts = Contact.objects.visible_to(user).values("pk")
    rows = rows.filter(Q(company__in=companies) | Q(contact__in=contacts))
    unseen = Purchase.objects.of_deals_unseen(user)
    of_companies = unseen.filter(company__isnull=False).values("company")
    of_contacts = unseen.filter(contact__isnull=False).values("contact")
    return rows.exclude(company__in=of_companies).exclude(contact__in=of_contacts)


def with_cards(user: Person, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with `customer`: the company or contact, or None when the person may not see it."""
    listed = [dict(row) for row in rows]
    companies = {row["company_id"] for row in listed if row["company_id"]}
    contacts = {row["contact_id"] for row in listed if row["contact_id"]}
    seen_companies = Company.objects.visible_to(user).in_bulk(companies) if companies else {}
    seen_contacts = Contact.objects.visible_to(user).in_bulk(contacts) if contacts else {}
    for row in listed:
        row["customer"] = seen_companies.get(row["company_id"]) or seen_contacts.get(
            row["contact_id"]
        )
    return listed


def with_deals(user: Person, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with `deals`: how many won deals the list of the customer's deals shows the person.

    None without a card: the list cannot ask for such a customer. The count may differ from that
    of purchases: deals of one day are one purchase, a deal of nothing is none, history has none.
    """
    won = Deal.objects.visible_to(user).won().order_by()
    counts: dict[tuple[str, int], int] = {}
    for name in ("company_id", "contact_id"):
        keys = [row[name] for row in rows if row["customer"] and row[name]]
        found = won.filter(**{f"{name}__in": keys}).values_list(name).annotate(Count("pk"))
        counts |= {(name, key): count for key, count in found}
    for row in rows:
        name = "company_id" if row["company_id"] else "contact_id"
        row["deals"] = counts.get((name, row[name]), 0) if row["customer"] else None
    return rows
