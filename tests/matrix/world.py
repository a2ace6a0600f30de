"""The world of the matrix: people of every kind, a marked record of every type and ownership."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts import services
from accounts.models import Department, Deputy, HandOver, Notification, User
from activities.models import Activity, Reminder
from catalog.models import Product
from contacts.models import Company, Contact, Email, Employment, Phone
from deals.models import Deal, DealLine
from leads.models import Decision, Lead, PoolMember, Rule
from records.models import BulkOperation, SavedView
from reports.models import Dashboard, Receiver, Run, Schedule
from tests import factories as make
from tests.matrix.expect import KEY, NOVICES, OWNERSHIPS, RESTRICTED

KINDS = ("company", "contact", "product", "deal", "lead", "activity")


@dataclass
class World:
    """Everything by name: people, and records by (type, ownership)."""

    people: dict[str, Any]
    departments: dict[str, Department]
    records: dict[tuple[str, str], Any] = field(default_factory=dict)
    notices: dict[str, Notification] = field(default_factory=dict)
    deeds: dict[str, BulkOperation] = field(default_factory=dict)
    views: dict[str, SavedView] = field(default_factory=dict)
    deputies: dict[str, Deputy] = field(default_factory=dict)
    boards: dict[str, Dashboard] = field(default_factory=dict)
    letters: dict[str, Receiver] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    rule: Any = None
    group: Any = None
    handing: Any = None
    session: Any = None
    passkey: Any = None
    """Session and passkey of the outsider, whom nobody of the walk is."""


def marker(kind: str, ownership: str, number: int) -> str:
    """A text no page may show to those who do not see the record."""
    return f"mk-{kind}-{ownership}-{number}"


def texts(model: type[models.Model], kind: str, ownership: str) -> dict[str, str]:
    """A unique marker for every free text column."""
    found = {}
    columns = [f for f in model._meta.local_concrete_fields if not f.generated]
    for number, column in enumerate(columns):
        free = isinstance(column, models.CharField | models.TextField)
        if free and not column.choices and not column.primary_key and not column.unique:
            mark = marker(kind, ownership, number)
            found[column.name] = mark if (column.max_length or 999) >= len(mark) else ""
    return found


def build() -> World:
    """People first, then for each ownership one record of each type, tied to each other."""
    world = World(*_people())
    owners = {
        "own": world.people["manager"],
        "colleague": world.people["colleague"],
        "below": world.people["below"],
        "foreign": world.people["outsider"],
        "nobody": None,
        "deleted": world.people["manager"],
    }
    for number, ownership in enumerate(OWNERSHIPS):
        _records(world, ownership, owners[ownership], number)
    _knots(world, owners)
    _restricted(world)
    _key_client(world)
    make.loss_reason()
    make.currency("USD")
    world.rule = Rule.objects.create(name="Everybody", department=world.departments["sales"])
    stranger = world.people["outsider"]
    world.session = UserSession.objects.create(user=stranger, session_key="matrix", ip="192.0.2.1")
    world.passkey = Authenticator.objects.create(
        user=stranger, type=Authenticator.Type.WEBAUTHN, data={"name": "matrix"}
    )
    PoolMember.objects.create(rule=world.rule, user=world.people["manager"])
    world.group = services.create_group(name="Duty", members=[world.people["manager"]])
    later = timezone.now() + timedelta(days=90)
    world.handing = HandOver.objects.create(
        person=stranger,
        by=world.people["admin"],
        kinds=["lead"],
        receivers=[world.people["manager"].pk],
        state="failed",
        asked_at=later,
        touched_at=later,
    )
    for who, person in world.people.items():
        if person.pk:
            world.views[who] = SavedView.objects.create(
                owner=person, record_type="lead", name=f"view of {who}", query="status=new"
            )
            world.boards[who] = Dashboard.objects.create(owner=person, name=f"board of {who}")
            world.boards[who].tiles.create(report="losses")
            sent = Schedule.objects.create(
                owner=person, name=f"letter of {who}", report="losses", weekdays=[1]
            )
            world.letters[who] = Receiver.objects.create(schedule=sent, user=person, next_at=later)
            world.runs[who] = Run.objects.create(
                user=person, report="losses", state="done", asked_at=later, content=b"1"
            )
            world.deputies[who] = Deputy.objects.create(
                person=person,
                deputy=world.people["manager" if who == "outsider" else "outsider"],
                starts_at=later,
                ends_at=later + timedelta(days=1),
            )
            world.deeds[who] = BulkOperation.objects.create(
                user=person, record_type="lead", act="delete", made_at=later
            )
            world.notices[who] = Notification.objects.create(
                user=person,
                kind="system",
                key="matrix",
                text=f"notice for {who}",
                url="/accounts/profile/",
                created_at=timezone.now(),
            )
    return world


def _people() -> tuple[dict[str, Any], dict[str, Department]]:
    roles = services.ensure_presets()
    sales = services.create_department(name="Sales")
    regions = services.create_department(name="Regions", parent=sales)
    service = services.create_department(name="Service")
    places = {
        "manager": ("manager", sales),
        "colleague": ("manager", sales),
        "below": ("manager", regions),
        "outsider": ("manager", service),
        "head": ("head", sales),
        "other_head": ("head", service),
        "analyst": ("analyst", None),
        "admin": ("administrator", None),
        "deactivated": ("administrator", sales),
    }
    people: dict[str, Any] = {}
    password = make_password("correct horse battery")
    for name, (role, department) in places.items():
        person = services.create_person(
            email=f"{name}@example.com".replace("_", ""),
            department=department,
            last_name=name.capitalize(),
            language="en",
        )
        User.objects.filter(pk=person.pk).update(password=password, is_active=name != "deactivated")
        services.give_role(role=roles[role], user=person)
        people[name] = User.objects.get(pk=person.pk)
    novice = services.create_role(name="Novice")
    services.set_role_flags(role=novice, closed_by_default=False, is_novice=True)
    for name in NOVICES:
        services.give_role(role=novice, user=people[name])
    people["anonymous"] = AnonymousUser()
    return people, {"sales": sales, "regions": regions, "service": service}


def _records(world: World, ownership: str, owner: User | None, number: int) -> None:
    gone = {"deleted_at": timezone.now()} if ownership == "deleted" else {}

    def mark(model: type[models.Model], kind: str, /, **fields: Any) -> dict[str, Any]:
        return {**texts(model, kind, ownership), **fields, **gone}

    amount = (number + 1) * 1_111_111
    company = make.company(owner, **mark(Company, "company", tax_id=f"77{number}00{number}11"))
    Company.objects.filter(pk=company.pk).update(website=f"{company.website}.example")
    contact = make.contact(owner, **mark(Contact, "contact"))
    product = make.product(**mark(Product, "product", owner=owner, currency=make.currency()))
    deal = make.deal(owner, **mark(Deal, "deal", company=company, contact=contact, amount=amount))
    lead = make.lead(owner, **mark(Lead, "lead", amount=amount, source=make.source()))
    due = timezone.now() + timedelta(days=1)
    activity = make.activity(
        owner, **mark(Activity, "activity", deal=deal, kind="task", due_at=due)
    )
    records = (company, contact, product, deal, lead, activity)
    for kind, row in zip(KINDS, records, strict=True):
        world.records[kind, ownership] = row
    _details(world, ownership, owner, number)


def _details(world: World, ownership: str, owner: User | None, number: int) -> None:
    row = {kind: world.records[kind, ownership] for kind in KINDS}
    Employment.objects.create(
        contact=row["contact"], company=row["company"], role=marker("contact", ownership, 90)
    )
    world.records["line", ownership] = DealLine.objects.create(
        deal=row["deal"], product=row["product"], name=marker("deal", ownership, 91), price=7
    )
    for offset, holder in enumerate(("company", "contact", "lead")):
        digits = f"7999{number}{offset}00{number}{offset}1"
        Phone.objects.create(
            **{holder: row[holder]},
            number=f"+{digits}",
            e164=f"+{digits}",
            reversed_digits=digits[::-1],
        )
        address = f"{marker(holder, ownership, 92)}@x.example.com"
        Email.objects.create(**{holder: row[holder]}, address=address)
    if owner is not None and ownership != "deleted":
        Reminder.objects.create(activity=row["activity"], user=owner, due_at=row["activity"].due_at)
        Decision.objects.create(
            lead=row["lead"],
            user=owner,
            rule_name=marker("lead", ownership, 93),
            at=timezone.now(),
        )


def _knots(world: World, owners: dict[str, User | None]) -> None:
    """Rows that hang on what others own: one client of the manager with deals of everybody.

    The name of the client stands on each of its deals, so it alone carries no marker.
    """
    manager = world.people["manager"]
    facts = texts(Company, "company", "own") | {"name": "Common client", "tax_id": "7700000010"}
    company = make.company(manager, **facts)
    names = {"last_name": "Common", "first_name": "Person", "patronymic": ""}
    contact = make.contact(manager, **texts(Contact, "contact", "own") | names)
    world.records["company", "shared"], world.records["contact", "shared"] = company, contact
    for ownership, owner in owners.items():
        gone = {"deleted_at": timezone.now()} if ownership == "deleted" else {}
        deal = make.deal(
            owner,
            **texts(Deal, "deal", ownership) | gone,
            company=company,
            contact=contact,
            amount=313_000,
        )
        world.records["deal", f"{ownership} of shared"] = deal
        for done in ({"due_at": deal.created_at}, {"done_at": deal.created_at}):
            marks = texts(Activity, "activity", ownership) | gone | done
            make.activity(owner, deal=deal, company=company, contact=contact, **marks)
    foreign = world.records["deal", "foreign"]
    make.activity(manager, deal=foreign, subject="My task on their deal", due_at=timezone.now())
    _pasts(world)


def _restricted(world: World) -> None:
    """A deal that its department does not see, only its head; and the task on it."""
    for department, head in (("sales", "head"), ("service", "other_head")):
        found = world.departments[department]
        Department.objects.filter(pk=found.pk).update(head=world.people[head])
    owner = world.people["colleague"]
    deal = make.deal(owner, **texts(Deal, "deal", RESTRICTED), amount=777_000, is_restricted=True)
    marks = texts(Activity, "activity", RESTRICTED)
    world.records["deal", RESTRICTED] = deal
    world.records["activity", RESTRICTED] = make.activity(
        owner, **marks, deal=deal, due_at=timezone.now() + timedelta(days=1)
    )


def _key_client(world: World) -> None:
    """A key company of a novice with its people and work; what else once pointed or points at it.

    The lead became the client; the person only works there; the work of the manager stands on it.
    """
    _records(world, KEY, world.people["colleague"], len(OWNERSHIPS))
    row = {kind: world.records[kind, KEY] for kind in KINDS}
    client = row["company"]
    Company.objects.filter(pk=client.pk).update(is_key=True)
    Lead.objects.filter(pk=row["lead"].pk).update(company=client)
    colleagues = {kind: world.records[kind, "colleague"] for kind in KINDS}
    Company.objects.filter(pk=colleagues["company"].pk).update(parent=client)
    deal = colleagues["deal"]
    for key in (client.pk, colleagues["company"].pk):
        Deal.objects.filter(pk=deal.pk).update(company=key)
    marks = texts(Activity, "activity", KEY)
    make.activity(
        world.people["colleague"], **marks, company=client, contact=row["contact"], due_at=make.NOW
    )
    make.activity(world.people["colleague"], **marks, lead=row["lead"], done_at=make.NOW)


def _pasts(world: World) -> None:
    """Histories that once pointed at rows of others."""
    deal, company = world.records["deal", "own"], world.records["company", "own"]
    others = world.records["company", "foreign"]
    for key in (others.pk, company.pk):
        Deal.objects.filter(pk=deal.pk).update(company=key)
    for key in (others.pk, None):
        Company.objects.filter(pk=company.pk).update(parent=key)
