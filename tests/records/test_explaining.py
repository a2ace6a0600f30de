"""The explanation of a right and the rows it opens never disagree."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import (
    Deputy,
    Group,
    Role,
    RoleAssignment,
    RoleGrant,
    StageRule,
    User,
)
from activities.models import Activity
from contacts.models import Company, Contact, Employment
from deals.models import Deal, DealParticipant
from leads.models import Lead
from records.clauses import KEY_CLIENT, RESTRICTED, SCOPE
from records.explaining import explain, explain_rows
from records.rights import ACTIONS, RECORD_TYPES, Level, Scope
from tests import factories as make
from tests.people import make_department, make_user

SEED, TRIPLES, GROUPS = 20261122, 10_000, 100
MODELS = (Lead, Contact, Company, Deal, Activity)


class World:
    """Random departments, people, roles, deputies and records, the same for one seed."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.stages = list(make.pipeline(stages=4).stages.all())
        self._people()
        self._roles()
        self.keys = {model: [] for model in MODELS}
        self._records()

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _people(self) -> None:
        roots = [make_department(f"Root {n}") for n in range(2)]
        self.departments = roots + [
            make_department(f"Branch {n}", self.dice.choice(roots)) for n in range(4)
        ]
        places = [*self.departments, None]
        self.people = [make_user(f"person{n}", self.dice.choice(places)) for n in range(24)]
        User.objects.filter(pk=self.people[0].pk).update(is_active=False)
        for department in self.departments:
            if self.chance(0.7):
                department.head = self.dice.choice(self.people)
                department.save(update_fields=["head"])
        self.groups = [Group.objects.create(name=f"Group {n}") for n in range(3)]
        for group in self.groups:
            group.members.set(self.dice.sample(self.people, 5))
        now = timezone.now()
        for _ in range(10):
            person, deputy = self.dice.sample(self.people, 2)
            start = now + timedelta(hours=self.dice.choice([-5, -1, 1]))
            end = start + timedelta(hours=self.dice.choice([1, 9]), seconds=30)
            Deputy.objects.create(person=person, deputy=deputy, starts_at=start, ends_at=end)

    def _roles(self) -> None:
        for number in range(9):
            role = Role.objects.create(name=f"Role {number}", is_novice=self.chance(0.25))
            RoleGrant.objects.bulk_create(
                RoleGrant(
                    role=role,
                    record_type=kind,
                    action=action,
                    scope=self.dice.choice(list(Scope)),
                    unassigned=self.chance(0.2),
                )
                for kind in RECORD_TYPES
                for action in ACTIONS
                if self.chance(0.7)
            )
            for stage in self.stages:
                if self.chance(0.15):
                    StageRule.objects.create(
                        role=role, stage=stage, level=self.dice.choice(list(Level))
                    )
            targets = [("user", person) for person in self.dice.sample(self.people, 5)]
            targets += [("department", self.dice.choice(self.departments))]
            targets += [("group", self.dice.choice(self.groups))]
            for name, target in targets:
                RoleAssignment.objects.create(role=role, **{name: target})

    def _owner(self) -> User | None:
        return self.dice.choice([*self.people, None])

    def _some(self, model: type, share: float = 0.6) -> object:
        return self.dice.choice(self.keys[model]) if self.chance(share) else None

    def _made(self, record: object) -> None:
        self.keys[type(record)].append(record.pk)
        if self.chance(0.05):
            type(record).objects.filter(pk=record.pk).update(deleted_at=timezone.now())

    def _records(self) -> None:
        for _ in range(40):
            self._made(make.company(self._owner(), is_key=self.chance(0.2)))
        for _ in range(60):
            contact = make.contact(self._owner(), is_key=self.chance(0.2))
            if self.chance(0.5):
                Employment.objects.create(contact=contact, company_id=self._some(Company, 1))
            self._made(contact)
        for _ in range(90):
            deal = make.deal(
                self._owner(),
                stage=self.dice.choice(self.stages),
                is_restricted=self.chance(0.3),
                company_id=self._some(Company),
                contact_id=self._some(Contact),
            )
            for person in self.dice.sample(self.people, self.dice.choice([0, 0, 1, 3])):
                DealParticipant.objects.create(deal=deal, user=person, can_change=self.chance(0.5))
            self._made(deal)
        for _ in range(50):
            client = {"company_id": self._some(Company), "contact_id": self._some(Contact)}
            self._made(make.lead(self._owner(), **(client if self.chance(0.4) else {})))
        for _ in range(200):
            parents = {
                f"{model.record_type}_id": self._some(model, 0.35)
                for model in (Lead, Contact, Company, Deal)
            }
            self._made(make.activity(self._owner(), **parents))


def test_explanation_equals_membership_on_ten_thousand_random_triples(db):
    dice = random.Random(SEED)
    world = World(dice)
    asked = allowed = 0
    for _ in range(GROUPS):
        user = User.objects.get(pk=dice.choice(world.people).pk)
        action, model = dice.choice(list(ACTIONS)), dice.choice(MODELS)
        keys = dice.choices(world.keys[model], k=TRIPLES // GROUPS)
        told = explain_rows(user, action, model, keys)
        rows = model.objects.permitted(user, action).filter(pk__in=keys)
        permitted = set(rows.values_list("pk", flat=True))
        for key in keys:
            assert told[key].allowed == (key in permitted), (user, action, model, key)
            asked += 1
            allowed += told[key].allowed
    assert asked == TRIPLES
    assert TRIPLES * 0.1 < allowed < TRIPLES * 0.9


def test_chain_names_role_way_and_scope(people):
    deal = make.deal(people.below)
    role = Role.objects.create(name="Regional")
    RoleGrant.objects.create(role=role, record_type="deal", action="view", scope=Scope.BELOW)
    RoleAssignment.objects.create(role=role, department=people.sales)
    told = explain(User.objects.get(pk=people.colleague.pk), "view", deal)
    assert told.allowed
    clause = told.chain[0]
    assert (clause.giving.role, clause.giving.through, clause.giving.through_name) == (
        "Regional",
        "department",
        "Sales",
    )
    assert (clause.rule, clause.scope) == (SCOPE, Scope.BELOW)


def test_guard_is_named_when_it_closes_what_a_role_opens(people):
    Role.objects.filter(name="Analyst").update(is_novice=True)
    secret = make.deal(people.manager, is_restricted=True)
    key = make.company(people.manager, is_key=True)
    analyst = User.objects.get(pk=people.analyst.pk)
    told = explain(analyst, "view", secret)
    assert not told.allowed
    assert told.verdicts[0].sees
    assert [guard.rule for guard in told.guards] == [RESTRICTED]
    assert [guard.rule for guard in explain(analyst, "view", key).guards] == [KEY_CLIENT]


def test_explanation_of_a_record_costs_one_query(people, django_assert_num_queries):
    deal = make.deal(people.manager)
    people.head.holders()
    with django_assert_num_queries(1):
        assert explain(people.head, "change", deal).allowed


@pytest.mark.parametrize("model", MODELS)
def test_record_in_the_trash_is_nobodys(people, model):
    record = getattr(make, model.record_type)(people.manager)
    record.deleted_at = timezone.now()
    record.save(update_fields=["deleted_at"])
    assert not explain(people.admin, "view", record).allowed
