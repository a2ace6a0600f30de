"""Holes cut into the product one at a time: the matrix must see each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db.models import Q
from django.http import Http404

from accounts.adapter import EmailBackend
from accounts.forms import PersonField
from accounts.models import Notification, User
from accounts.views import notifications, sessions
from activities import parents
from activities import querysets as activity_rows
from activities.models import Activity
from activities.querysets import ActivityQuerySet
from activities.services import sweep
from contacts import duplicates
from contacts.models import Company, Contact
from crm import access_page, pick, search
from crm.lists import bulk
from crm.lists import views as list_views
from deals import filters
from deals import querysets as deal_rows
from deals.models import Deal
from deals.querysets import DealQuerySet
from deals.views import acts, cards, lists
from leads import querysets as lead_rows
from leads.models import Lead
from leads.views import acts as lead_acts
from records import forms, holders, listing, views
from records.holders import Giving, Holder
from records.querysets import RecordQuerySet
from records.rights import Grant, Scope
from records.saved_views import SavedViewQuerySet
from reports import asking, clv
from tests.matrix import aggregates, beyond, list_checks

FOUND = access_page.Found
Patch = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A hole, the door to look for it behind, and as whom."""

    name: str
    cut: Patch
    door: str
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


def open_model(model: Any) -> Any:
    """Stands for the model in one module: there everybody sees everything."""
    rows = model._default_manager
    manager = SimpleNamespace(
        visible_to=lambda user: rows.alive(),
        permitted=lambda user, action: rows.alive(),
        alive=rows.alive,
        filter=rows.filter,
    )
    return SimpleNamespace(objects=manager, _default_manager=manager, _meta=model._meta)


def blind_timeline(self: Any, record: Any, user: Any) -> Any:
    return self.alive().of(record)


def others_of_anybody(self: Any) -> Any:
    client = Q(company=self.object.company_id) | Q(contact=self.object.contact_id)
    return Deal.objects.alive().filter(client)


def open_seen(rows: Any, user: Any) -> dict[tuple[str, int | None], Any]:
    """The records of the rows, whoever asks."""
    keys = {row.deal_id for row in rows} - {None}
    return {("deal", deal.pk): deal for deal in Deal.objects.alive().filter(pk__in=keys)}


def any_row_of(self: Any) -> Any:
    """A choice of a filter offers everybody's rows."""
    return None if self._queryset is None else self._queryset.model._base_manager.all()


@dataclass(frozen=True, slots=True)
class MutantBeyond:
    """A hole beside the pages, and the check that must see it."""

    name: str
    cut: Patch
    check: Callable[[Any], list[str]]


def shown_doubles(matches: Any, seen: Any) -> duplicates.Duplicates:
    return duplicates.Duplicates(list(matches.with_channels()[:5]), False)


def all_values(run: Any, user: Any) -> Any:
    return run.values.all()


def rows_of_the_views_owner(self: Any) -> Any:
    reader = self.view_now.owner if self.view_now else self.request.user
    return self.model._default_manager.visible_to(reader)


def any_deed(patch: Any) -> None:
    """Whoever may treat many rows may do anything to them."""
    patch.setattr(bulk, "RIGHTS", dict.fromkeys(bulk.RIGHTS, "view"))
    patch.setattr(listing.TableList, "bulk_acts", lambda self: list(bulk.RIGHTS))


def no_guards(model: Any) -> Patch:
    """Key clients exist for novices too, in one model."""
    return replaced(type(model._default_manager.all()), "guards", lambda self, holder: [])


def hanging_on_key(module: Any) -> Patch:
    """What hangs on a key client is open, in one module."""
    return replaced(module, "key_client_guards", lambda model, holder, links: [])


def anybodys(module: Any) -> Patch:
    """A row of somebody is found by its key alone."""

    def found(rows: Any, **named: Any) -> Any:
        model = getattr(rows, "model", rows)
        return model._base_manager.get(pk=named["pk"])

    return replaced(module, "get_object_or_404", found)


def summed_over_all(self: Any, rows: Any) -> dict[str, Any]:
    return {"count": self.model._default_manager.alive().count()}


