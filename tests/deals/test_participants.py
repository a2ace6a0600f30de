"""Who takes part in a deal: chosen on its page, and everything that hangs on a restricted one."""

import pytest
from django.urls import reverse

from accounts.models import Notification, Role, User
from contacts.models import Company
from deals.models import Deal
from records.models import AuditEntry
from tests import factories as make

WORD = "Пароиспаритель"


@pytest.fixture
def deal(people):
    people.sales.head = people.head
    people.sales.save(update_fields=["head"])
    company = make.company(people.analyst, name="Общий клиент")
    found = make.deal(people.manager, title=WORD, company=company, amount=7771, version=1)
    make.deal(people.manager, title="Другая", company=company, amount=1000)
    make.activity(people.manager, deal=found, company=company, subject=f"Звонок {WORD}")
    return found


def post(client, deal, **body):
    deal.refresh_from_db()
    data = {"version": deal.version, **body}
    return client.post(reverse("deals:participants", args=[deal.pk]), data)


def places_of(deal) -> list[str]:
    client = f"?company={deal.company_id}"
    return [
        reverse("deals:list") + "?sort=new",
        reverse("deals:board"),
        reverse("deals:panel") + client,
        reverse("search") + f"?q={WORD}",
        reverse("activities:timeline", args=["company", deal.company_id]),
        reverse("contacts:company_detail", args=[deal.company_id]),
        reverse("deals:list") + client,
    ]


def shows(page: str, deal) -> bool:
    return any(text in page for text in (deal.get_absolute_url(), f"Звонок {WORD}", ",771"))


def test_restricting_a_deal_hides_all_that_hangs_on_it(people, sign_in, deal):
    reader, owner = sign_in(people.analyst), sign_in(people.manager)
    before = [reader.get(place).content.decode() for place in places_of(deal)]
    assert all(shows(page, deal) for page in before)
    assert "8,771" in before[0]
    assert post(owner, deal, is_restricted="on").status_code == 302
    after = [reader.get(place).content.decode() for place in places_of(deal)]
    assert not any(shows(page, deal) for page in after)
    assert "1,000" in after[0]
    assert reader.get(deal.get_absolute_url()).status_code == 404
    assert sign_in(people.head).get(deal.get_absolute_url()).status_code == 200

    answer = post(owner, deal, is_restricted="on", newcomer_1=people.analyst.pk)
    assert answer.status_code == 302
    again = [reader.get(place).content.decode() for place in places_of(deal)]
    assert all(shows(page, deal) for page in again)
    assert Notification.objects.get(user=people.analyst).url == deal.get_absolute_url()
    history = owner.get(reverse("history:record", args=["deal", deal.pk])).content.decode()
    assert "Restricted" in history
    assert f"{people.analyst}, sees" in history
    deeds = AuditEntry.objects.filter(record_type="deal", record_id=deal.pk, deed="change")
    assert deeds.count() == 2
    assert {row.user_id for row in deeds} == {people.manager.pk}


def test_page_offers_ways_and_tells_who_still_sees(people, sign_in, deal):
    owner = sign_in(people.manager)
    body = {"newcomer_1": people.outsider.pk, "newcomer_way_1": "edit"}
    assert post(owner, deal, **body).status_code == 302
    page = owner.get(reverse("deals:participants", args=[deal.pk])).content.decode()
    assert f"way_{people.outsider.pk}" in page
    assert "head of “Sales”" in page
    assert str(people.head) in page
    assert Deal.objects.permitted(people.outsider, "change").filter(pk=deal.pk).exists()
    assert post(owner, deal, **{f"way_{people.outsider.pk}": "out"}).status_code == 302
    assert not deal.participants.exists()


def test_only_the_owner_and_those_who_give_deals_away_choose(people, sign_in, deal):
    body = {"newcomer_1": people.outsider.pk, "newcomer_way_1": "edit"}
    assert post(sign_in(people.colleague), deal, **body).status_code == 404
    assert post(sign_in(people.analyst), deal, **body).status_code == 403
    assert post(sign_in(people.head), deal, **body).status_code == 302
    guest = sign_in(people.outsider)
    assert "participants/" not in guest.get(deal.get_absolute_url()).content.decode()
    assert post(guest, deal, newcomer_1=people.colleague.pk).status_code == 403
    assert deal.participants.count() == 1


def test_refusals_stand_at_the_field_and_write_nothing(people, sign_in, deal):
    guest = User.objects.create(email="guest@example.com", last_name="Гость", language="en")
    answer = post(sign_in(people.manager), deal, newcomer_2=guest.pk)
    assert answer.status_code == 422
    assert "do not let this deal be seen" in str(answer.context["form"].errors["newcomer_2"])
    answer = post(sign_in(people.admin), deal, is_restricted="on")
    assert answer.status_code == 422
    assert "would not see the deal" in str(answer.context["form"].errors["is_restricted"])
    deal.refresh_from_db()
    assert not deal.is_restricted
    assert not deal.participants.exists()
    assert deal.version == 1


def test_key_client_is_marked_by_whoever_may_and_not_hidden_from_its_owner(people, sign_in):
    company = make.company(people.manager)
    page = reverse("contacts:company_edit", args=[company.pk])

    def mark(who):
        version = Company.objects.get(pk=company.pk).version
        data = {"name": company.name, "kind": "client", "is_key": "on", "version": version}
        return sign_in(who).post(page, data)

    Role.objects.filter(name="Manager").update(is_novice=True)
    assert b'name="is_key"' not in sign_in(people.manager).get(page).content
    assert mark(people.manager).status_code == 302
    assert not Company.objects.get(pk=company.pk).is_key
    answer = mark(people.head)
    assert answer.status_code == 422
    assert "Choose another owner" in str(answer.context["form"].errors["is_key"])
    Role.objects.filter(name="Manager").update(is_novice=False)
    assert mark(people.head).status_code == 302
    assert Company.objects.get(pk=company.pk).is_key
