"""Who sees a record and why: who may ask about whom, and what is told."""

import pytest
from django.urls import reverse

from deals.models import Deal
from tests import factories as make


@pytest.fixture
def deal(people):
    people.sales.head = people.head
    people.sales.save(update_fields=["head"])
    return make.deal(people.manager, title="Secret supply")


def page(client, record, **params):
    return client.get(reverse("access", args=[record.record_type, record.pk]), params)


def test_administrator_reads_chains_of_everybody(people, deal, sign_in):
    answer = page(sign_in(people.admin), deal)
    rows = {row["person"]: row for row in answer.context["rows"]}
    assert rows[people.manager]["change"].allowed
    assert not rows[people.outsider]["view"].allowed
    steps = rows[people.head]["view"].chains[0].steps
    assert steps == (
        "role “Head”",
        "given personally",
        "records of the department and below",
    )
    assert [person for person, row in rows.items() if row["view"].allowed] == [
        row["person"] for row in answer.context["rows"][:4]
    ]


def test_head_asks_about_his_people_only(people, deal, sign_in):
    client = sign_in(people.head)
    shown = {row["person"] for row in page(client, deal).context["rows"]}
    assert shown == {people.manager, people.colleague, people.below, people.head}
    assert page(client, deal, person=people.colleague.pk).status_code == 200
    assert page(client, deal, person=people.outsider.pk).status_code == 404


def test_manager_reads_about_himself_only(people, deal, sign_in):
    client = sign_in(people.manager)
    answer = page(client, deal)
    said = {row.action: row.allowed for row in answer.context["answers"]}
    assert said["view"]
    assert not answer.context["is_about_others"]
    assert page(client, deal, person=people.head.pk).status_code == 404
    assert page(sign_in(people.colleague), deal).status_code == 404


def test_restricted_deal_is_explained_to_those_who_see_it_only(people, deal, sign_in):
    Deal.objects.filter(pk=deal.pk).update(is_restricted=True)
    assert page(sign_in(people.admin), deal).status_code == 404
    answer = page(sign_in(people.head), deal, person=people.below.pk)
    assert "A restricted deal" in answer.content.decode()


@pytest.mark.parametrize("kind", ["lead", "contact", "company", "activity"])
def test_every_record_has_the_page(people, sign_in, kind):
    record = getattr(make, kind)(people.manager)
    assert page(sign_in(people.admin), record).status_code == 200


def test_rubbish_is_not_found(people, deal, sign_in):
    client = sign_in(people.admin)
    assert client.get(reverse("access", args=["user", people.head.pk])).status_code == 404
    for key in ("x", "-1", "9" * 30, "²"):
        assert page(client, deal, person=key).status_code == 404


def test_number_of_queries_does_not_grow_with_people(
    people, deal, sign_in, django_assert_max_num_queries
):
    client = sign_in(people.admin)
    with django_assert_max_num_queries(30):
        page(client, deal)
