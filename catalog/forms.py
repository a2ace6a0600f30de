"""Forms of products."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from records.forms import MoneyField, RecordForm


class ProductForm(RecordForm):
    """A product or service."""

    price = MoneyField(label=_("Price"))

    class Meta:
        model = Product
        fields = ["name", "group", "sku", "unit", "price", "currency", "is_active"]
        widgets = {"is_active": forms.CheckboxInput}
