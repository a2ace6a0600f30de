"""The tree of departments: moved, closed, merged."""

import threading

import pytest
from django.db import connection

from accounts import services
from accounts.models import Department, Role, RoleAssignment, User
from leads.models import Rule
from tests.people import make_department


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def paths() -> dict[str, str]:
    return dict(Department.objects.values_list("name", "path"))


@pytest.fixture
def tree(db):
    root = services.create_department(name="root")
    left = services.create_department(name="left", parent=root)
    leaf = services.create_department(name="leaf", parent=left)
    right = services.create_department(name="right", parent=root)
    return root, left, leaf, right


def test_path_holds_the_keys_from_the_root(tree):
    root, left, leaf, right = tree
    assert paths() == {
        "root": f"{root.pk}.",
        "left": f"{root.pk}.{left.pk}.",
        "leaf": f"{root.pk}.{left.pk}.{leaf.pk}.",
        "right": f"{root.pk}.{right.pk}.",
    }


def test_moving_a_department_moves_everything_below(tree):
    root, left, leaf, right = tree
    services.place_department(department=left, parent=right)
    assert paths()["leaf"] == f"{root.pk}.{right.pk}.{left.pk}.{leaf.pk}."
    services.place_department(department=left, parent=None)
    assert paths()["leaf"] == f"{left.pk}.{leaf.pk}."


@pytest.mark.parametrize("target", [0, 1, 2])
def test_department_cannot_be_put_into_itself_or_below(tree, target):
    before = paths()
    with pytest.raises(services.DepartmentCycle):
        services.place_department(department=tree[0], parent=tree[target])
    assert paths() == before


def test_sibling_whose_key_is_a_prefix_is_left_alone(db):
    one = Department.objects.create(pk=10_001, name="one", path="10001.")
    Department.objects.create(pk=100_011, name="like", path="100011.")
    root = services.create_department(name="new")
    services.place_department(department=one, parent=root)
    assert paths()["like"] == "100011."


def test_too_deep_tree_is_refused(db):
    parent = Department.objects.create(name="deep", path="7." * 99)
    services.create_department(name="last", parent=Department.objects.create(name="x", path="8."))
    with pytest.raises(services.DepartmentTooDeep):
        services.create_department(name="too deep", parent=parent)
    assert not Department.objects.filter(name="too deep").exists()


def test_department_with_people_cannot_be_closed(people):
    with pytest.raises(services.DepartmentInUse):
        services.close_department(department=people.regions)
    services.deactivate_person(person=people.below)
    assert not services.close_department(department=people.regions).is_active


def test_people_and_subdepartments_of_a_closing_department_go_to_another(people):
    services.close_department(department=people.sales, to=people.service)
    assert fresh(people.manager).department == people.service
    people.regions.refresh_from_db()
    assert people.regions.path == f"{people.service.pk}.{people.regions.pk}."
    assert fresh(people.below).department == people.regions
    people.sales.refresh_from_db()
    assert not people.sales.is_active


def test_closing_without_rights_leaves_the_roles_behind(people):
    services.give_role(role=Role.objects.get(name="Analyst"), department=people.sales)
    services.close_department(department=people.sales, to=people.service)
    assert not fresh(people.manager).has_right("view_reports")


def test_merged_department_brings_roles_rules_and_its_head(people):
    role = Role.objects.get(name="Analyst")
    services.update_department(department=people.sales, name="Sales", parent=None, head=people.head)
    services.give_role(role=role, department=people.sales, includes_below=True)
    services.give_role(role=role, department=people.service)
    rule = Rule.objects.create(name="Everybody", department=people.sales)
    services.close_department(department=people.sales, to=people.service, with_rights=True)
    given = RoleAssignment.objects.get(role=role, department=people.service)
    assert given.includes_below
    assert fresh(people.manager).has_right("view_reports")
    assert fresh(people.below).has_right("view_reports")
    rule.refresh_from_db()
    people.service.refresh_from_db()
    assert (rule.department, people.service.head) == (people.service, people.head)
    assert not RoleAssignment.objects.filter(department=people.sales).exists()


def test_department_is_not_merged_into_one_below_it(people):
    for target in (people.sales, people.regions):
        with pytest.raises(services.DepartmentCycle):
            services.close_department(department=people.sales, to=target, with_rights=True)
    assert fresh(people.manager).department == people.sales


def test_closing_a_department_keeps_the_last_administrator(people):
    services.give_role(role=Role.objects.get(name="Administrator"), department=people.sales)
    services.deactivate_person(person=people.admin)
    with pytest.raises(services.LastAdministrator):
        services.close_department(department=people.sales, to=people.service)
    people.sales.refresh_from_db()
    assert people.sales.is_active
    services.close_department(department=people.sales, to=people.service, with_rights=True)
    assert fresh(people.manager).has_right("administer")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_cycle():
    one, two = make_department("one"), make_department("two")
    gate, results = threading.Barrier(2), []

    def move(department, parent):
        try:
            gate.wait()
            services.place_department(department=department, parent=parent)
            results.append("moved")
        except services.DepartmentCycle:
            results.append("cycle")
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["cycle", "moved"]
