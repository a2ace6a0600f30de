"""References by import key or by name, one query per chunk and kind."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import Department, Role, User
from accounts.querysets import people_reached
from catalog.models import Currency, Product
from contacts.models import Company, Contact
from crm.importing.mapping import FieldRule
from crm.importing.problems import ImportRefused, RowRefused
from deals.models import Competitor, Deal, LossReason, Pipeline, Stage
from leads.models import Lead, Source
from records.models import Record

FINDABLE: dict[type[models.Model], tuple[str, ...]] = {
    User: ("key", "email"),
    Department: ("key", "name"),
    Role: ("preset", "name"),
    Company: ("key", "name", "tax_id"),
    Contact: ("key",),
    Product: ("name", "key", "sku"),
    Lead: ("key",),
    Deal: ("key",),
    Source: ("name",),
    LossReason: ("name",),
    Competitor: ("name",),
    Currency: ("code",),
    Stage: ("name",),
}
CREATABLE = (Source, LossReason, Competitor, Currency)
COLUMN = {"key": "import_key"}
TWICE = object()


def find_by(model: type[models.Model], rule: FieldRule) -> str:
    """The field references of a rule are found by. Raises ImportRefused for one not allowed."""
    allowed = FINDABLE[model]
    by = rule.by or allowed[0]
    if by not in allowed:
        raise ImportRefused(
            _("“%(name)s” can be found by: %(allowed)s.")
            % {"name": rule.name, "allowed": ", ".join(allowed)}
        )
    if rule.create and model not in CREATABLE:
        raise ImportRefused(_("“%(name)s” cannot be created on the way.") % {"name": rule.name})
    return by


class Lookups:
    """Found keys of referenced records, limited to what the actor may see."""

    def __init__(self, actor: User | None, pipeline: Pipeline | None, record_type: str) -> None:
        self.actor = actor
        self.pipeline = pipeline
        self.record_type = record_type
        self.found: dict[tuple[type[models.Model], str], dict[str, Any]] = {}

    def prime(self, model: type[models.Model], rule: FieldRule, texts: Iterable[str]) -> None:
        """Look all texts of a chunk up at once; create the missing ones if the rule says so."""
        by = find_by(model, rule)
        known = self.found.setdefault((model, by), {})
        wanted = {rule.key.replace("{}", text) if by == "key" else text for text in texts if text}
        wanted -= known.keys()
        if not wanted:
            return
        column = COLUMN.get(by, by)
        known.update(dict.fromkeys(wanted))
        for text, pk in (
            self._rows(model).filter(**{f"{column}__in": wanted}).values_list(column, "pk")
        ):
            known[text] = pk if known.get(text) is None else TWICE
        if rule.create:
            for text in sorted(text for text in wanted if known[text] is None):
                known[text] = _created(model, text)

    def get(self, model: type[models.Model], rule: FieldRule, text: str) -> Any:
        """The key of the referenced row. Raises RowRefused when there is none, or two."""
        by = find_by(model, rule)
        wanted = rule.key.replace("{}", text) if by == "key" else text
        pk = self.found[(model, by)].get(wanted)
        if pk is None:
            raise RowRefused(_("Not found: %(text)s.") % {"text": text})
        if pk is TWICE:
            raise RowRefused(_("Found more than once: %(text)s.") % {"text": text})
        return pk

    def _rows(self, model: type[models.Model]) -> models.QuerySet:
        if model is Stage:
            return Stage.objects.filter(pipeline=self.pipeline)
        if self.actor and model is User:
            return people_reached(self.actor, self.record_type, "import")
        if self.actor and issubclass(model, Record):
            return model.objects.visible_to(self.actor)
        if issubclass(model, Record):
            return model.objects.alive()
        return model._default_manager.all()


def _created(model: type[models.Model], text: str) -> Any:
    if model is Currency:
        is_base = not Currency.objects.filter(is_base=True).exists()
        return Currency.objects.create(code=text, symbol=text, is_base=is_base).pk
    return model._default_manager.create(name=text).pk
