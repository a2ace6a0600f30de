"""The customer-value run: read purchases, fit the models, store every customer's value.

Only background work and commands come here: fitting loads numpy and scipy.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction

from catalog.services import base_code
from reports import customer_value as models
from reports.customer_value import Array, Cells
from reports.models import CustomerValue, CustomerValueRun
from reports.purchases import all_purchases

LOCK = 7_203_115  # the key of the advisory lock of this computation
HORIZON_WEEKS = 52
ANNUAL_RATE = 0.15
MARGIN = 1.0
MIN_CUSTOMERS = 50
MIN_REPEATERS = 20
BATCH = 5000

SUMMARY_SQL = """
, ordered AS (
    SELECT *, min(day) FILTER (WHERE amount >= 0)
        OVER (PARTITION BY company_id, contact_id) AS first
    FROM purchase
)
SELECT company_id, contact_id, count(*) FILTER (WHERE amount >= 0) - 1 AS x,
       max(day) FILTER (WHERE amount >= 0) - min(first) AS t_x,
       %s::date - min(first) AS age, sum(amount) AS revenue,
       coalesce(sum(amount) FILTER (WHERE day > first)
           / nullif(count(*) FILTER (WHERE day > first AND amount >= 0), 0), 0) AS mean
FROM ordered GROUP BY company_id, contact_id HAVING max(amount) >= 0
ORDER BY company_id, contact_id
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Customers with their purchases, as columns for the models."""

    rows: list[dict[str, Any]]

    def column(self, name: str, unit: float = 1) -> Array:
        """Values of one column in units."""
        return np.array([row[name] for row in self.rows], dtype=float) / unit

    @property
    def repeaters(self) -> int:
        """Customers who bought on more than one day."""
        return sum(row["x"] > 0 for row in self.rows)

    def fingerprint(self, *facts: Any) -> str:
        """Changes when any customer's figures or the settings do."""
        digest = hashlib.sha256(repr(facts).encode())
        for row in self.rows:
            digest.update(repr(tuple(row.values())).encode())
        return digest.hexdigest()


@dataclass(slots=True)
class Forecast:
    """What the models say: columns by customer, or None where they must stay silent."""

    parameters: dict[str, Any]
    warnings: list[dict[str, Any]]
    alive: Array | None = None
    expected: Array | None = None
    spent: Array | None = None
    value: Array | None = None


def summarise(as_of: date) -> Summary:
    """One row a customer over the whole ledger."""
    return Summary(all_purchases(as_of).rows(SUMMARY_SQL, [as_of]))


def forecast(summary: Summary) -> Forecast:
    """Fit and score: MBG/NBD for the customers, BG/NBD beside it as the reference."""
    x, mean = summary.column("x"), summary.column("mean")
    if x.size < MIN_CUSTOMERS or summary.repeaters < MIN_REPEATERS:
        facts = {"customers": int(x.size), "repeaters": summary.repeaters}
        return Forecast({}, [{"code": "not_enough_history", **facts}])
    cells, index = Cells.of(
        x,
        summary.column("t_x", models.DAYS_IN_WEEK),
        summary.column("age", models.DAYS_IN_WEEK),
    )
    main = models.fit_purchasing(cells, modified=True)
    reference = models.fit_purchasing(cells, modified=False)
    spending = models.fit_spending(x, mean)
    related = models.correlation(x, mean)
    result = Forecast(
        {
            "cells": int(cells.x.size),
            "mbg_nbd": main.as_dict(),
            "bg_nbd": reference.as_dict(),
            "gamma_gamma": spending.as_dict(),
            "correlation": round(related, 4),
        },
        [],
        expected=main.expected(cells, HORIZON_WEEKS)[index],
    )
    if main.degenerate(cells):
        result.warnings.append({"code": "leaving_not_seen"})
    else:
        result.alive = main.alive(cells)[index]
    returned = int(np.count_nonzero((x > 0) & (mean <= 0)))
    if returned:
        result.warnings.append({"code": "returned", "customers": returned})
    if abs(related) > models.CORRELATION_LIMIT:
        result.warnings.append({"code": "correlation", "value": round(related, 2)})
    if spending.degenerate:
        result.warnings.append({"code": "spending_not_fitted"})
        return result
    known = mean > 0
    result.spent = spending.conditional_mean(np.where(known, x, 0), np.where(known, mean, 0))
    bought = main.discounted(cells, HORIZON_WEEKS, ANNUAL_RATE)[index]
    result.value = bought * result.spent * MARGIN
    return result


@transaction.atomic
def refresh_customer_values(*, as_of: date, now: datetime) -> CustomerValueRun | None:
    """Make a new current run unless nothing has changed since the stored one.

    Returns the current run, or None when another process is at it. Readers see the old run until
    the transaction ends; runs that are no longer current are removed.
    """
    if not _take_lock():
        return None
    summary = summarise(as_of)
    settings = {
        "horizon_weeks": HORIZON_WEEKS,
        "annual_rate": ANNUAL_RATE,
        "margin": MARGIN,
        "currency": base_code(),
    }
    source = summary.fingerprint(as_of, settings)
    current = CustomerValueRun.objects.filter(is_current=True).first()
    if current and current.parameters.get("source") == source:
        return current
    result = forecast(summary)
    run = CustomerValueRun.objects.create(
        started_at=now,
        as_of=as_of,
        customers=len(summary.rows),
        parameters={**settings, "source": source, **result.parameters},
        warnings=result.warnings,
    )
    CustomerValue.objects.bulk_create(_values(run, summary, result), batch_size=BATCH)
    _make_current(run)
    return run


def _take_lock() -> bool:
    """An advisory lock until the end of the transaction, or False at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), clock_timestamp()", [LOCK])
        return bool(cursor.fetchone()[0])


def _make_current(run: CustomerValueRun) -> None:
    CustomerValueRun.objects.exclude(pk=run.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        run.finished_at = cursor.fetchone()[0]
    run.is_current = True
    run.save(update_fields=["finished_at", "is_current"])


def _values(run: CustomerValueRun, summary: Summary, result: Forecast) -> list[CustomerValue]:
    """Rows to store; what the models do not tell stays empty."""
    spent = None
    if result.expected is not None and result.spent is not None:
        spent = result.expected * result.spent * MARGIN
    return [
        CustomerValue(
            run=run,
            company_id=row["company_id"],
            contact_id=row["contact_id"],
            purchases=row["x"] + 1,
            revenue=row["revenue"],
            alive_probability=_number(result.alive, at),
            expected_purchases=_number(result.expected, at),
            expected_value=_money(spent, at),
            lifetime_value=_money(result.value, at),
        )
        for at, row in enumerate(summary.rows)
    ]


def _number(column: Array | None, at: int) -> float | None:
    return float(column[at]) if column is not None and np.isfinite(column[at]) else None


def _money(column: Array | None, at: int) -> Decimal | None:
    found = _number(column, at)
    return None if found is None else Decimal(f"{found:.2f}")
