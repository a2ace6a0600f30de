"""Reads of companies and people that have a name."""

import re
from typing import Any, Self

from django.db.models import Model, Q, TextField, Value
from django.db.models.functions import Concat

from contacts.company_names import FORMS, core_name
from records.clauses import KEY_CLIENT, Guard
from records.fields import Fold
from records.holders import Holder
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

    def guards(self, holder: Holder) -> list[Guard]:
        """Key clients do not exist for whoever has a role that hides them."""
        hidden = Q(is_key=False)
        return [Guard(hidden, KEY_CLIENT, holder)] if holder.is_novice else []

    def containing(self, needle: Any) -> Self:
        """Name or tax number; the name only for whoever may not see tax numbers."""
        if self.hides("tax_id"):
            return self.annotate(open_text=Fold("name")).filter(open_text__contains=needle)
        return self.filter(search_text__contains=needle)

    def key(self) -> Self:
        """Key clients."""
        return self.filter(is_key=True)

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

    def guards(self, holder: Holder) -> list[Guard]:
        """Neither key clients nor the people of key companies for whoever must not see them."""
        if not holder.is_novice:
            return []
        manager: Any = self.model._default_manager
        keys = manager.key().values("pk")
        return [Guard(~Q(pk__in=keys), KEY_CLIENT, holder)]

    def key(self) -> Self:
        """Key clients, and everybody who works in a key company."""
        return self.filter(self._is_key())

    def _is_key(self) -> Q:
        employment: Any = self.model._meta.get_field("employments").related_model
        of_key = employment._default_manager.filter(company__is_key=True)
        return Q(is_key=True) | Q(pk__in=of_key.values("contact"))


def key_client_guards(model: type[Model], holder: Holder, links: tuple[str, ...]) -> list[Guard]:
    """Rows of another type that hang on a key client, closed to whoever must not see those."""
    if not holder.is_novice:
        return []
    passed = Q()
    for name in links:
        related: Any = model._meta.get_field(name).related_model
        passed &= ~Q(**{f"{name}__in": related._default_manager.key().values("pk")})
    return [Guard(passed, KEY_CLIENT, holder)]
