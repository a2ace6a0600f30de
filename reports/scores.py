"""Monthly RFM scores: stored by background work, compared month with month."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from records.rights import Person
from reports.models import CustomerScore
from reports.periods import months_later
from reports.purchases import all_purchases, wholly_seen
from reports.rfm import FIXED, SCORED, segment_of

KEPT_MONTHS = 13
ALL_SQL = "SELECT company_id, contact_id, r, f, m FROM scored"


def month_ends(today: date) -> list[date]:
    """The first days of the kept months that are over, the earliest first."""
    this = today.replace(day=1)
    return [months_later(this, -back) for back in range(KEPT_MONTHS, 0, -1)]


@transaction.atomic
def store_month(month: date) -> int:
    """Score every customer as of the last day of the month anew; how many there are."""
    last = months_later(month, 1) - timedelta(days=1)
    rows = all_purchases(last).rows(SCORED + ALL_SQL, [last, *FIXED.params])
    CustomerScore.objects.filter(month=month).delete()
    CustomerScore.objects.bulk_create(
        [CustomerScore(month=month, segment=segment_of(row["r"], row["f"]), **row) for row in rows],
        batch_size=5000,
    )
    return len(rows)


def store_missing(today: date) -> list[date]:
    """Score the months that are over and not stored; forget the old ones."""
    wanted = month_ends(today)
    CustomerScore.objects.filter(month__lt=wanted[0]).delete()
    have = set(CustomerScore.objects.values_list("month", flat=True).distinct())
    missing = [month for month in wanted if month not in have]
    for month in missing:
        store_month(month)
    return missing


def stored_months() -> list[date]:
    """Months with scores, the latest first."""
    months = CustomerScore.objects.order_by("-month").values_list("month", flat=True)
    return list(months.distinct())


def moved(user: Person, before: date, after: date) -> QuerySet[CustomerScore]:
    """Customers scored in `after` with `was`: their segment in `before`, empty for new ones."""
    past = CustomerScore.objects.filter(month=before)
    of_company = past.filter(company=OuterRef("company")).values("segment")[:1]
    of_contact = past.filter(contact=OuterRef("contact")).values("segment")[:1]
    rows = wholly_seen(CustomerScore.objects.filter(month=after), user)
    return rows.annotate(was=Coalesce(Subquery(of_company), Subquery(of_contact), Value("")))


def migrations(user: Person, before: date, after: date) -> dict[tuple[str, str], int]:
    """Counts by (segment before, segment after)."""
    rows: Any = moved(user, before, after)
    groups = rows.order_by().values("was", "segment").annotate(n=Count("pk"))
    return {(row["was"], row["segment"]): row["n"] for row in groups}
