"""Text functions of the database: folding for search, the sort key for people."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations

FOLD = """
CREATE OR REPLACE FUNCTION crm_fold(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(
    lower(replace(normalize(coalesce(source, ''), NFC), chr(769), '')),
    'ёіїєґйъьэыЁІЇЄҐ''’ʼ`"«»„“”',
    'еииегиеиеиЕИИЕГ'
  )
$$;
"""
SORT_KEY = """
CREATE OR REPLACE FUNCTION crm_sort_key(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT replace(replace(replace(replace(replace(
    lower(normalize(coalesce(source, ''), NFC)),
    'ё', 'е'), 'ґ', 'г' || chr(65535)), 'є', 'е' || chr(65535)),
    'і', 'и' || chr(65535)), 'ї', 'и' || chr(65535) || chr(65535))
$$;
"""


class Migration(migrations.Migration):
    """Extensions first, then the two functions that generated columns use."""

    initial = True
    dependencies: list = []
    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION crm_fold(text)"),
        migrations.RunSQL(SORT_KEY, "DROP FUNCTION crm_sort_key(text)"),
    ]
