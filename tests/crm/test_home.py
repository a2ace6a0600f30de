"""My day: groups by the person's days, the right column, whose day one may see."""

import zoneinfo
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Phone
from tests import factories as make

KYIV = zoneinfo.ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=KYIV)
HOME = "/"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def groups(answer) -> dict:
    return {group["name"]: group for group in answer.context["groups"]}


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=KYIV)


def test_tasks_are_grouped_by_the_days_of_the_person(people, sign_in):
    for name, moment in [
        ("yesterday", at(23, 23)),
        ("this morning", at(24, 0)),
        ("tonight", at(24, 23)),
        ("tomorrow", at(25, 0)),
        ("later", at(26, 0)),
    ]:
        make.activity(people.manager, subject=name, due_at=moment)
    found = groups(sign_in(people.manager).get(HOME))
    subjects = {name: [row.subject for row in group["rows"]] for name, group in found.items()}
    assert subjects == {
        "overdue": ["yesterday"],
        "today": ["this morning", "tonight"],
        "tomorrow": ["tomorrow"],
    }


def test_row_names_client_deal_sum_and_phone(people, sign_in):
    company = make.company(people.manager)
    Phone.objects.create(
        company=company, number="+7 912 345-67-89", e164="+79123456789", reversed_digits="987"
    )
    deal = make.deal(people.manager, title="Ventilation", amount=1240000, company=company)
    make.activity(people.manager, deal=deal, company=company, due_at=at(24, 15))
    page = sign_in(people.manager).get(HOME).content.decode()
    assert "ООО «Тёплый хлеб»" in page
    assert "Ventilation" in page
    assert 'href="tel:+79123456789"' in page
    assert "240" in page


def test_right_column_lists_what_needs_care(people, sign_in):
    waits = make.lead(people.manager, title="Chiller", assigned_at=at(24, 11))
    make.lead(people.manager, status="working")
    make.lead(people.colleague)
    bare = make.deal(people.manager, title="No step", stage_entered_at=at(23, 9))
    busy = make.deal(people.manager, title="Standing", stage_entered_at=at(1, 9))
    make.activity(people.manager, deal=busy, due_at=at(30, 9))
    make.deal(people.manager, status="won", closed_at=NOON, stage_entered_at=at(1, 9))
    context = sign_in(people.manager).get(HOME).context
    assert [lead.pk for lead in context["new_leads"]["rows"]] == [waits.pk]
    assert [deal.pk for deal in context["no_step"]["rows"]] == [bare.pk]
    assert [deal.pk for deal in context["stuck"]["rows"]] == [busy.pk]


def test_long_group_is_cut_and_links_to_the_rest(people, sign_in):
    for n in range(35):
        make.activity(people.manager, subject=str(n), due_at=at(20, 9) + timedelta(minutes=n))
    answer = sign_in(people.manager).get(HOME)
    overdue = groups(answer)["overdue"]
    assert (len(overdue["rows"]), overdue["count"]) == (30, 35)
    assert "tab=overdue" in answer.content.decode()


def test_head_looks_at_the_day_of_his_people_only(people, sign_in):
    make.activity(people.manager, subject="Managers task", due_at=at(24, 15))
    head = sign_in(people.head)
    assert "Managers task" not in head.get(HOME).content.decode()
    assert "Managers task" in head.get(HOME, {"person": people.manager.pk}).content.decode()
    for person in (people.outsider.pk, "abc", "9" * 30, "-1"):
        assert head.get(HOME, {"person": person}).status_code == 404
    assert sign_in(people.colleague).get(HOME, {"person": people.manager.pk}).status_code == 404


def test_signed_out_visitor_is_led_to_the_door(client, db):
    assert client.get(HOME).status_code == 302


def test_part_of_the_page_is_given_alone(people, sign_in):
    page = sign_in(people.manager).get(HOME, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="day")
    assert page.content.decode().lstrip().startswith('<div id="day"')


def test_number_of_queries_is_constant_and_small(people, sign_in):
    head = sign_in(people.head)

    def fill(size: int) -> None:
        for n in range(size):
            company, contact = make.company(people.head), make.contact(people.head)
            deal = make.deal(people.head, company=company, contact=contact)
            lead = make.lead(people.head)
            make.deal(people.head, stage_entered_at=at(1, 9))
            for hour in (23, 24, 25):
                make.activity(
                    people.head, deal=deal, company=company, contact=contact, due_at=at(hour, 9)
                )
            make.activity(people.head, lead=lead, due_at=at(24, n % 24))

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert head.get(HOME).status_code == 200
        return len([1 for query in caught if "django_session" not in query["sql"]])

    fill(1)
    few = count()
    fill(9)
    assert count() == few
    assert few <= 16, few
