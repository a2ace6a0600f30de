"""The filter of the list of products."""

import django_filters
from django.db.models import QuerySet, Value
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from records.fields import Fold


class ProductFilter(django_filters.FilterSet):
    """By words of the name and by group."""

    q = django_filters.CharFilter(label=_("Search"), method="by_words", max_length=200)
    group = django_filters.CharFilter(label=_("Group"), max_length=120)
    price_from = django_filters.NumberFilter(
        label=_("Price from"), field_name="price", lookup_expr="gte", max_value=10**13
    )
    price_to = django_filters.NumberFilter(
        label=_("Price to"), field_name="price", lookup_expr="lte", max_value=10**13
    )
    is_active = django_filters.BooleanFilter(label=_("Active"))

    class Meta:
        model = Product
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.form.fields.values():
            field.widget.attrs["placeholder"] = field.label

    def by_words(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        """Every word somewhere in the folded name or article."""
        for word in text.split()[:6]:
            rows = rows.filter(search_text__contains=Fold(Value(word)))
        return rows
