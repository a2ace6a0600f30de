"""Pages of products."""

from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from catalog.filters import ProductFilter
from catalog.forms import ProductForm
from catalog.models import Product
from records.policy import record
from records.views import RecordCreate, RecordDelete, RecordList, RecordUpdate


class ProductList(RecordList):
    """Products by name."""

    policy = record("product")
    model = Product
    template_name = "catalog/product_list.html"
    filterset_class = ProductFilter
    sorts = {"name": ("name", "id"), "price": ("-price", "-id")}
    default_sort = "name"

    def decorate(self, rows: QuerySet) -> QuerySet:
        return rows.select_related("currency")


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


class ProductDelete(RecordDelete):
    """Into the trash."""

    policy = record("product", "delete")
    model = Product
    success_url = reverse_lazy("catalog:product_list")
