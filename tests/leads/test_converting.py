"""A lead becomes contact, company and deal once, however often it is asked."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contacts.models import Company, Contact
from contacts.services import set_emails, set_phones
from deals.models import Deal, Pipeline
from leads.models import Lead
from leads.services import Conversion, LeadRuleError, convert_lead, reject_lead, save_lead
from tests import factories as make
from tests.people import make_department, make_role, make_user


def wish(**fields):
    return Conversion(
        company_name="ООО Ромашка", pipeline=make.pipeline(), title="Сделка", **fields
    )


def converted(lead, user, **fields):
    make.currency()
    return convert_lead(lead_id=lead.pk, by=user, now=timezone.now(), wish=wish(**fields))


@pytest.fixture
def lead(people):
    found = make.lead(people.manager, company_name="ООО Ромашка", title="Вентиляция")
    set_phones(found, ["8 912 345-67-89"])
    set_emails(found, ["a@b.ru"])
    return found


def test_everything_goes_along_and_the_lead_is_frozen(people, lead):
    task = make.activity(people.manager, lead=lead)
    result = converted(lead, people.manager)
    assert result.status == "converted"
    assert result.deal.company == result.company
    assert [phone.e164 for phone in result.contact.phones.all()] == ["+79123456789"]
    assert result.contact.companies.get() == result.company
    task.refresh_from_db()
    assert (task.deal, task.contact) == (result.deal, result.contact)
    with pytest.raises(LeadRuleError):
        save_lead(lead=result, by=people.manager, now=timezone.now(), phones=[], emails=[])


def test_second_conversion_returns_the_first(people, lead):
    first, second = converted(lead, people.manager), converted(lead, people.manager)
    assert first.deal == second.deal
    assert Deal.objects.count() == Contact.objects.count() == Company.objects.count() == 1


def test_existing_contact_gains_the_numbers(people, lead):
    known = make.contact(people.manager)
    set_phones(known, ["+380671234567"])
    result = converted(lead, people.manager, contact=known)
    assert result.contact == known
    assert known.phones.count() == 2


def test_links_an_activity_had_are_kept(people, lead):
    company = make.company(people.manager)
    task = make.activity(people.manager, lead=lead, company=company)
    make.currency()
    done = convert_lead(lead_id=lead.pk, by=people.manager, now=timezone.now(), wish=Conversion())
    task.refresh_from_db()
    assert (task.company, task.contact, task.version) == (company, done.contact, 2)


def test_contact_deleted_meanwhile_is_refused_and_nothing_is_made(people, lead):
    known = make.contact(people.manager)
    Contact.objects.filter(pk=known.pk).update(deleted_at=timezone.now())
    with pytest.raises(LeadRuleError):
        converted(lead, people.manager, contact=known)
    assert not Company.objects.exists()
    lead.refresh_from_db()
    assert lead.is_open


@pytest.mark.parametrize("lacks", ["stages", "currency"])
def test_impossible_deal_is_an_error_on_the_page_and_nothing_is_made(people, sign_in, lead, lacks):
    if lacks == "currency":
        pipeline = make.pipeline()
    else:
        make.currency()
        pipeline = Pipeline.objects.create(name="Empty", is_default=True)
    body = {"contact": "new", "company": "none", "with_deal": "on", "pipeline": pipeline.pk}
    url = reverse("leads:convert", args=[lead.pk])
    answer = sign_in(people.manager).post(url, body)
    assert answer.status_code == 422
    assert not Contact.objects.exists()


def test_converted_lead_is_frozen(people, sign_in, lead):
    done = converted(lead, people.manager)
    client = sign_in(people.manager)
    for name in ("edit", "delete"):
        url = reverse(f"leads:{name}", args=[lead.pk])
        assert client.post(url, {"version": done.version, "last_name": "X"}).status_code in (
            403,
            422,
        )
    done.refresh_from_db()
    assert (done.deleted_at, done.last_name) == (None, "Лисенко")


def test_card_shows_only_what_may_be_seen_of_what_came_of_it(people, sign_in, lead):
    done = converted(lead, people.manager)
    done.deal.title, done.deal.owner = "SECRET", people.outsider
    done.deal.save()
    page = sign_in(people.manager).get(lead.get_absolute_url()).text
    assert "SECRET" not in page
    assert done.contact.get_absolute_url() in page


def test_rejected_lead_is_not_converted(people, lead):
    reject_lead(lead_id=lead.pk, by=people.manager, now=timezone.now(), reason="Спам")
    with pytest.raises(LeadRuleError):
        converted(lead, people.manager)


def test_page_offers_the_match_and_converts_once(people, sign_in, lead):
    make.currency()
    pipeline = make.pipeline()
    known = make.contact(people.manager)
    set_phones(known, ["+79123456789"])
    client, url = sign_in(people.manager), reverse("leads:convert", args=[lead.pk])
    form = client.get(url).context["form"]
    assert str(known.pk) in dict(form.fields["contact"].choices)
    body = {
        "contact": known.pk,
        "company": "new",
        "company_name": "ООО Ромашка",
        "with_deal": "on",
        "title": "Сделка",
        "pipeline": pipeline.pk,
        "amount": "1,5 млн",
    }
    first, second = client.post(url, body), client.post(url, body)
    deal = Deal.objects.get()
    assert first.url == second.url == deal.get_absolute_url()
    assert deal.amount == 1_500_000


def test_foreign_match_is_neither_offered_nor_accepted(people, sign_in, lead):
    make.pipeline()
    foreign = make.contact(people.outsider)
    set_phones(foreign, ["+79123456789"])
    client, url = sign_in(people.manager), reverse("leads:convert", args=[lead.pk])
    assert str(foreign.pk) not in dict(client.get(url).context["form"].fields["contact"].choices)
    answer = client.post(url, {"contact": foreign.pk, "company": "none"})
    assert answer.status_code == 422
    assert not Deal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_conversions_make_one_deal():
    user = make_user("m", make_department("Sales"), make_role("Manager", 1))
    make.currency()
    lead, pipeline = make.lead(user), make.pipeline()
    deals = []

    def convert() -> None:
        conversion = Conversion(pipeline=pipeline, title="Сделка")
        found = convert_lead(lead_id=lead.pk, by=user, now=timezone.now(), wish=conversion)
        deals.append(found.deal_id)
        connection.close()

    threads = [threading.Thread(target=convert) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(deals) == 20
    assert set(deals) == {Deal.objects.get().pk}
    assert Contact.objects.count() == 1
    assert Lead.objects.get().status == "converted"
