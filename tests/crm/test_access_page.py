"""Who sees a record and why: who may ask about whom, and what is told."""

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import Role
from accounts.services import StageInput
from deals.models import Deal
from records.models import AuditEntry
from records.rights import Level
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


def test_restricted_deal_is_explained_to_administrators_without_showing_it(people, deal, sign_in):
    Deal.objects.filter(pk=deal.pk).update(is_restricted=True)
    answer = page(sign_in(people.head), deal, person=people.below.pk)
    assert "A restricted deal" in answer.content.decode()
    assert page(sign_in(people.other_head), deal).status_code == 404
    assert page(sign_in(people.analyst), deal).status_code == 404
    shown = page(sign_in(people.admin), deal).content.decode()
    assert "A restricted deal" in shown
    assert deal.title not in shown
    assert f"Deals, № {deal.pk}" in shown
    deed = AuditEntry.objects.get(user=people.admin, record_type="deal")
    assert (deed.deed, deed.record_id) == ("view", deal.pk)


def why(client, record, person) -> str:
    """The administrator's question by address, up to the reasons against viewing."""
    data = {"address": f"https://crm.example{record.get_absolute_url()}", "person": person.pk}
    answer = client.get(reverse("access_ask"), data, follow=True)
    return " ".join(answer.context["answers"][0].reasons)


def test_reasons_name_where_the_scope_ends_stage_key_client_and_trash(people, deal, sign_in):
    client = sign_in(people.admin)
    told = why(client, deal, people.other_head)
    assert told == (
        "The roles reach records of “Service” and below; "
        f"this record belongs to {people.manager}, “Sales”."
    )
    head = Role.objects.get(name="Head")
    services.set_stage_rules(role=head, rules=[StageInput(deal.stage_id, Level.NONE)])
    services.set_field_rules(role=head, levels={("deal", "amount"): Level.NONE})
    assert why(client, deal, people.head) == "The role “Head” closes the stage “Stage 1”."
    answer = page(client, deal, person=people.head.pk).content.decode()
    assert "by the rules of: «Head»" in answer
    Role.objects.filter(name="Analyst").update(is_novice=True)
    company = make.company(people.manager, is_key=True)
    assert "A key client" in why(client, company, people.analyst)
    task = make.activity(people.manager, deal=deal)
    assert "none of them is seen" in why(client, task, people.outsider)
    assert f"/access/deal/{deal.pk}/" in page(client, task).content.decode()
    Deal.objects.filter(pk=deal.pk).update(deleted_at=make.NOW)
    assert why(client, deal, people.manager) == "The record is in the trash."


def test_question_is_for_administrators_and_tells_what_is_wrong_with_it(people, deal, sign_in):
    ask, person = reverse("access_ask"), people.manager.pk
    assert sign_in(people.head).get(ask).status_code == 403
    client = sign_in(people.admin)
    gone = client.get(f"/deals/{deal.pk + 1}/")
    assert f"?address=%2Fdeals%2F{deal.pk + 1}%2F" in gone.content.decode()
    assert "?address=" not in sign_in(people.colleague).get(f"/deals/{deal.pk}/").content.decode()
    found = client.get(ask, {"address": f"№ {deal.pk}", "kind": "deal", "person": person})
    assert found.headers["Location"] == f"/access/deal/{deal.pk}/?person={person}"
    for address, kind, words in (
        (f"{deal.pk}", "", "choose what it is"),
        ("/reports/", "", "no address of a record"),
        ("http://[x", "", "no address of a record"),
        ("9" * 40, "deal", "no address of a record"),
        (f"/deals/{deal.pk + 1}/", "", "There is no such record"),
    ):
        answer = client.get(ask, {"address": address, "kind": kind, "person": person})
        assert answer.status_code == 422
        assert words in str(answer.context["form"].errors["address"])


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
