"""The first run: once, everything in one write; the steps on My day follow the data."""

import pytest
from django.core import mail

from accounts.models import Department, User, Workplace
from catalog.models import Currency
from crm import first_run
from crm.demo import company as demo
from deals.models import Pipeline, Stage
from tests import factories as make

pytestmark = pytest.mark.django_db
PASSWORD = "north wind over the roof"
GIVEN = {
    "name": "ТОВ «Тепло»",
    "country": "UA",
    "language": "uk",
    "time_zone": "Europe/Kyiv",
    "work_days": ["1", "2", "3", "4", "5", "6"],
    "work_from": "08:30",
    "work_to": "17:30",
    "currency": "UAH",
    "trade": "services",
    "last_name": "Коваль",
    "first_name": "Олена",
    "emails": "one@example.com, Two@example.com",
}


@pytest.fixture
def boss(sign_in):
    """The administrator of an empty installation, signed in."""
    person = first_run.make_administrator("boss@example.com", PASSWORD)
    client = sign_in(person)
    client.person = person
    return client


def fields(page) -> dict:
    form = page.context["form"]
    return GIVEN | {"version": form["version"].value(), "role": form["role"].value()}


def test_first_run_writes_everything_once_and_closes(boss):
    assert boss.get("/", follow=True).redirect_chain == [("/setup/", 302)]
    page = boss.get("/setup/?language=uk")
    assert "Як ви продаєте" in page.content.decode()
    given = fields(page)
    bad = given | {"emails": "one@example.com nobody", "work_to": "08:00", "name": ""}
    answer = boss.post("/setup/", bad)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"emails", "work_to", "name"}
    assert "nobody" in answer.content.decode()
    assert Workplace.objects.get().awaits_setup
    assert boss.post("/setup/", given).headers["Location"] == "/"
    place = Workplace.objects.get()
    assert (place.name, place.country, place.work_days[-1]) == ("ТОВ «Тепло»", "UA", 6)
    assert Currency.objects.get(is_base=True).pk == "UAH"
    pipeline = Pipeline.objects.get()
    assert pipeline.name == "Основна воронка"
    assert pipeline.stages.order_by("position").first().name == "Звернення прийнято"
    assert User.objects.get(pk=boss.person.pk).full_name == "Коваль Олена"
    invited = User.objects.get(email="two@example.com")
    assert invited.roles_given.get().role.preset == "manager"
    assert {letter.to[0] for letter in mail.outbox} == {"one@example.com", "two@example.com"}
    assert boss.post("/setup/", given | {"name": "Other"}).headers["Location"] == (
        "/settings/company/"
    )
    assert Workplace.objects.get().name == "ТОВ «Тепло»"
    assert "ТОВ «Тепло»" in boss.get("/").content.decode()


def test_steps_are_done_by_the_data_and_can_be_put_away(boss, sign_in):
    boss.post("/setup/", fields(boss.get("/setup/")))

    def done() -> dict[str, bool]:
        return {step.url: step.is_done for step in boss.get("/").context["steps"]}

    before = done()
    assert before["/settings/people/"]
    assert not any(before[url] for url in before if url != "/settings/people/")
    Department.objects.create(name="Sales")
    make.company(boss.person)
    Stage.objects.filter(position=1).update(probability=11)
    after = done()
    changed = {url for url in after if after[url] != before[url]}
    assert changed == {"/settings/departments/", "/companies/new/", "/settings/pipelines/"}
    colleague = User.objects.get(email="one@example.com")
    assert sign_in(colleague).get("/").context["steps"] == []
    assert sign_in(colleague).get("/setup/").status_code == 403
    boss.post("/setup/steps/hide/")
    assert boss.get("/").context["steps"] == []


def test_installation_in_use_is_not_asked(people, sign_in):
    make.company(people.admin)
    first_run.set_up()
    assert sign_in(people.admin).get("/").status_code == 200
    page = sign_in(people.admin).get("/settings/company/")
    assert page.status_code == 200
    version = page.context["form"]["version"].value()
    given = GIVEN | {"version": version, "name": "Ours"}
    assert sign_in(people.admin).post("/settings/company/", given).status_code == 302
    assert sign_in(people.admin).post("/settings/company/", given).status_code == 409
    assert Workplace.objects.get().name == "Ours"


def test_demo_comes_and_goes_by_buttons(boss):
    given = fields(boss.get("/setup/"))
    boss.post("/setup/", given | {"demo": "on", "trade": "b2b"})
    assert demo.is_loaded()
    assert not User.objects.get(email="novikov@klimat.example").has_usable_password()
    steps = {str(step.url): step.is_done for step in boss.get("/").context["steps"]}
    assert steps["/settings/company/"] is False
    assert not steps["/deals/new/"]
    boss.post("/settings/company/demo/clear/", {"really": "1"})
    assert not demo.is_loaded()
    assert Workplace.objects.get().name == "ТОВ «Тепло»"
    assert Pipeline.objects.get().stages.count() == 6
