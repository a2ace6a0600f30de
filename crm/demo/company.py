"""Loading the demo company and removing exactly what was loaded."""

import random
from datetime import datetime

import pgtrigger
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import Department, RoleAssignment, User, Workplace
from accounts.services import forget_workplace
from activities.models import Activity
from catalog.models import Product
from contacts.models import Company, Contact
from crm.demo import boards, clients, costs, sales, settings, work
from crm.demo.staff import disband, hire
from crm.demo.words import SOURCES
from crm.demo.world import World
from deals.models import Competitor, Deal
from leads.models import Lead, Rule, ScoreFit, Source
from records.history import cause, forget
from reports.models import MarketingCost

PREFIX = "demo:"
SEED = 2026
ORDER = (Activity, Lead, Deal, Contact, Company, Product, User, Department)


class DemoPresent(Exception):
    """The demo company is loaded already."""


def is_loaded() -> bool:
    """Some demo person exists."""
    return User.objects.filter(import_key__startswith=PREFIX).exists()


@transaction.atomic
def load(*, now: datetime, seed: int = SEED, may_sign_in: bool = True) -> dict[str, int]:
    """Make the whole company; counts by record. Raises DemoPresent.

    `may_sign_in` gives its people the well-known password; a real installation does not.
    """
    if is_loaded():
        raise DemoPresent
    world = World(random.Random(seed), now)  # noqa: S311 - chance of a story, no secret
    with cause("demo"):
        world.people = hire(may_sign_in=may_sign_in)
        settings.set_up(world)
        clients.make_clients(world)
        sales.make_deals(world)
        sales.make_leads(world)
        work.make_work(world)
        costs.make_costs(world, seed)
        boards.make_boards(world)
        _date_history()
    return counts()


def _date_history() -> None:
    """The field history began when the record did, not when the story was loaded."""
    with pgtrigger.ignore():
        for model in (Activity, Lead, Deal, Contact, Company, Product):
            begun = _rows(model).filter(pk=OuterRef("pgh_obj_id")).values("created_at")
            events = model.pgh_event_model.objects.filter(pgh_obj_id__in=_rows(model).values("pk"))
            events.update(pgh_created_at=Subquery(begun))


def counts() -> dict[str, int]:
    """How many demo rows of each record there are."""
    return {model._meta.model_name: _rows(model).count() for model in ORDER}


@transaction.atomic
def clear() -> dict[str, int]:
    """Remove the demo rows with their histories; the counts of what had to stay.

    What real records lean on stays: a demo company that got a real deal, a demo person who owns a
    real lead. Such people are deactivated.
    """
    with pgtrigger.ignore():
        _clear_rules()
        ScoreFit.objects.all().delete()
        costs.clear_costs(_rows(User))
        boards.clear_boards(_rows(User))
        disband()
        for model in ORDER:
            _clear(model)
        used = Q(pk__in=Lead.objects.filter(source__isnull=False).values("source"))
        used |= Q(pk__in=MarketingCost.objects.values("source"))
        demo = Source.objects.filter(name__in=SOURCES, position__gt=settings.SOURCE_MARK)
        demo.exclude(used).delete()
        made = Competitor.objects.filter(name__in=settings.COMPETITORS, deals=None)
        made.filter(position__gt=settings.SOURCE_MARK).delete()
        _rows(User).update(is_active=False)
        settings.forget_rates()
        Workplace.objects.filter(is_demo=True).delete()
        Workplace.pgh_event_model.objects.filter(is_demo=True).delete()
        forget_workplace()
        _settle()
    return {name: count for name, count in counts().items() if count}


def _rows(model: type[models.Model]) -> models.QuerySet:
    return model._default_manager.filter(import_key__startswith=PREFIX)


def _clear_rules() -> None:
    """Rules whose whole pool are demo people."""
    demo = _rows(User).values("pk")
    rules = Rule.objects.filter(pool__user__in=demo, department=None)
    keys = set(rules.exclude(pool__in=_outsiders(demo)).values_list("pk", flat=True))
    Rule.objects.filter(pk__in=keys).delete()
    Rule.pgh_event_model.objects.filter(pgh_obj_id__in=keys).delete()


def _outsiders(demo: models.QuerySet) -> models.QuerySet:
    return Rule.people.through.objects.exclude(user__in=demo).values("pk")


def _clear(model: type[models.Model]) -> None:
    """Delete the demo rows nothing protected points at, and their field history."""
    rows = _rows(model)
    for relation in model._meta.get_fields(include_hidden=True):
        if _protects(relation):
            name = relation.field.attname
            held = relation.related_model._base_manager.filter(**{name: OuterRef("pk")})
            rows = rows.exclude(Exists(held))
    keys = list(rows.values_list("pk", flat=True))
    model._default_manager.filter(pk__in=keys).delete()
    forget(model, keys)
    if model is User:
        RoleAssignment.pgh_event_model.objects.filter(user_id__in=keys).delete()


def _protects(relation: object) -> bool:
    return (
        isinstance(relation, models.ManyToOneRel)
        and relation.on_delete is models.PROTECT
        and not relation.related_model._meta.proxy
    )


def _settle() -> None:
    """Deferred constraints are checked before the triggers come back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