BEYOND = [
    MutantBeyond(
        "letters go to whoever lost the record",
        replaced(sweep, "_still_wanted", lambda claimed: {row.pk for row in claimed}),
        beyond.reminder_leaks,
    ),
    MutantBeyond(
        "the warning names every double",
        replaced(duplicates, "_split", shown_doubles),
        beyond.duplicate_leaks,
    ),
    MutantBeyond(
        "the value adds up all customers",
        replaced(clv, "visible_values", all_values),
        lambda asker: aggregates.report_errors(asker, ("head",)),
    ),
    MutantBeyond(
        "reports add up all deals",
        replaced(asking.Asked, "deals", lambda self: Deal.objects.alive().order_by()),
        lambda asker: aggregates.report_errors(asker, ("head",)),
    ),
    MutantBeyond(
        "lists count all rows",
        replaced(views.RecordList, "totals", summed_over_all),
        lambda asker: aggregates.list_errors(asker, ("manager",)),
    ),
    MutantBeyond(
        "a deed on many rows forgets the scope",
        replaced(bulk, "RECORDS", {"deal": open_model(Deal), "lead": open_model(Lead)}),
        lambda asker: list_checks.bulk_errors(asker, ("head",), ("lead",)),
    ),
    MutantBeyond(
        "a deed on many rows asks only the right to many",
        any_deed,
        lambda asker: list_checks.bulk_errors(asker, ("manager",), ("deal",)),
    ),
    MutantBeyond(
        "a shared view shows the rows of its owner",
        replaced(listing.TableList, "get_queryset", rows_of_the_views_owner),
        lambda asker: list_checks.shared_view_errors(asker, ("manager",), ("lead",)),
    ),
    MutantBeyond(
        "views of others are tabs",
        replaced(SavedViewQuerySet, "visible_to", lambda self, user: self.all()),
        lambda asker: list_checks.shared_view_errors(asker, ("manager",), ("lead",)),
    ),
    MutantBeyond(
        "search beside the page forgets the scope",
        replaced(search, "MODELS", {"lead": open_model(Lead), "company": open_model(Company)}),
        lambda asker: beyond.search_leaks(asker, ("manager",)),
    ),
]
MUTANTS = [
    Mutant("leads unscoped", unscoped(Lead), "leads:list"),
    Mutant("deals unscoped", unscoped(Deal), "deals:board"),
    Mutant("contacts unscoped", unscoped(Contact), "contacts:contact_list"),
    Mutant("companies unscoped", unscoped(Company), "contacts:company_list"),
    Mutant("activities unscoped", unscoped(Activity), "activities:detail"),
    Mutant("scope filter lets all in", replaced(Holder, "owned_within", all_rows), "deals:list"),
    Mutant(
        "trash is shown",
        replaced(RecordQuerySet, "alive", lambda self: self.all()),
        "contacts:contact_detail",
    ),
    Mutant("card asks nothing", replaced(views, "find_record", bare_find), "leads:detail"),
    Mutant("act asks nothing", replaced(acts, "find_record", bare_find), "deals:win"),
    Mutant(
        "act of a lead asks nothing", replaced(lead_acts, "find_record", bare_find), "leads:take"
    ),
    Mutant("history asks nothing", replaced(cards, "find_record", bare_find), "deals:history"),
    Mutant(
        "anybody is told of hidden records",
        replaced(access_page.WhoSees, "_is_administrator", True),
        "access",
    ),
    Mutant(
        "the explanation names the record that is hidden from its reader",
        replaced(access_page, "Found", lambda record, is_hidden: FOUND(record, is_hidden=False)),
        "access",
        ("admin",),
    ),
    Mutant(
        "timeline asks nothing", replaced(parents, "find_record", bare_find), "activities:timeline"
    ),
    Mutant(
        "policy is not asked", replaced(views, "admit", lambda user, policy: None), "deals:rates"
    ),
    Mutant(
        "every grant reaches all",
        replaced(Giving, "grant", lambda self, kind, action: Grant(Scope.ALL, True)),
        "deals:detail",
    ),
    Mutant(
        "everybody has every right",
        replaced(User, "grant", lambda self, kind, action: Grant(Scope.ALL, True)),
        "accounts:roles",
    ),
    Mutant(
        "a department is the company",
        replaced(holders, "people_keys", lambda lookup, value: User.objects.values("pk")),
        "deals:update",
        ("head",),
    ),
    Mutant(
        "rows of nobody are everybody's",
        wider(lambda rows, owner: rows | Q(**{f"{owner}__isnull": True})),
        "leads:edit",
    ),
    Mutant("a deactivated person stays", ghosts, "home", ("deactivated",)),
    Mutant(
        "a list forgets the scope",
        replaced(views.RecordList, "get_queryset", lambda self: self.model._default_manager.all()),
        "deals:list",
    ),
    Mutant(
        "a card forgets the check", bare_view(views.RecordDetail, "view"), "contacts:company_detail"
    ),
    Mutant(
        "delete forgets the check",
        bare_view(views.RecordDelete, "delete"),
        "leads:delete",
        ("head",),
    ),
    Mutant("edit forgets the check", replaced(views.RecordUpdate, "find", any_row), "leads:edit"),
    Mutant("related choices are wide", nothing_narrowed, "deals:create"),
    Mutant(
        "anybody may be made the owner",
        replaced(PersonField, "narrow", any_person),
        "contacts:contact_create",
    ),
    Mutant("notices of others open", everybodys_notices, "accounts:notification_open"),
    Mutant(
        "search forgets the scope",
        replaced(search, "MODELS", {"deal": open_model(Deal), "contact": open_model(Contact)}),
        "search",
    ),
    Mutant(
        "pick forgets the scope",
        replaced(pick, "MODELS", {"company": open_model(Company), "deal": open_model(Deal)}),
        "pick",
    ),
    Mutant(
        "the timeline shows all",
        replaced(ActivityQuerySet, "on_shown", blind_timeline),
        "activities:timeline",
    ),
    Mutant(
        "other deals of the client are shown",
        replaced(cards.DealDetail, "_of_client", others_of_anybody),
        "deals:detail",
    ),
    Mutant(
        "a filter names any client",
        replaced(
            filters.KeyField,
            "queryset",
            property(any_row_of, forms.forms.ModelChoiceField._set_queryset),
        ),
        "deals:list",
    ),
    Mutant("the panel forgets the scope", replaced(lists, "Deal", open_model(Deal)), "deals:panel"),
    Mutant(
        "restricted deals are open",
        replaced(DealQuerySet, "guards", lambda self, holder: []),
        "deals:detail",
        ("manager", "admin"),
    ),
    Mutant(
        "work on restricted deals is open",
        replaced(ActivityQuerySet, "guards", lambda self, holder: []),
        "activities:detail",
        ("analyst",),
    ),
    Mutant(
        "key companies are there for novices",
        no_guards(Company),
        "contacts:company_detail",
        ("analyst",),
    ),
    Mutant(
        "people of key clients are there for novices",
        no_guards(Contact),
        "contacts:contact_detail",
        ("analyst",),
    ),
    Mutant(
        "deals of key clients are there for novices",
        hanging_on_key(deal_rows),
        "deals:detail",
        ("colleague",),
    ),
    Mutant(
        "leads of key clients are there for novices",
        hanging_on_key(lead_rows),
        "leads:detail",
        ("colleague",),
    ),
    Mutant(
        "work on key clients is there for novices",
        hanging_on_key(activity_rows),
        "activities:detail",
        ("colleague",),
    ),
    Mutant(
        "a file forgets the scope",
        replaced(listing.TableExport, "get_queryset", lambda self: self.model.objects.alive()),
        "leads:export",
        ("head",),
    ),
    Mutant("views of others are changed", anybodys(list_views), "lists:view_edit"),
    Mutant("sessions of others are ended", anybodys(sessions), "accounts:session_end"),
    Mutant("tasks name any deal", replaced(parents, "_seen", open_seen), "home"),
]
