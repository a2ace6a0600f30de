"""First steps of a new company on My day: done is what the data say, nothing is ticked by hand."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User, Workplace
from accounts.services import workplace
from activities.models import Activity
from contacts.models import Company, Contact
from crm.demo.company import PREFIX
from deals.models import Deal
from leads.models import Lead, Rule

OWN = Q(import_key=None) | ~Q(import_key__startswith=PREFIX)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: where, and whether it is done."""

    title: Any
    url: str
    is_done: bool
    in_dialog: bool = False


STEPS: tuple[tuple[str, Any, str, bool], ...] = (
    ("people", _("Invite colleagues"), "accounts:people", False),
    ("departments", _("Make departments and name their heads"), "accounts:departments", False),
    ("stages", _("Look through the stages of the pipeline"), "deals:pipelines", False),
    ("clients", _("Add the first client"), "contacts:company_create", True),
    ("rules", _("Say who gets new leads"), "leads:rules", False),
    ("lead", _("Take in the first lead"), "leads:create", True),
    ("deal", _("Open the first deal"), "deals:create", True),
    ("task", _("Plan the first task"), "activities:create", True),
)


def _own(model: Any) -> QuerySet:
    return model._default_manager.filter(OWN)


def _facts() -> dict[str, Any]:
    """What tells that a step is done; demo rows do not count."""
    stage_events = Deal.stage.field.related_model.pgh_event_model
    return {
        "people": Exists(_own(User).filter(is_active=True)[1:2]),
        "departments": Exists(_own(Department)),
        "stages": Exists(stage_events.objects.filter(pgh_label="update")),
        "clients": Exists(_own(Company)) | Exists(_own(Contact)),
        "rules": Exists(Rule.objects.exclude(pool__user__import_key__startswith=PREFIX)),
        "lead": Exists(_own(Lead)),
        "deal": Exists(_own(Deal)),
        "task": Exists(_own(Activity)),
        "demo": Exists(User.objects.filter(import_key__startswith=PREFIX)),
    }


def first_steps(user: Any) -> list[Step]:
    """For administrators of a company that was set up here, until all are done or put away."""
    place = workplace()
    is_new = place.set_up_at and not place.steps_hidden_at
    if not is_new or not user.has_right("administer"):
        return []
    facts = Workplace.objects.filter(pk=1).values(**_facts()).first() or {}
    steps = [
        Step(title, reverse(name), bool(facts.get(key)), in_dialog)
        for key, title, name, in_dialog in STEPS
    ]
    if facts.get("demo"):
        steps.append(Step(_("Remove the demo company"), reverse("company"), False))
    return [] if all(step.is_done for step in steps) else steps
