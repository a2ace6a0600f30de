"""The history of a record in words, as different people may read it."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from records.changes import readable_changes
from records.history import cause
from tests import factories as make


def change(deal, by, **fields):
    with cause("page", user_id=by.pk):
        type(deal).objects.filter(pk=deal.pk).update(**fields)


def rows(deal, viewer):
    return {row.label: (row.before, row.after) for row in readable_changes(deal, viewer)[0].fields}


def test_keys_are_told_by_the_name_of_their_row(people):
    deal = make.deal(people.manager)
    change(deal, people.head, owner=people.colleague, title="Новое название")
    assert rows(deal, people.head) == {
        "Owner": (str(people.manager), str(people.colleague)),
        "Title": ("Поставка вентиляции", "Новое название"),
    }
    assert readable_changes(deal, people.head)[0].who == str(people.head)


def test_record_out_of_sight_is_told_by_its_number_only(people):
    deal = make.deal(people.manager)
    company = make.company(people.outsider, name="Чужая фирма")
    change(deal, people.admin, company=company)
    assert rows(deal, people.manager)["Company"] == ("—", f"№ {company.pk}")
    assert rows(deal, people.admin)["Company"] == ("—", "Чужая фирма")


def test_technical_columns_and_empty_moments_are_left_out(people):
    deal = make.deal(people.manager)
    change(deal, people.head, furthest=9)
    moments = readable_changes(deal, people.head)
    assert [moment.is_new for moment in moments] == [True]


def test_number_of_queries_does_not_grow_with_the_changes(people, django_assert_num_queries):
    deal = make.deal(people.manager)
    change(deal, people.head, owner=people.colleague, title="First")
    readable_changes(deal, people.head)
    with CaptureQueriesContext(connection) as seen:
        readable_changes(deal, people.head)
    for number in range(8):
        owner = (people.manager, people.colleague)[number % 2]
        change(deal, people.head, owner=owner, title=f"Title {number}")
    with django_assert_num_queries(len(seen)):
        readable_changes(deal, people.head)
