"""Pages of products."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from catalog.columns import PRODUCT_COLUMNS
from catalog.filters import ProductFilter
from catalog.forms import ProductForm
from catalog.models import Product
from records.listing import TableExport, TableList
from records.policy import record
from records.views import RecordCreate, RecordDelete, RecordUpdate


class ProductList(TableList):
    """Products by name."""

    policy = record("product")
    model = Product
    title = _("Products")
    list_name = "catalog:product_list"
    export_name = "catalog:product_export"
    head_template = "catalog/list_head.html"
    empty_icon = "package"
    empty_title = _("No products yet")
    empty_text = _("A product or a service can be put on a deal with its price.")
    columns = PRODUCT_COLUMNS
    presets = ((_("All"), ""), (_("Active"), "is_active=true"))
    filterset_class = ProductFilter
    sorts = {"name": ("name", "id"), "name_down": ("-name", "-id")}
    default_sort = "name"

    def decorate(self, rows: QuerySet) -> QuerySet:
        return rows.select_related("currency")


class ProductExport(TableExport, ProductList):
    """The filtered products as a file."""

    policy = record("product", "export")


class ProductCreate(RecordCreate):
    """A new product."""

    policy = record("product", "create")
    model = Product
    form_class = ProductForm
    title = _("New product")


class ProductUpdate(RecordUpdate):
    """A changed product."""

    policy = record("product", "change")
    model = Product
    form_class = ProductForm
    title = _("Edit product")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A product has no card: what a card offers stands in the head of the form."""
        return super().get_context_data(menu_record=self.object, **kwargs)


class ProductDelete(RecordDelete):
    """Into the trash."""

    policy = record("product", "delete")
    model = Product
    success_url = reverse_lazy("catalog:product_list")
