"""An empty installation: roles, a pipeline, and the first administrator."""

import os
import pty
import subprocess
import sys
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Role, RoleAssignment, User, Workplace
from accounts.querysets import administrators
from crm import first_run
from crm.cli import prepare, up
from crm.cli.console import Problem
from crm.cli.folders import ROOT, DataFolder
from deals.models import LossReason, Pipeline

pytestmark = pytest.mark.django_db
PASSWORD = "north wind over the roof"


@pytest.fixture
def folder(tmp_path):
    made = DataFolder(tmp_path)
    made.make()
    return made


def create_admin(*arguments: str) -> str:
    out = StringIO()
    call_command("createadmin", *arguments, stdout=out)
    return out.getvalue()


def test_empty_installation_gets_roles_and_a_pipeline_once():
    for _ in range(2):
        first_run.set_up()
    assert Role.objects.filter(preset__isnull=False).count() == 6
    assert Pipeline.objects.get().stages.count() == 4
    assert LossReason.objects.exists()


def test_pipeline_of_ones_own_is_left_alone():
    Pipeline.objects.create(name="Ours", is_default=True)
    first_run.set_up()
    assert Pipeline.objects.get().name == "Ours"


def test_first_administrator_signs_in_and_opens_every_page_of_the_menu(client, settings):
    settings.ADMIN_PASSWORD = PASSWORD
    assert "boss@example.com" in create_admin("--email", "Boss@Example.com")
    answer = client.post(
        "/accounts/login/", {"login": "boss@example.com", "password": PASSWORD}, follow=True
    )
    assert answer.redirect_chain[-2:] == [("/", 302), ("/setup/", 302)]
    Workplace.objects.update(set_up_at=timezone.now())
    for page in (
        "/",
        "/deals/",
        "/leads/",
        "/contacts/",
        "/reports/",
        "/settings/",
        "/settings/people/",
    ):
        assert client.get(page, follow=True).status_code == 200, page


def test_lost_administrator_is_let_in_again(people, settings):
    settings.ADMIN_PASSWORD = PASSWORD
    User.objects.update(is_active=False)
    create_admin("--email", people.manager.email)
    person = administrators().get()
    assert person == people.manager
    assert person.check_password(PASSWORD)
    create_admin("--email", people.manager.email)
    assert RoleAssignment.objects.filter(user=person, role__preset="administrator").count() == 1


def test_nothing_happens_when_there_is_one_and_that_was_asked_for(people, settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "new@example.com", PASSWORD
    create_admin("--if-none")
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("boss", PASSWORD, "valid email"),
        ("boss@example.com", "12345", "too short"),
        ("boss@example.com", "password123", "too common"),
        ("boss@example.com", "boss@example.com", "similar"),
    ],
)
def test_bad_address_and_weak_password_are_refused(settings, email, password, message):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = email, password
    with pytest.raises(CommandError, match=message):
        create_admin()
    assert not User.objects.exists()


def test_without_a_terminal_it_says_what_to_set(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="ADMIN_EMAIL and ADMIN_PASSWORD"):
        create_admin()


@pytest.mark.django_db(transaction=True)
def test_person_at_a_terminal_is_asked():
    where = urlsplit(os.environ["DATABASE_URL"])
    query = f"?{where.query}" if where.query else ""
    name = connection.settings_dict["NAME"]
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "manage.py", "createadmin"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"{where.scheme}://{where.netloc}/{name}{query}",
            "LANGUAGE_CODE": "en",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        said = ""
        for question, reply in (
            ("E-mail: ", "boss@example.com"),
            ("Password: ", PASSWORD),
            ("Once more: ", PASSWORD),
            ("may sign in", ""),
        ):
            while question not in said:
                said += os.read(mine, 1000).decode()
            os.write(mine, f"{reply}\n".encode())
        assert process.wait(30) == 0
    os.close(mine)
    assert PASSWORD not in said
    assert administrators().get().email == "boss@example.com"


def test_start_without_demo_tells_what_to_type(folder, capsys):
    prepare.first_people(folder)
    up.greet(folder, 1)
    assert "make admin" in capsys.readouterr().out


def test_start_with_an_administrator_in_the_environment_makes_him(folder, settings, capsys):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "boss@example.com", PASSWORD
    for _ in range(2):
        prepare.first_people(folder)
    up.greet(folder, 1)
    said = capsys.readouterr().out
    assert said.count("administrator boss@example.com added") == 1
    assert "make admin" not in said
    assert administrators().get().check_password(PASSWORD)


def test_weak_password_in_the_environment_stops_the_start_with_a_sentence(folder, settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "boss@example.com", "12345"
    with pytest.raises(Problem, match=r"ADMIN_PASSWORD: .*too short"):
        prepare.first_people(folder)
