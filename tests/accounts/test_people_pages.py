"""Groups, departments, invitations, deputies: their pages."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Department, Deputy, Group, Role, User
from tests import factories as make
from tests.accounts.test_pages import person_data
from tests.accounts.test_sign_in import inbox  # noqa: F401 - a fixture
from tests.people import make_user


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people.admin)


# groups


def test_group_is_made_renamed_filled_and_deleted(admin, people):
    data = {"name": "Tenders", "newcomer": people.manager.pk, "form_key": str(uuid.uuid4())}
    assert admin.post("/settings/groups/new/", data).status_code == 302
    group = Group.objects.get()
    url = f"/settings/groups/{group.pk}/"
    members = {"members": [people.manager.pk], "newcomer": people.head.pk}
    assert admin.post(url, {"name": "Big tenders", "version": 1, **members}).status_code == 302
    group.refresh_from_db()
    assert group.name == "Big tenders"
    assert set(group.members.all()) == {people.manager, people.head}
    assert admin.post(url, {"name": "Big tenders", "version": 2}).status_code == 302
    assert not group.members.exists()
    assert admin.post(f"{url}delete/").status_code == 302
    assert not Group.objects.exists()


def test_page_warns_of_the_roles_that_go_with_a_group(admin, people):
    group = services.create_group(name="Duty", members=[people.manager])
    services.give_role(role=Role.objects.get(name="Analyst"), group=group)
    page = admin.get(f"/settings/groups/{group.pk}/delete/").content.decode()
    assert "They lose the roles given through this group" in page
    assert "Analyst" in page
    assert Group.objects.exists()


def test_last_administrator_keeps_the_group(admin, people):
    group = services.create_group(name="Admins", members=[people.admin])
    role = Role.objects.get(name="Administrator")
    services.give_role(role=role, group=group)
    services.take_role(role=role, user=people.admin)
    url = f"/settings/groups/{group.pk}/"
    page = admin.post(url, {"name": "Admins", "version": 1})
    assert page.status_code == 422
    assert page.context["form"].non_field_errors()
    admin.post(f"{url}delete/")
    assert Group.objects.get().members.get() == people.admin


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "Taken"}, "name"),
        ({"members": ["x"]}, "members"),
        ({"members": ["987654"]}, "members"),
        ({"newcomer": "9" * 40}, "newcomer"),
    ],
)
def test_wrong_group_is_refused_at_the_field(admin, people, fields, wrong):
    services.create_group(name="Taken")
    data = {"name": "Mine", "form_key": str(uuid.uuid4()), **fields}
    page = admin.post("/settings/groups/new/", data)
    assert page.status_code == 422
    assert wrong in page.context["form"].errors
    assert Group.objects.count() == 1


def test_group_saved_by_two_administrators_at_once_conflicts(admin, people):
    group = services.create_group(name="Duty")
    services.update_group(group=group, name="Theirs", members=[])
    page = admin.post(f"/settings/groups/{group.pk}/", {"name": "Mine", "version": 1})
    assert page.status_code == 409
    assert Group.objects.get().name == "Theirs"


# departments


def test_closing_asks_where_the_people_go(admin, people):
    url = f"/settings/departments/{people.sales.pk}/close/"
    assert admin.get(url).status_code == 200
    page = admin.post(url)
    assert page.status_code == 422
    assert "to" in page.context["form"].errors
    assert admin.post(url, {"to": people.service.pk}).status_code == 302
    assert User.objects.get(pk=people.manager.pk).department == people.service
    assert not Department.objects.get(pk=people.sales.pk).is_active


@pytest.mark.parametrize("to", ["x", "0", "9" * 40, "regions", "sales"])
def test_department_cannot_go_into_itself_or_nowhere(admin, people, to):
    to = {"regions": people.regions.pk, "sales": people.sales.pk}.get(to, to)
    url = f"/settings/departments/{people.sales.pk}/close/?merge=1"
    page = admin.post(url, {"to": to, "with_rights": "on"})
    assert page.status_code == 422
    assert "to" in page.context["form"].errors
    assert User.objects.get(pk=people.manager.pk).department == people.sales


def test_merging_needs_a_department_to_merge_into(admin, people):
    url = f"/settings/departments/{people.service.pk}/close/?merge=1"
    page = admin.post(url, {"with_rights": "on"})
    assert page.status_code == 422
    assert "to" in page.context["form"].errors


def test_tree_shows_every_department_below_its_parent_by_name(admin, people):
    other = Department.objects.create(pk=10 * people.sales.pk + 7, name="Branch", path="")
    services.place_department(department=other, parent=None)
    services.create_department(name="Auctions", parent=people.sales)
    shown = [
        (row.name, row.depth) for row in admin.get("/settings/departments/").context["departments"]
    ]
    assert shown == [("Branch", 0), ("Sales", 0), ("Auctions", 1), ("Regions", 1), ("Service", 0)]


@pytest.mark.parametrize("parent", ["", "x", "9" * 40, "²", "-1"])
def test_unknown_parent_in_the_address_is_left_out(admin, parent):
    assert admin.get(f"/settings/departments/new/?parent={parent}").status_code == 200


def test_pages_ask_the_same_number_of_queries_for_many(
    admin, people, django_assert_max_num_queries
):
    for number in range(15):
        department = services.create_department(name=f"d{number}", parent=people.sales)
        services.update_department(
            department=department, name=f"d{number}", parent=people.sales, head=people.head
        )
        made = make_user(f"extra{number}", department, Role.objects.get(name="Manager"))
        services.create_group(name=f"g{number}", members=[made])
        make.deal(people.manager)
    pages = [
        "people/",
        "departments/",
        "groups/",
        f"people/{people.head.pk}/",
        f"people/{people.manager.pk}/hand-over/",
        f"people/{people.manager.pk}/deputies/",
        f"departments/{people.sales.pk}/close/",
    ]
    for page in pages:
        with django_assert_max_num_queries(22):
            assert admin.get(f"/settings/{page}").status_code == 200


# invitations


def invited(admin, **fields):
    data = person_data(form_key=str(uuid.uuid4()), invite="on", **fields)
    assert admin.post("/settings/people/new/", data).status_code == 302
    return User.objects.get(email="new@example.com")


@pytest.mark.django_db(transaction=True)
def test_invited_person_sets_the_password_by_the_link_once(people, sign_in, inbox):  # noqa: F811
    invited(sign_in(people.admin))
    (letter,) = inbox
    assert letter["To"] == "new@example.com"
    path = re.search(r"https?://[^/\s]+(/accounts/\S+)", letter.get_content()).group(1)
    client, new = Client(), "brand new battery staple"
    form_page = client.get(path)
    answer = client.post(form_page["Location"], {"password1": new, "password2": new})
    assert answer.status_code == 302
    assert User.objects.get(email="new@example.com").check_password(new)
    assert Client().get(path).context["token_fail"]


@pytest.mark.django_db(transaction=True)
def test_invitation_speaks_the_language_of_the_invited(people, sign_in, inbox):  # noqa: F811
    person = invited(sign_in(people.admin))
    assert person.language == "uk"
    assert "Олена" in inbox[0].get_content()
    assert "пароль" in inbox[0].get_content()


@pytest.mark.django_db(transaction=True)
def test_person_is_added_even_when_the_mail_server_is_away(people, sign_in, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
        }
    }
    client = sign_in(people.admin)
    person = invited(client)
    assert person.is_active
    page = client.get("/settings/people/").content.decode()
    assert "The letter could not be sent" in page


@pytest.mark.django_db(transaction=True)
def test_invitation_is_sent_again_but_not_to_a_deactivated_person(
    people,
    sign_in,
    inbox,  # noqa: F811
):
    client = sign_in(people.admin)
    url = f"/settings/people/{people.manager.pk}/invite/"
    assert client.post(url).status_code == 302
    services.deactivate_person(person=people.manager)
    assert client.post(url).status_code == 404
    assert len(inbox) == 1


# the list


def test_people_are_found_by_a_role_given_through_a_department(admin, people):
    role = Role.objects.get(name="Analyst")
    services.give_role(role=role, department=people.sales, includes_below=True)
    page = admin.get("/settings/people/", {"role": role.pk})
    found = {person.last_name for person in page.context["rows"]}
    assert found == {"Analyst", "Manager", "Colleague", "Head", "Below"}


@pytest.mark.parametrize(
    "query", [{"role": "x"}, {"department": "9" * 30}, {"state": "?"}, {"q": "%_\\"}]
)
def test_nonsense_in_the_filter_is_no_error(admin, query):
    assert admin.get("/settings/people/", query).status_code == 200


# the person


def test_page_of_a_person_tells_where_the_roles_come_from(admin, people):
    group = services.create_group(name="Duty", members=[people.manager])
    services.give_role(role=Role.objects.get(name="Analyst"), group=group)
    page = admin.get(f"/settings/people/{people.manager.pk}/").content.decode()
    assert "given directly" in page
    assert "group Duty" in page


def test_session_of_a_deactivated_person_ends_on_the_next_request(admin, people, sign_in):
    client = sign_in(people.manager)
    assert client.get("/accounts/profile/").status_code == 200
    admin.post(f"/settings/people/{people.manager.pk}/deactivate/")
    assert client.get("/accounts/profile/").status_code == 302


# deputies


def days(first=0, last=7):
    today = timezone.localdate()
    return {
        "first_day": (today + timedelta(days=first)).isoformat(),
        "last_day": (today + timedelta(days=last)).isoformat(),
    }


def test_person_appoints_a_deputy_and_recalls_him(people, sign_in):
    deal = make.deal(people.manager)
    client, deputy = sign_in(people.manager), sign_in(people.outsider)
    assert deputy.get(deal.get_absolute_url()).status_code == 404
    data = {"deputy": people.outsider.pk, **days()}
    assert client.post("/accounts/deputies/", data).status_code == 302
    assert deputy.get(deal.get_absolute_url()).status_code == 200
    row = Deputy.objects.get()
    assert (row.person, row.deputy, row.created_by) == (
        people.manager,
        people.outsider,
        people.manager,
    )
    assert deputy.post(f"/accounts/deputies/{row.pk}/recall/").status_code == 404
    assert client.post(f"/accounts/deputies/{row.pk}/recall/").status_code == 302
    assert deputy.get(deal.get_absolute_url()).status_code == 404


def test_administrator_appoints_and_recalls_for_others(admin, people):
    url = f"/settings/people/{people.manager.pk}/deputies/"
    data = {"deputy": people.head.pk, **days(3, 5)}
    assert admin.post(url, data).status_code == 302
    row = Deputy.objects.get()
    assert (row.person, row.created_by) == (people.manager, people.admin)
    assert row.ends_at - row.starts_at == timedelta(days=3)
    assert admin.post(f"/settings/deputies/{row.pk}/recall/").status_code == 302
    assert not Deputy.objects.exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"deputy": ""}, "deputy"),
        ({"deputy": "x"}, "deputy"),
        ({"deputy": "self"}, "deputy"),
        ({"deputy": "gone"}, "deputy"),
        ({"deputy": "9" * 40}, "deputy"),
        (days(-1, 3), "first_day"),
        (days(5, 4), "last_day"),
        (days(0, 400), "last_day"),
        ({"first_day": "9999-12-31", "last_day": "9999-12-31"}, "last_day"),
        ({"first_day": "0001-01-01"}, "first_day"),
        ({"last_day": "31.02.2027"}, "last_day"),
    ],
)
def test_wrong_deputy_is_refused_at_the_field(people, sign_in, fields, wrong):
    services.deactivate_person(person=people.colleague)
    named = {"self": people.manager.pk, "gone": people.colleague.pk}
    data = {"deputy": people.head.pk, **days(), **fields}
    data["deputy"] = named.get(data["deputy"], data["deputy"])
    page = sign_in(people.manager).post("/accounts/deputies/", data)
    assert page.status_code == 422
    assert wrong in page.context["form"].errors
    assert not Deputy.objects.exists()


def test_same_deputy_is_not_appointed_twice_for_one_time(people, sign_in):
    client = sign_in(people.manager)
    data = {"deputy": people.head.pk, **days()}
    assert client.post("/accounts/deputies/", data).status_code == 302
    assert client.post("/accounts/deputies/", data).status_code == 422
    assert Deputy.objects.count() == 1
