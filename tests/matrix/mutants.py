"""Holes cut into the product one at a time: the matrix must see each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404

from accounts.adapter import EmailBackend
from accounts.forms import PersonField
from accounts.models import Notification, User
from accounts.views import notifications
from activities.models import Activity
from contacts.models import Company, Contact
from deals.models import Deal
from leads.models import Lead
from records import forms, views
from records.holders import Giving, Holder
from records.querysets import RecordQuerySet
from records.rights import Grant, Scope

Patch = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A hole, where to look for it (record types of the policy; "" is any), and as whom."""

    name: str
    cut: Patch
    kinds: tuple[str, ...] = ("deal", "lead", "contact", "company", "activity", "product")
    people: tuple[str, ...] = ("manager",)


def everything(self: Any, user: Any) -> Any:
    return self.alive()


def unscoped(model: Any) -> Patch:
    """Every living row of one model is visible to all."""

    def cut(patch: Any) -> None:
        queryset = type(model._default_manager.all())
        patch.setattr(queryset, "visible_to", everything, raising=False)
        patch.setattr(queryset, "permitted", lambda self, user, action: self.alive(), raising=False)

    return cut


def bare_find(model: Any, user: Any, pk: int, action: str, *, lock: bool = False) -> Any:
    row = model._base_manager.filter(pk=pk, deleted_at__isnull=True).first()
    if row is None:
        raise Http404
    return row


def replaced(owner: Any, name: str, value: Any) -> Patch:
    """One attribute is something else."""
    return lambda patch: patch.setattr(owner, name, value)


def nothing_narrowed(patch: Any) -> None:
    """Related choices of forms hold everybody's rows."""
    original = forms.RecordForm.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for item in self.fields.values():
            model = getattr(getattr(item, "queryset", None), "model", None)
            if hasattr(model, "record_type"):
                item.queryset = model._base_manager.all()

    patch.setattr(forms.RecordForm, "__init__", init)


def ghosts(patch: Any) -> None:
    """A deactivated person keeps the session."""
    patch.setattr(EmailBackend, "user_can_authenticate", lambda self, user: True)


def everybodys_notices(patch: Any) -> None:
    patch.setattr(
        notifications,
        "get_object_or_404",
        lambda model, pk, **rest: Notification.objects.get(pk=pk),
    )


def bare_view(view: Any, action: str) -> Patch:
    """A generic page forgets the check of its row."""

    def get_object(self: Any, *args: Any, **kwargs: Any) -> Any:
        return bare_find(self.model, None, self.kwargs["pk"], action)

    return replaced(view, "get_object", get_object)


def all_rows(*args: Any, **kwargs: Any) -> Q:
    return Q()


def wider(change: Callable[[Q, str], Q]) -> Patch:
    """The scope filter with something added."""
    original = Holder.owned_within

    def owned_within(self: Holder, scope: Scope, owner: str = "owner") -> Q:
        return change(original(self, scope, owner), owner)

    return replaced(Holder, "owned_within", owned_within)


def any_person(self: Any, user: Any, instance: Any = None) -> None:
    self.queryset = User.objects.filter(is_active=True)


def any_row(self: Any, *, lock: bool = False) -> Any:
    return bare_find(self.model, None, self.kwargs["pk"], "change")


MUTANTS = [
    Mutant("leads unscoped", unscoped(Lead), ("lead",)),
    Mutant("deals unscoped", unscoped(Deal), ("deal",)),
    Mutant("contacts unscoped", unscoped(Contact), ("contact",)),
    Mutant("companies unscoped", unscoped(Company), ("company",)),
    Mutant("activities unscoped", unscoped(Activity), ("activity",)),
    Mutant("the scope filter lets all in", replaced(Holder, "owned_within", all_rows)),
    Mutant("the trash is shown", replaced(RecordQuerySet, "alive", lambda self: self.all())),
    Mutant("find_record asks nothing", replaced(views, "find_record", bare_find)),
    Mutant("admit asks nothing", replaced(views, "admit", lambda user, policy: None)),
    Mutant(
        "every grant reaches all",
        replaced(Giving, "grant", lambda self, kind, action: Grant(Scope.ALL, True)),
    ),
    Mutant(
        "everybody has every right",
        replaced(User, "grant", lambda self, kind, action: Grant(Scope.ALL, True)),
    ),
    Mutant(
        "a department is the company",
        replaced(Holder, "people", lambda self, scope: ~Q(pk__in=[])),
        people=("head",),
    ),
    Mutant(
        "rows of nobody are everybody's",
        wider(lambda rows, owner: rows | Q(**{f"{owner}__isnull": True})),
    ),
    Mutant("a deactivated person stays", ghosts, ("",), ("deactivated",)),
    Mutant(
        "a list forgets the scope",
        replaced(views.RecordList, "get_queryset", lambda self: self.model._base_manager.all()),
    ),
    Mutant("a card forgets the check", bare_view(views.RecordDetail, "view")),
    Mutant("delete forgets the check", bare_view(views.RecordDelete, "delete"), people=("head",)),
    Mutant("edit forgets the check", replaced(views.RecordUpdate, "find", any_row)),
    Mutant("related choices are wide", nothing_narrowed, people=("manager", "head")),
    Mutant(
        "anybody may be made the owner",
        replaced(PersonField, "narrow", any_person),
        people=("manager", "head"),
    ),
    Mutant("notices of others open", everybodys_notices, ("",)),
]
