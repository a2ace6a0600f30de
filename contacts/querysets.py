"""Reads of companies and people that have a name."""

from typing import Any, Self

from django.db.models import Q, Value

from records.fields import SortKey
from records.querysets import RecordQuerySet


class ReachableQuerySet(RecordQuerySet):
    """Records that have phones and e-mails."""

    def with_channels(self) -> Self:
        """Phones and e-mails in two queries for the whole page."""
        return self.prefetch_related("phones", "emails")

    def reached_by(self, phones: list[str], emails: list[str]) -> Self:
        """Records that share a phone or an e-mail key, each once."""
        if not phones and not emails:
            return self.none()
        holders: list[Any] = []
        for relation, field, keys in (("phones", "e164", phones), ("emails", "address", emails)):
            related: Any = self.model._meta.get_field(relation)
            rows = related.related_model._default_manager.filter(**{f"{field}__in": keys})
            holders.append(rows.exclude(**{related.field.name: None}).values(related.field.attname))
        return self.filter(Q(pk__in=holders[0]) | Q(pk__in=holders[1]))


class CompanyQuerySet(ReachableQuerySet):
    """Companies."""

    def same_as(self, name: str, tax_id: str) -> Self:
        """Companies with the same tax number or the same name, letter case aside."""
        same = Q()
        if tax_id:
            same |= Q(tax_id=tax_id)
        if name.strip():
            same |= Q(sort_key=SortKey(Value(name.strip())))
        return self.filter(same) if same else self.none()


class ContactQuerySet(ReachableQuerySet):
    """People."""
