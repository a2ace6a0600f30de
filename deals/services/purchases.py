"""The purchase ledger follows the won deals."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction

KEEP = """
WITH bought AS (
    SELECT id AS deal_id, company_id,
        CASE WHEN company_id IS NULL THEN contact_id END AS contact_id,
        (closed_at AT TIME ZONE %(zone)s)::date AS day, (amount_base * 100)::bigint AS amount
    FROM deals_deal
    WHERE id = ANY(%(deals)s) AND status = 'won' AND deleted_at IS NULL AND amount_base > 0
        AND (company_id IS NOT NULL OR contact_id IS NOT NULL)
), gone AS (
    DELETE FROM deals_purchase
    WHERE deal_id = ANY(%(deals)s) AND deal_id NOT IN (SELECT deal_id FROM bought)
)
INSERT INTO deals_purchase AS kept (deal_id, company_id, contact_id, day, amount)
SELECT deal_id, company_id, contact_id, day, amount FROM bought
ON CONFLICT (deal_id) DO UPDATE SET company_id = excluded.company_id,
    contact_id = excluded.contact_id, day = excluded.day, amount = excluded.amount
WHERE (kept.company_id, kept.contact_id, kept.day, kept.amount)
    IS DISTINCT FROM (excluded.company_id, excluded.contact_id, excluded.day, excluded.amount)
"""


@transaction.atomic
def keep_purchases(deals: Iterable[int]) -> None:
    """Make the ledger say about these deals what they are now, in the caller's transaction.

    A purchase is a won deal with a customer and more than 0, on the local day of its closing in
    the zone of the organisation. Any write that bypasses `deals.services` calls this itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"deals": list(deals), "zone": settings.TIME_ZONE})
