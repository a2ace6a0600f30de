"""Pages of people, departments, roles, the profile, the bell."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.forms import PersonField
from accounts.models import Department, Notification, Role, User
from records.rights import Grant, Scope
from tests import factories as make
from tests.people import make_user

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people.admin)


def person_data(**fields):
    base = {
        "email": "new@example.com",
        "last_name": "Новак",
        "first_name": "Олена",
        "language": "uk",
        "time_zone": "Europe/Kyiv",
    }
    return {**base, **fields}


# people


def test_people_page_finds_by_part_of_the_name(admin):
    page = admin.get("/settings/people/", {"q": "outs"})
    assert [person.last_name for person in page.context["rows"]] == ["Outsider"]
    assert "outsider@example.com" in page.content.decode()


def test_fragment_of_the_people_page_holds_only_the_rows(admin):
    page = admin.get("/settings/people/", headers={"HX-Request": "true"})
    assert b"<tr" in page.content
    assert b"<html" not in page.content


def test_people_page_asks_the_same_number_of_queries_for_many(admin, people):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert admin.get("/settings/people/").status_code == 200
        return len(seen)

    queries()
    few = queries()
    for n in range(20):
        make_user(f"extra{n}", people.sales, Role.objects.get(name="Manager"))
    assert queries() == few <= 12


def test_double_post_creates_one_person(admin, people):
    role = Role.objects.get(name="Manager")
    data = person_data(form_key=str(uuid.uuid4()), password="correct horse 77", roles=[role.pk])
    for _post in range(2):
        assert admin.post("/settings/people/new/", data).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert person.check_password("correct horse 77")
    assert person.grant("deal", "view") == Grant(Scope.OWN)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "Manager@Example.com"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": "a" * 300 + "@example.com"}, "email"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"last_name": "a\x00b"}, "last_name"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"language": "'; drop"}, "language"),
        ({"department": "9" * 30}, "department"),
        ({"department": "-1"}, "department"),
        ({"roles": ["987654"]}, "roles"),
        ({"roles": ["x"]}, "roles"),
        ({"password": "123"}, "password"),
        ({"password": "x" * 100_000}, "password"),
        ({"form_key": "no key"}, "form_key"),
        ({"form_key": ""}, "form_key"),
    ],
)
def test_wrong_field_is_named_and_the_text_kept(admin, fields, wrong):
    data = person_data(form_key=str(uuid.uuid4()))
    before = User.objects.count()
    page = admin.post("/settings/people/new/", {**data, **fields})
    assert page.status_code == 422
    assert wrong in page.context["form"].errors
    assert User.objects.count() == before
    assert "Олена" in page.content.decode()


def test_stale_version_of_a_person_shows_both_values(admin, people):
    url = f"/settings/people/{people.manager.pk}/"
    version = people.manager.version
    services.update_person(person=people.manager, last_name="Theirs")
    data = person_data(email=people.manager.email, last_name="Mine", version=version)
    page = admin.post(url, data)
    assert page.status_code == 409
    assert "Theirs" in page.content.decode()
    assert "Mine" in page.content.decode()
    assert User.objects.get(pk=people.manager.pk).last_name == "Theirs"


def test_conflict_page_can_be_saved(admin, people):
    url = f"/settings/people/{people.manager.pk}/"
    services.update_person(person=people.manager, last_name="Theirs")
    data = person_data(email=people.manager.email, last_name="Mine", version=1)
    form = admin.post(url, data).context["form"]
    again = admin.post(url, {**data, "version": form["version"].value()})
    assert again.status_code == 302
    assert User.objects.get(pk=people.manager.pk).last_name == "Mine"


@pytest.mark.parametrize("version", ["", "text", "999999", "9" * 30])
def test_wrong_version_never_writes(admin, people, version):
    data = person_data(email=people.manager.email, version=version)
    page = admin.post(f"/settings/people/{people.manager.pk}/", data)
    assert page.status_code in (409, 422)
    assert User.objects.get(pk=people.manager.pk).first_name == "Test"


def test_last_administrator_is_told_so_and_stays(admin, people):
    url = f"/settings/people/{people.admin.pk}/"
    data = person_data(email=people.admin.email, version=people.admin.version, roles=[])
    page = admin.post(url, data)
    assert page.status_code == 422
    assert page.context["form"].non_field_errors()
    admin.post(f"{url}deactivate/")
    assert User.objects.get(pk=people.admin.pk).has_right("administer")


def test_deactivated_person_is_activated_again(admin, people):
    url = f"/settings/people/{people.manager.pk}/"
    admin.post(f"{url}deactivate/")
    assert not User.objects.get(pk=people.manager.pk).is_active
    admin.post(f"{url}activate/")
    assert User.objects.get(pk=people.manager.pk).is_active


@pytest.mark.parametrize("name", ["people", "departments", "roles", "role_create"])
def test_settings_are_closed_to_a_manager(people, sign_in, name):
    client = sign_in(people.manager)
    assert client.get(reverse(f"accounts:{name}")).status_code == 403


def test_settings_index_offers_only_what_opens(people, sign_in, admin):
    assert "/settings/people/" in admin.get("/settings/").content.decode()
    page = sign_in(people.manager).get("/settings/").content.decode()
    assert "/settings/people/" not in page
    assert "/accounts/profile/" in page


def test_unknown_person_is_404(admin):
    assert admin.get("/settings/people/99999999999999999999/").status_code == 404


# departments


def test_department_is_created_moved_and_closed(admin, people):
    data = {"name": "North", "parent": people.regions.pk, "form_key": str(uuid.uuid4())}
    assert admin.post("/settings/departments/new/", data).status_code == 302
    north = Department.objects.get(name="North")
    assert north.path == f"{people.sales.pk}.{people.regions.pk}.{north.pk}."
    url = f"/settings/departments/{north.pk}/"
    move = {"name": "North", "parent": people.service.pk, "head": people.head.pk, "version": 1}
    assert admin.post(url, move).status_code == 302
    north.refresh_from_db()
    assert (north.parent, north.head) == (people.service, people.head)
    admin.post(f"{url}close/")
    north.refresh_from_db()
    assert not north.is_active


def test_cycle_of_departments_is_an_error_of_the_form(admin, people):
    url = f"/settings/departments/{people.sales.pk}/"
    page = admin.post(url, {"name": "Sales", "parent": people.regions.pk, "version": 1})
    assert page.status_code == 422
    assert page.context["form"].non_field_errors()
    people.sales.refresh_from_db()
    assert people.sales.parent is None


# roles


def role_data(page, **changes):
    form = page.context["form"]
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is not None and value is not False and value != "":
            data[name] = "on" if value is True else value
    return {**data, **changes}


def test_role_matrix_is_edited_and_acts_at_once(admin, people):
    role = Role.objects.get(name="Manager")
    url = f"/settings/roles/{role.pk}/"
    data = role_data(
        admin.get(url),
        **{"scope-deal-view": 4, "unassigned-lead-view": "on", "right-view_reports": "on"},
    )
    assert admin.post(url, data).status_code == 302
    manager = User.objects.get(pk=people.manager.pk)
    assert manager.grant("deal", "view") == Grant(Scope.ALL)
    assert manager.grant("lead", "view") == Grant(Scope.OWN, True)
    assert manager.has_right("view_reports")
    assert manager.grant("contact", "view") == Grant(Scope.OWN)
    assert role.assignments.count() == 4


def test_unchanged_role_form_changes_no_grant(admin, people):
    role = Role.objects.get(name="Head")
    before = set(role.grants.values_list("record_type", "action", "scope", "unassigned"))
    url = f"/settings/roles/{role.pk}/"
    admin.post(url, role_data(admin.get(url)))
    after = set(role.grants.values_list("record_type", "action", "scope", "unassigned"))
    assert after == before


def test_role_is_copied_through_the_form(admin, people):
    role = Role.objects.get(name="Head")
    url = f"/settings/roles/new/?copy={role.pk}"
    assert admin.post(url, role_data(admin.get(url), name="Head of shift")).status_code == 302
    copy = Role.objects.get(name="Head of shift")
    assert copy.grants.count() == role.grants.count()


def test_scope_out_of_the_list_is_refused(admin, people):
    role = Role.objects.get(name="Manager")
    url = f"/settings/roles/{role.pk}/"
    page = admin.post(url, role_data(admin.get(url), **{"scope-deal-view": 9}))
    assert page.status_code == 422


def test_administrator_cannot_take_the_right_from_the_last_role(admin, people):
    role = Role.objects.get(name="Administrator")
    url = f"/settings/roles/{role.pk}/"
    data = role_data(admin.get(url))
    data.pop("right-administer")
    page = admin.post(url, data)
    assert page.status_code == 422
    assert User.objects.get(pk=people.admin.pk).has_right("administer")


def test_two_administrators_do_not_overwrite_each_other(admin, people):
    role = Role.objects.get(name="Manager")
    url = f"/settings/roles/{role.pk}/"
    data = role_data(admin.get(url))
    services.save_role_grants(role=role, matrix={("deal", "view"): Grant(Scope.ALL)})
    assert admin.post(url, data).status_code == 409
    assert role.grants.count() == 1


def test_role_in_use_is_not_deleted(admin, people):
    role = Role.objects.get(name="Manager")
    admin.post(f"/settings/roles/{role.pk}/delete/")
    assert Role.objects.filter(pk=role.pk).exists()


# profile


def test_person_changes_only_the_own_profile_fields(people, sign_in):
    client = sign_in(people.manager)
    data = {
        "last_name": "Нова",
        "first_name": "Ім'я",
        "language": "ru",
        "time_zone": "Asia/Almaty",
        "theme": "dark",
        "density": "normal",
        "version": people.manager.version,
        "email": "evil@example.com",
        "department": people.service.pk,
        "is_active": "",
        "roles": [Role.objects.get(name="Administrator").pk],
    }
    assert client.post("/accounts/profile/", data).status_code == 302
    person = User.objects.get(pk=people.manager.pk)
    assert (person.last_name, person.theme, person.time_zone) == ("Нова", "dark", "Asia/Almaty")
    assert (person.email, person.department_id) == (people.manager.email, people.sales.pk)
    assert not person.has_right("administer")
    assert client.get("/accounts/profile/")["Content-Language"] == "ru"


# the bell


def ring(person, key="a", url="/accounts/profile/"):
    services.notify(
        user_id=person.pk, kind="reminder", key=key, text=f"Call {key}", url=url, now=NOW
    )


def test_badge_counts_and_toast_is_shown_once_by_a_post(people, sign_in):
    client = sign_in(people.manager)
    ring(people.manager)
    badge = reverse("accounts:notifications_badge")
    seen = reverse("accounts:notifications_seen")
    assert seen in client.get(badge).content.decode()
    assert Notification.objects.get().shown_at is None
    assert "Call a" in client.post(seen).content.decode()
    assert "Call a" not in client.post(seen).content.decode()
    page = client.get(badge).content.decode()
    assert seen not in page
    assert ">1<" in page


def test_read_notices_leave_the_badge(people, sign_in):
    client = sign_in(people.manager)
    ring(people.manager)
    client.post(reverse("accounts:notifications_read"))
    assert client.get(reverse("accounts:notifications_badge")).content.strip() == b""
    assert "Call a" in client.get(reverse("accounts:notifications")).content.decode()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_notice_never_leads_out_of_the_site(people, sign_in, url):
    ring(people.manager, url=url)
    notice = Notification.objects.get()
    client = sign_in(people.manager)
    answer = client.post(reverse("accounts:notification_open", args=[notice.pk]))
    assert answer["Location"] == reverse("accounts:notifications")


def test_notice_opens_its_page_and_is_read(people, sign_in):
    ring(people.manager)
    notice = Notification.objects.get()
    url = reverse("accounts:notification_open", args=[notice.pk])
    assert sign_in(people.colleague).post(url).status_code == 404
    assert sign_in(people.manager).post(url)["Location"] == "/accounts/profile/"
    notice.refresh_from_db()
    assert notice.read_at


# the field of owners


def names(field) -> set[str]:
    return {person.last_name for person in field.queryset}


def test_owner_is_chosen_among_those_one_may_assign_to(people):
    only_self = services.save_role_grants(
        role=Role.objects.get(name="Manager"), matrix={("deal", "view"): Grant(Scope.OWN)}
    )
    assert only_self.grants.count() == 1
    assert names(PersonField("deal", user=User.objects.get(pk=people.manager.pk))) == {"Manager"}
    head = names(PersonField("deal", user=people.head))
    assert head == {"Head", "Manager", "Colleague", "Below"}
    assert "Outsider" in names(PersonField("deal", user=people.admin))


def test_deactivated_person_is_offered_only_as_the_present_owner(people):
    deal = make.deal(people.below)
    services.deactivate_person(person=people.below)
    field = PersonField("deal")
    field.narrow(people.head)
    assert "Below" not in names(field)
    field.narrow(people.head, deal)
    assert "Below" in names(field)


def test_theme_and_language_are_chosen_in_the_menu(people, sign_in):
    client, address = sign_in(people.manager), reverse("accounts:preferences")
    assert f'action="{address}"' in client.get(reverse("home")).text
    answer = client.post(
        address, {"theme": "dark", "density": "normal", "language": "xx", "next": "/leads/"}
    )
    assert answer.url == "/leads/"
    client.post(address, {"language": "uk", "next": "//elsewhere.example/"})
    person = type(people.manager).objects.get(pk=people.manager.pk)
    assert (person.theme, person.density, person.language) == ("dark", "normal", "uk")
