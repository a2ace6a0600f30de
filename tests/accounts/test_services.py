"""Services of people, departments, roles, notices."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from accounts import services
from accounts.holding import people_of_roles, roles_with_chain
from accounts.models import Group, Notification, Role, RoleAssignment, User
from accounts.presets import PRESETS
from accounts.querysets import administrators
from deals.models import Deal
from leads.models import Lead
from records.querysets import effective_grant
from records.rights import SYSTEM, Grant, Scope
from tests import factories as make
from tests.people import make_user

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# notices


def test_second_notice_of_the_same_cause_is_dropped(people):
    values = {"user_id": people.manager.pk, "kind": "reminder", "key": "reminder:7", "now": NOW}
    assert services.notify(**values, text="Call", url="/a/") is True
    assert services.notify(**values, text="Call again", url="/a/") is False
    assert Notification.objects.get().text == "Call"


def test_long_notice_is_cut_not_refused(people):
    services.notify(
        user_id=people.manager.pk, kind="system", key="x", text="я" * 900, url="", now=NOW
    )
    assert len(Notification.objects.get().text) == 300


def test_toasts_are_claimed_once(people):
    for n in range(3):
        services.notify(
            user_id=people.manager.pk, kind="system", key=str(n), text=str(n), url="", now=NOW
        )
    assert [n.text for n in services.claim_toasts(user=people.manager, now=NOW)] == ["0", "1", "2"]
    assert services.claim_toasts(user=people.manager, now=NOW) == []


# people


def test_person_is_created_by_lower_case_address(db):
    person = services.create_person(email="Anna@Example.COM", password="correct horse 9")
    assert person.email == "anna@example.com"
    assert person.password.startswith("argon2")


def test_address_is_taken_in_any_case(people):
    with pytest.raises(services.EmailTaken):
        services.create_person(email="MANAGER@example.com")
    with pytest.raises(services.EmailTaken):
        services.update_person(person=people.colleague, email="Manager@Example.com")


def test_unknown_field_is_refused(people):
    with pytest.raises(TypeError):
        services.update_profile(person=people.manager, department=people.service)


def test_password_never_reaches_history(people):
    columns = {field.name for field in User.pgh_event_model._meta.fields}
    assert not columns & {"password", "last_login"}


# the last administrator


def test_last_administrator_cannot_be_deactivated(people):
    with pytest.raises(services.LastAdministrator):
        services.deactivate_person(person=people.admin)
    assert fresh(people.admin).is_active


def test_last_administrator_cannot_lose_the_role(people):
    role = Role.objects.get(name="Administrator")
    with pytest.raises(services.LastAdministrator):
        services.take_role(role=role, user=people.admin)
    with pytest.raises(services.LastAdministrator):
        services.set_roles_of(user=people.admin, roles=[])
    with pytest.raises(services.LastAdministrator):
        services.set_holders(role=role, users=[], departments=[], groups=[])
    assert fresh(people.admin).has_right("administer")


def test_role_of_the_last_administrator_cannot_lose_the_right(people):
    role = Role.objects.get(name="Administrator")
    with pytest.raises(services.LastAdministrator):
        services.save_role_grants(role=role, matrix={("deal", "view"): Grant(Scope.ALL)})
    assert fresh(people.admin).grant("lead", "view")


def test_administrator_by_department_cannot_be_moved_out(people):
    role = Role.objects.get(name="Administrator")
    services.give_role(role=role, department=people.service)
    services.take_role(role=role, user=people.admin)
    services.deactivate_person(person=people.other_head)
    with pytest.raises(services.LastAdministrator):
        services.update_person(person=people.outsider, department=people.sales)


def test_administrator_by_group_cannot_lose_it_with_the_group(people):
    role = Role.objects.get(name="Administrator")
    group = services.create_group(name="admins", members=[people.head])
    services.give_role(role=role, group=group)
    services.deactivate_person(person=people.admin)
    with pytest.raises(services.LastAdministrator):
        services.update_group(group=group, name="admins", members=[])
    with pytest.raises(services.LastAdministrator):
        services.delete_group(group=group)
    with pytest.raises(services.LastAdministrator):
        services.take_role(role=role, group=group)
    with pytest.raises(services.LastAdministrator):
        services.deactivate_person(person=people.head)
    assert fresh(people.head).has_right("administer")
    services.update_group(group=group, name="renamed", members=[people.manager, people.head])
    assert administrators().count() == 2


def test_second_administrator_sets_the_first_free(people):
    services.give_role(role=Role.objects.get(name="Administrator"), user=people.head)
    services.deactivate_person(person=people.admin)
    assert list(administrators()) == [people.head]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once():
    presets = services.ensure_presets()
    both = [make_user("one"), make_user("two")]
    for person in both:
        services.give_role(role=presets["administrator"], user=person)
    gate, results = threading.Barrier(2), []

    def remove(person):
        try:
            gate.wait()
            services.deactivate_person(person=person)
            results.append("done")
        except services.LastAdministrator:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(person,)) for person in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused"]
    assert administrators().count() == 1


# roles


def test_presets_are_made_once_and_keep_the_administrators_edits(db):
    made = services.ensure_presets()
    assert list(made) == list(PRESETS)
    services.save_role_grants(role=made["manager"], matrix={})
    again = services.ensure_presets()
    assert again["manager"].pk == made["manager"].pk
    assert not again["manager"].grants.exists()


def test_role_given_twice_is_given_once(people):
    role = Role.objects.get(name="Analyst")
    assert services.give_role(role=role, user=people.head) == services.give_role(
        role=role, user=people.head
    )


def test_role_is_given_to_exactly_one_holder(people):
    role = Role.objects.get(name="Analyst")
    with pytest.raises(TypeError):
        services.give_role(role=role)
    with pytest.raises(TypeError):
        services.give_role(role=role, user=people.head, department=people.sales)


def test_matrix_with_an_unknown_word_is_refused_whole(people):
    role = Role.objects.get(name="Manager")
    before = role.grants.count()
    with pytest.raises(services.UnknownGrant):
        services.save_role_grants(role=role, matrix={("deal", "fly"): Grant(Scope.ALL)})
    assert role.grants.count() == before


def test_copied_role_has_the_same_grants_and_no_holders(people):
    role = Role.objects.get(name="Head")
    copy = services.copy_role(role=role, name="Head 2")
    fields = ("record_type", "action", "scope", "unassigned")
    assert set(copy.grants.values_list(*fields)) == set(role.grants.values_list(*fields))
    assert not copy.assignments.exists()


def test_given_role_and_preset_cannot_be_deleted(people):
    with pytest.raises(services.RoleInUse):
        services.delete_role(role=Role.objects.get(name="Head"))
    with pytest.raises(services.RoleInUse):
        services.delete_role(role=services.ensure_presets()["analyst"])
    services.delete_role(role=services.create_role(name="Nobody's"))


def test_change_of_a_role_acts_on_the_next_request(people):
    assert not fresh(people.manager).grant("deal", "view").unassigned
    role = Role.objects.get(name="Manager")
    services.save_role_grants(role=role, matrix={("deal", "view"): Grant(Scope.ALL, True)})
    assert fresh(people.manager).grant("deal", "view") == Grant(Scope.ALL, True)
    assert not fresh(people.manager).grant("lead", "view")


# the union of roles and what each scope means


def give(user, scope, *, unassigned=False, kinds=("lead", "deal"), actions=("view",)):
    matrix = {(kind, action): Grant(scope, unassigned) for kind in kinds for action in actions}
    role = services.create_role(name=f"r{Role.objects.count()}", matrix=matrix)
    return services.give_role(role=role, user=user)


@pytest.fixture
def newcomer(people):
    return make_user("newcomer", people.sales)


@pytest.fixture
def rows(people, newcomer):
    owners = {
        "mine": newcomer,
        "department": people.colleague,
        "below": people.below,
        "foreign": people.outsider,
        "nobody": None,
    }
    for name, owner in owners.items():
        make.deal(owner, title=name)
        make.lead(owner, title=name)
    make.deal(newcomer, title="trash", deleted_at=NOW)
    make.lead(newcomer, title="trash", deleted_at=NOW)


@pytest.mark.parametrize("model", [Deal, Lead])
@pytest.mark.parametrize(
    ("scope", "unassigned", "seen"),
    [
        (Scope.NONE, False, set()),
        (Scope.NONE, True, {"nobody"}),
        (Scope.OWN, False, {"mine"}),
        (Scope.OWN, True, {"mine", "nobody"}),
        (Scope.DEPARTMENT, False, {"mine", "department"}),
        (Scope.BELOW, False, {"mine", "department", "below"}),
        (Scope.BELOW, True, {"mine", "department", "below", "nobody"}),
        (Scope.ALL, False, {"mine", "department", "below", "foreign", "nobody"}),
    ],
)
def test_scope_means_these_rows(newcomer, rows, model, scope, unassigned, seen):
    give(newcomer, scope, unassigned=unassigned)
    visible = model.objects.visible_to(newcomer)
    assert set(visible.values_list("title", flat=True)) == seen


def test_person_without_department_reaches_only_the_own(people, rows):
    loner = make_user("loner")
    make.deal(loner, title="lonely")
    make.deal(make_user("stranger"), title="strange")
    give(loner, Scope.BELOW)
    assert [d.title for d in Deal.objects.visible_to(loner)] == ["lonely"]


def test_several_roles_unite(people, newcomer, rows):
    give(newcomer, Scope.OWN)
    services.give_role(
        role=services.create_role(
            name="by department", matrix={("deal", "view"): Grant(Scope.DEPARTMENT)}
        ),
        department=people.sales,
    )
    group = Group.objects.create(name="duty")
    group.members.add(newcomer)
    services.give_role(
        role=services.create_role(
            name="by group", matrix={("deal", "view"): Grant(Scope.NONE, True)}
        ),
        group=group,
    )
    seen = set(Deal.objects.visible_to(newcomer).values_list("title", flat=True))
    assert seen == {"mine", "department", "nobody"}
    assert Deal.objects.visible_to(newcomer).count() == 3


def test_action_reaches_no_further_than_view(newcomer, rows):
    give(newcomer, Scope.OWN)
    give(newcomer, Scope.ALL, actions=("change",))
    assert effective_grant(newcomer, "deal", "change") == Grant(Scope.OWN)
    titles = Deal.objects.permitted(newcomer, "change").values_list("title", flat=True)
    assert set(titles) == {"mine"}


def test_department_of_a_role_does_not_include_those_below(people):
    role = services.create_role(name="sales", matrix={(SYSTEM, "view_reports"): Grant(Scope.ALL)})
    services.give_role(role=role, department=people.sales)
    assert people.manager.has_right("view_reports")
    assert not people.below.has_right("view_reports")


def test_role_of_a_department_with_those_below_reaches_down_and_never_up(people):
    role = services.create_role(name="sales", matrix={(SYSTEM, "view_reports"): Grant(Scope.ALL)})
    services.give_role(role=role, department=people.sales, includes_below=True)
    assert people.manager.has_right("view_reports")
    assert people.below.has_right("view_reports")
    assert not people.outsider.has_right("view_reports")
    services.set_holders(
        role=role, users=[], departments=[], groups=[], departments_below=[people.regions]
    )
    assert fresh(people.below).has_right("view_reports")
    assert not fresh(people.manager).has_right("view_reports")


def test_moved_department_takes_and_leaves_the_roles_from_above(people):
    role = services.create_role(name="sales", matrix={(SYSTEM, "view_reports"): Grant(Scope.ALL)})
    services.give_role(role=role, department=people.sales, includes_below=True)
    services.place_department(department=people.regions, parent=people.service)
    assert not fresh(people.below).has_right("view_reports")


def test_administrator_by_a_department_above_counts_as_one(people):
    role = Role.objects.get(name="Administrator")
    services.give_role(role=role, department=people.sales, includes_below=True)
    services.deactivate_person(person=people.admin)
    assert set(administrators()) == {people.manager, people.colleague, people.head, people.below}
    for person in (people.manager, people.colleague, people.head):
        services.deactivate_person(person=person)
    with pytest.raises(services.LastAdministrator):
        services.update_person(person=people.below, department=people.service)
    with pytest.raises(services.LastAdministrator):
        services.place_department(department=people.regions, parent=None)
    with pytest.raises(services.LastAdministrator):
        services.set_holders(role=role, users=[], departments=[people.sales], groups=[])
    assert fresh(people.below).has_right("administer")


def test_holders_are_counted_once_and_told_with_the_chain(people):
    role = Role.objects.get(name="Analyst")
    group = Group.objects.create(name="duty")
    group.members.add(people.analyst, people.head)
    services.give_role(role=role, group=group)
    services.give_role(role=role, department=people.sales, includes_below=True)
    assert people_of_roles()[role.pk] == 5
    (own, chain), *_others = [pair for pair in roles_with_chain(people.head) if pair[0] == role]
    assert own == role
    assert {row.group or row.department for row in chain} == {group, people.sales}


def test_all_rights_take_two_queries(people, django_assert_num_queries):
    person = fresh(people.head)
    with django_assert_num_queries(2):
        for action in ("view", "change", "delete"):
            person.grant("deal", action)
        person.has_right("administer")


def test_refused_change_leaves_the_assignments(people):
    before = set(RoleAssignment.objects.values_list("pk", flat=True))
    with pytest.raises(services.LastAdministrator), transaction.atomic():
        services.set_roles_of(user=people.admin, roles=[Role.objects.get(name="Manager")])
    assert set(RoleAssignment.objects.values_list("pk", flat=True)) == before
