"""Columns of the list of products."""

from django.utils.translation import gettext_lazy as _

from records.columns import Column

PRODUCT_COLUMNS = [
    Column("name", _("Name"), lambda row: row.name, "main", sorts=("name", "name_down")),
    Column("group", _("Group"), lambda row: row.group, width="w-180"),
    Column("sku", _("Article"), lambda row: row.sku, width="w-150"),
    Column("unit", _("Unit"), lambda row: row.unit, width="w-80"),
    Column("price", _("Price"), lambda row: (row.price, row.currency_id), "money", "w-150"),
    Column("is_active", _("Active"), lambda row: row.is_active, "tick", "w-100"),
]
