"""Reads of companies and people that have a name."""

import re
from typing import Any, Self

from django.db.models import Q, TextField, Value
from django.db.models.functions import Concat

from contacts.company_names import FORMS, core_name
from records.fields import Fold
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
        """Companies with the same tax number or name; case, quotes and legal form aside."""
        same = Q()
        if tax_id:
            same |= Q(tax_id=tax_id)
        core = core_name(name)
        if core:
            same |= self._named(core)
        return self.filter(same) if same else self.none()

    def _named(self, core: str) -> Q:
        """The core found through the index, then nothing but a legal form and the tax number."""
        forms = Fold(Value("|".join(FORMS)))
        around = (Value("^(("), forms, Value(r")[\s,.]+)?"), Fold(Value(re.escape(core))))
        tail = (Value(r"([\s,]+("), forms, Value(r")\.?)?\s*[0-9]*\s*$"))
        pattern = Concat(*around, *tail, output_field=TextField())
        return Q(search_text__contains=Fold(Value(core)), search_text__regex=pattern)


class ContactQuerySet(ReachableQuerySet):
    """People."""
