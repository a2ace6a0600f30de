from django.conf import settings
from django.db import migrations

FILL = """
INSERT INTO deals_purchase (deal_id, company_id, contact_id, day, amount)
SELECT id, company_id, CASE WHEN company_id IS NULL THEN contact_id END,
    (closed_at AT TIME ZONE %s)::date, (amount_base * 100)::bigint
FROM deals_deal
WHERE status = 'won' AND deleted_at IS NULL AND amount_base > 0
    AND (company_id IS NOT NULL OR contact_id IS NOT NULL)
ON CONFLICT (deal_id) DO NOTHING
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL, [settings.TIME_ZONE])


class Migration(migrations.Migration):
    dependencies = [("deals", "0004_purchase_ledger")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
