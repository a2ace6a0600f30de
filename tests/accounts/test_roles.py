"""Pages of a role: holders, rules, preview, comparison."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Group, Role, RoleAssignment, User
from accounts.role_preview import preview_change
from records.rights import Grant, Level, Scope
from tests import factories as make
from tests.accounts.test_pages import role_data
from tests.people import make_user


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people.admin)


@pytest.fixture
def role(people) -> Role:
    return Role.objects.get(name="Manager")


# holders


def test_role_is_given_to_a_person_a_department_and_a_group(admin, people):
    role = Role.objects.get(name="Analyst")
    group = Group.objects.create(name="duty")
    url = f"/settings/roles/{role.pk}/holders/"
    place = {f"place-{people.service.pk}": "only", f"place-{people.sales.pk}": "below"}
    changes = {"newcomer": people.head.pk, "groups": [group.pk], **place}
    assert admin.post(url, role_data(admin.get(url), **changes)).status_code == 302
    given = RoleAssignment.objects.filter(role=role)
    assert set(given.values_list("user", "department", "group", "includes_below")) == {
        (people.analyst.pk, None, None, False),
        (people.head.pk, None, None, False),
        (None, people.service.pk, None, False),
        (None, people.sales.pk, None, True),
        (None, None, group.pk, False),
    }
    assert User.objects.get(pk=people.below.pk).has_right("view_reports")


def test_page_says_who_holds_the_role_and_through_what(admin, people, role):
    services.give_role(role=role, department=people.sales, includes_below=True)
    page = admin.get(f"/settings/roles/{role.pk}/holders/")
    holders = {person: len(chain) for person, chain in page.context["holders"]}
    assert holders == {
        people.manager: 2,
        people.colleague: 2,
        people.below: 2,
        people.head: 1,
        people.outsider: 1,
    }
    assert "department Sales with those below" in page.content.decode()


def test_unticked_person_loses_the_role(admin, people, role):
    url = f"/settings/roles/{role.pk}/holders/"
    kept = [people.colleague.pk, people.below.pk, people.outsider.pk]
    admin.post(url, role_data(admin.get(url), users=kept))
    assert not User.objects.get(pk=people.manager.pk).grant("deal", "view")


@pytest.mark.parametrize(
    "fields",
    [
        {"users": ["987654"]},
        {"users": ["x"]},
        {"newcomer": "9" * 30},
        {"newcomer": "-1"},
        {"groups": ["0"]},
        {"version": "text"},
    ],
)
def test_wrong_holder_is_refused_and_nothing_changes(admin, people, role, fields):
    url = f"/settings/roles/{role.pk}/holders/"
    before = set(RoleAssignment.objects.values_list("pk", flat=True))
    assert admin.post(url, role_data(admin.get(url), **fields)).status_code == 422
    assert set(RoleAssignment.objects.values_list("pk", flat=True)) == before


def test_last_administrator_keeps_the_role_on_the_page_of_holders(admin, people):
    role = Role.objects.get(name="Administrator")
    url = f"/settings/roles/{role.pk}/holders/"
    for extra in ({}, {"preview": "1"}):
        page = admin.post(url, {"version": role.version, **extra})
        assert page.status_code == 422
        assert page.context["form"].non_field_errors()
    assert role.assignments.count() == 1


def test_holders_saved_by_two_administrators_at_once_conflict(admin, people, role):
    url = f"/settings/roles/{role.pk}/holders/"
    data = role_data(admin.get(url))
    services.set_holders(role=role, users=[people.manager], departments=[], groups=[])
    assert admin.post(url, data).status_code == 409
    assert role.assignments.count() == 1


def test_pages_of_roles_ask_the_same_number_of_queries_for_many(
    admin, people, role, django_assert_max_num_queries
):
    for number in range(15):
        made = make_user(f"extra{number}", people.sales, role)
        services.create_role(name=f"role {number}")
        Group.objects.create(name=f"group {number}").members.add(made)
    pages = (
        "",
        f"{role.pk}/",
        f"{role.pk}/holders/",
        f"{role.pk}/rules/",
        "compare/?one=1&other=2",
    )
    for page in pages:
        with django_assert_max_num_queries(20):
            assert admin.get(f"/settings/roles/{page}").status_code == 200


# rules


def test_fields_and_stages_are_closed_on_the_page_of_rules(admin, people, role):
    stage = make.pipeline().stages.first()
    url = f"/settings/roles/{role.pk}/rules/"
    changes = {
        "is_novice": "on",
        "field-contact-phone": "0",
        "field-deal-amount": "1",
        f"stage-{stage.pk}": "1",
        f"limit-{stage.pk}": "on",
    }
    data = role_data(admin.get(url), **changes)
    data.pop(f"close-{stage.pk}")
    assert admin.post(url, data).status_code == 302
    role.refresh_from_db()
    levels = {(row.record_type, row.field): row.level for row in role.field_rules.all()}
    assert levels == {("contact", "phone"): Level.NONE, ("deal", "amount"): Level.VIEW}
    rule = role.stage_rules.get()
    assert (rule.stage, rule.level, rule.can_close) == (stage, Level.VIEW, False)
    assert rule.limits_moves
    assert role.is_novice


def test_unchanged_rules_stay_as_they_are(admin, people, role):
    stage = make.pipeline().stages.first()
    services.set_stage_rules(role=role, rules=[services.StageInput(stage.pk, Level.NONE)])
    services.set_field_rules(role=role, levels={("lead", "phone"): Level.VIEW})
    url = f"/settings/roles/{role.pk}/rules/"
    assert admin.post(url, role_data(admin.get(url))).status_code == 302
    assert role.stage_rules.get().level == Level.NONE
    assert role.field_rules.get().level == Level.VIEW


def test_level_out_of_the_list_is_refused(admin, people, role):
    url = f"/settings/roles/{role.pk}/rules/"
    data = role_data(admin.get(url), **{"field-lead-phone": "7"})
    assert admin.post(url, data).status_code == 422
    assert not role.field_rules.exists()


def test_copied_role_has_the_rules_too(admin, people, role):
    services.set_field_rules(role=role, levels={("lead", "phone"): Level.VIEW})
    url = f"/settings/roles/new/?copy={role.pk}"
    admin.post(url, role_data(admin.get(url), name="Trainee"))
    copy = Role.objects.get(name="Trainee")
    assert copy.field_rules.get().field == "phone"
    assert not copy.assignments.exists()


@pytest.mark.parametrize("key", ["", "x", "9" * 30, "-1", "²"])
def test_unknown_role_to_copy_is_an_empty_role(admin, key):
    assert admin.get(f"/settings/roles/new/?copy={key}").status_code == 200


def test_person_whose_role_gives_nothing_gets_refusals_and_no_errors(people, sign_in):
    person = make_user("bare", people.sales, services.create_role(name="Nothing"))
    client = sign_in(person)
    for url in ("/", "/settings/", "/accounts/profile/", "/search/?q=deal"):
        assert client.get(url).status_code == 200, url
    for url in ("/deals/", "/leads/", "/contacts/", "/activities/", "/reports/"):
        assert client.get(url).status_code == 403, url


# preview


def losing(role, people, viewer, matrix):
    return preview_change(
        lambda: services.save_role_grants(role=role, matrix=matrix), role=role, viewer=viewer
    )


@pytest.fixture
def deals(people):
    for owner in (people.manager, people.manager, people.colleague, people.outsider, None):
        make.deal(owner)


def test_preview_counts_what_people_lose_and_changes_nothing(people, role, deals):
    before = set(role.grants.values_list("record_type", "action", "scope"))
    preview = losing(role, people, people.admin, {("lead", "view"): Grant(Scope.OWN)})
    assert {person.last_name for person in preview.people} == {
        "Manager",
        "Colleague",
        "Below",
        "Outsider",
    }
    (row,) = [row for row in preview.rows if row.kind == "deal"]
    assert (row.count, row.is_gain, row.people) == (4, False, 4)
    assert len(row.sample) == 4
    assert set(role.grants.values_list("record_type", "action", "scope")) == before
    role.refresh_from_db()
    assert role.version == 1


def test_preview_tells_gains_from_losses(people, role, deals):
    matrix = {("deal", "view"): Grant(Scope.ALL), ("deal", "export"): Grant(Scope.ALL)}
    preview = losing(role, people, people.admin, matrix)
    (row,) = [row for row in preview.rows if row.kind == "deal"]
    assert (row.count, row.is_gain) == (5, True)
    changes = {(row.kind, row.action): row.is_gain for row in preview.rights}
    assert changes["deal", "view"]
    assert changes["deal", "export"]
    assert not changes["lead", "view"]


def test_right_that_another_role_gives_is_not_lost(people, role, deals):
    services.give_role(role=Role.objects.get(name="Head"), user=people.manager)
    preview = losing(role, people, people.admin, {})
    assert people.manager not in preview.people
    assert people.colleague in preview.people


def test_sample_names_only_what_the_viewer_may_see(people, role, deals):
    preview = losing(role, people, people.other_head, {})
    (row,) = [row for row in preview.rows if row.kind == "deal"]
    assert row.count == 4
    assert [deal.owner for deal in row.sample] == [people.outsider]


def test_preview_of_new_holders_counts_those_who_come(people, deals):
    role = Role.objects.get(name="Analyst")
    preview = preview_change(
        lambda: services.set_holders(role=role, users=[people.manager], departments=[], groups=[]),
        role=role,
        viewer=people.admin,
    )
    moved = {(row.kind, row.is_gain): row.count for row in preview.rows if row.kind == "deal"}
    assert moved == {("deal", False): 5, ("deal", True): 3}
    assert {person.last_name for person in preview.people} == {"Manager", "Analyst"}


def test_page_shows_the_preview_and_saves_nothing(admin, people, role, deals):
    url = f"/settings/roles/{role.pk}/"
    data = role_data(admin.get(url), preview="1", **{"scope-deal-view": 0})
    page = admin.post(url, data)
    assert page.status_code == 200
    assert "Deals: 4 people will no longer see 4" in page.content.decode()
    assert User.objects.get(pk=people.manager.pk).grant("deal", "view") == Grant(Scope.OWN)
    assert page.context["form"]["scope-deal-view"].value() == "0"


def test_preview_tells_fields_stages_and_key_clients_with_the_people(admin, people, role, deals):
    first, second, *_rest = make.pipeline().stages.all()
    services.set_field_rules(role=role, levels={("contact", "email"): Level.NONE})
    services.give_role(role=Role.objects.get(name="Head"), user=people.below)
    make.company(people.manager, is_key=True)
    url = f"/settings/roles/{role.pk}/rules/"
    changes = {
        "field-company-phone": 0,
        "field-contact-email": "",
        "field-deal-amount": 1,
        f"stage-{second.pk}": 0,
        f"limit-{first.pk}": "on",
        f"moves-{first.pk}": [second.pk],
        "is_novice": "on",
        "preview": "1",
    }
    data = {
        key: row for key, row in role_data(admin.get(url)).items() if key != f"close-{first.pk}"
    }
    page = admin.post(url, {**data, **changes}).content.decode()
    told = [
        "4 people will no longer see: key clients",
        "3 people will no longer see: Companies, Phones",
        "3 people will see: Contacts, E-mails",
        "3 people may no longer edit: Deals, Amount and product lines",
        "3 people will no longer see: deals in the stage “Stage 2”",
        "3 people may no longer win or lose deals in the stage “Stage 1”",
        "3 people may no longer move deals from “Stage 1” to «Stage 3», «Stage 4»",
        "Companies: 4 people will no longer see 1",
    ]
    assert [text for text in told if text not in page] == []
    assert str(people.manager) in page
    assert User.objects.get(pk=people.manager.pk).fields("company").sees("phone")


def test_preview_of_a_large_role_asks_no_more_queries_for_more_records(
    people, role, deals, django_assert_num_queries
):
    losing(role, people, people.admin, {})
    with CaptureQueriesContext(connection) as seen:
        losing(role, people, people.admin, {})
    for _number in range(10):
        make.deal(people.manager)
    with django_assert_num_queries(len(seen)):
        losing(role, people, people.admin, {})


# comparison


def test_two_roles_side_by_side_with_their_differences_marked(admin, people, role):
    head = Role.objects.get(name="Head")
    page = admin.get(f"/settings/roles/compare/?one={role.pk}&other={head.pk}")
    section, lines = page.context["table"][0]
    assert str(section) == "Leads"
    line = lines[0]
    assert (line.one, line.other, line.differs) == (
        "Own",
        "Department and below, and unassigned",
        True,
    )
    same = admin.get(f"/settings/roles/compare/?one={role.pk}&other={role.pk}")
    assert not any(row.differs for _section, rows in same.context["table"] for row in rows)


@pytest.mark.parametrize("query", ["", "?one=x&other=9", "?one=1", "?one=" + "9" * 40])
def test_comparison_without_two_roles_asks_for_them(admin, query):
    page = admin.get(f"/settings/roles/compare/{query}")
    assert page.status_code == 200
    assert page.context["table"] == []
