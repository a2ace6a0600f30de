"""The history page of any record and bringing one old value back."""

from datetime import date

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import Role, User
from contacts.models import Company, Contact, Employment, Phone
from contacts.services import set_emails, set_phones
from crm.history.restoring import EDITS
from crm.kinds import RECORDS
from crm.trash.services import purge
from deals.models import Deal, DealLine
from records.history import cause, changes_of
from records.rights import Grant, Level, Scope
from tests import factories as make
from tests.factories import NOW


def page_of(record) -> str:
    return reverse("history:record", args=[record.record_type, record.pk])


def restore(client, record, column, *, version=None):
    """Press the button beside the newest change of the column."""
    event = changes_of(record, column=column)[0].event_id
    body = {
        "event": event,
        "field": column,
        "version": version or type(record).objects.get().version,
    }
    return client.post(reverse("history:restore", args=[record.record_type, record.pk]), body)


def change(record, user, **values) -> None:
    with cause("page", user_id=user.pk):
        type(record).objects.filter(pk=record.pk).update(**values)


def test_every_record_type_can_be_brought_back():
    assert set(RECORDS) < set(EDITS)


def test_page_tells_who_changed_what(people, sign_in):
    contact = make.contact(people.manager, city="Київ")
    change(contact, people.head, city="Львів")
    page = sign_in(people.manager).get(page_of(contact)).content.decode()
    assert all(text in page for text in ("Київ", "Львів", str(people.head)))


@pytest.mark.parametrize(("who", "status"), [("colleague", 404), ("analyst", 200)])
def test_history_is_seen_by_those_who_see_the_record(people, sign_in, who, status):
    contact = make.contact(people.manager)
    change(contact, people.manager, city="Львів")
    answer = sign_in(getattr(people, who)).get(page_of(contact))
    assert answer.status_code == status
    assert b'name="event"' not in answer.content


@pytest.mark.parametrize(("who", "status"), [("admin", 200), ("head", 403)])
def test_history_of_a_person_is_for_administrators(people, sign_in, who, status):
    with cause("page", user_id=people.admin.pk):
        User.objects.filter(pk=people.manager.pk).update(position="Юрист")
    url = reverse("history:record", args=["user", people.manager.pk])
    answer = sign_in(getattr(people, who)).get(url)
    assert answer.status_code == status
    assert ("Юрист" in answer.content.decode()) is (status == 200)


def test_filter_shows_changes_of_one_field_only(people, sign_in):
    contact = make.contact(people.manager, city="Київ")
    change(contact, people.manager, position="Директор")
    change(contact, people.manager, city="Львів")
    change(contact, people.manager, city="Одеса")
    page = sign_in(people.manager).get(f"{page_of(contact)}?field=city")
    cities = [field.after for moment, _cause in page.context["moments"] for field in moment.fields]
    assert cities == ["Одеса", "Львів"]


def test_pages_by_key_show_every_change_once(people, sign_in):
    contact = make.contact(people.manager)
    for number in range(120):
        change(contact, people.manager, city=f"Місто {number}")
    client, after, seen = sign_in(people.manager), "", []
    while True:
        page = client.get(f"{page_of(contact)}?after={after}")
        seen += [f.after for moment, _cause in page.context["moments"] for f in moment.fields]
        after = page.context["next_after"]
        if not after:
            break
    assert seen == [f"Місто {number}" for number in reversed(range(120))]


def test_value_comes_back_with_its_own_row_of_history(people, sign_in):
    contact = make.contact(people.manager, city="Київ", birthday=date(1980, 5, 17))
    version = contact.version
    change(contact, people.head, city="Львів", birthday=None)
    client = sign_in(people.manager)
    assert restore(client, contact, "city").status_code == 302
    contact.refresh_from_db()
    assert (contact.city, contact.birthday) == ("Київ", None)
    assert contact.version == version + 1
    newest = changes_of(contact)[0]
    assert (newest.user_id, newest.fields["city"]) == (people.manager.pk, ("Львів", "Київ"))
    assert restore(client, contact, "birthday").status_code == 302
    contact.refresh_from_db()
    assert (contact.city, contact.birthday) == ("Київ", date(1980, 5, 17))


def test_company_number_and_choice_come_back(people, sign_in):
    company = make.company(people.manager, head_count=15, kind="partner")
    change(company, people.head, head_count=20, kind="client")
    client = sign_in(people.manager)
    for column in ("head_count", "kind"):
        assert restore(client, company, column).status_code == 302
    company = Company.objects.get()
    assert (company.head_count, company.kind) == (15, "partner")


def test_deal_sum_and_contact_come_back(people, sign_in):
    contact = make.contact(people.manager)
    deal = make.deal(people.manager, amount=1500, contact=contact)
    change(deal, people.head, amount=20, contact=None)
    client = sign_in(people.manager)
    for column in ("amount", "contact_id"):
        assert restore(client, deal, column).status_code == 302
    deal = Deal.objects.get()
    assert (deal.amount, deal.contact) == (1500, contact)


def test_a_value_out_of_reach_is_refused_by_the_form(people, sign_in):
    hidden = make.contact(people.outsider, last_name="Тайная")
    deal = make.deal(people.manager, contact=hidden)
    change(deal, people.admin, contact=None)
    answer = restore(sign_in(people.manager), deal, "contact_id")
    assert answer.status_code == 422
    assert "Тайная" not in answer.content.decode()
    assert Deal.objects.get().contact is None


@pytest.mark.parametrize("column", ["stage_id", "owner_id", "deleted_at", "nonsense"])
def test_what_the_form_does_not_change_is_not_brought_back(people, sign_in, column):
    deal = make.deal(people.manager)
    change(deal, people.admin, stage=deal.pipeline.stages.last(), amount=7)
    event = changes_of(deal)[0].event_id
    url = reverse("history:restore", args=["deal", deal.pk])
    body = {"event": event, "field": column, "version": deal.version}
    assert sign_in(people.manager).post(url, body).status_code == 422
    deal.refresh_from_db()
    assert deal.stage == deal.pipeline.stages.last()


def test_an_event_of_another_record_is_refused(people, sign_in):
    mine, other = make.contact(people.manager, city="Київ"), make.contact(people.outsider)
    change(other, people.admin, city="Тайна")
    change(other, people.admin, city="Львів")
    event = changes_of(other)[0].event_id
    body = {"event": event, "field": "city", "version": mine.version}
    url = reverse("history:restore", args=["contact", mine.pk])
    assert sign_in(people.manager).post(url, body).status_code == 422
    assert Contact.objects.get(pk=mine.pk).city == "Київ"


def test_stale_version_changes_nothing(people, sign_in):
    contact = make.contact(people.manager, city="Київ")
    change(contact, people.head, city="Львів")
    assert restore(sign_in(people.manager), contact, "city", version=99).status_code == 409
    assert Contact.objects.get().city == "Львів"


def test_who_may_only_look_brings_nothing_back(people, sign_in):
    contact = make.contact(people.manager, city="Київ")
    change(contact, people.head, city="Львів")
    assert restore(sign_in(people.analyst), contact, "city").status_code == 403
    assert restore(sign_in(people.colleague), contact, "city").status_code == 404
    assert Contact.objects.get().city == "Львів"


def test_phones_and_emails_tell_their_history(people, sign_in):
    contact = make.contact(people.manager)
    with cause("page", user_id=people.head.pk):
        set_phones(contact, ["+380671234567"])
        set_phones(contact, ["+380501112233"])
        set_emails(contact, ["a@example.com"])
    page = sign_in(people.manager).get(page_of(contact))
    told = {(part.who, part.before, part.after) for part in page.context["parts"]}
    who = str(people.head)
    assert told == {
        (who, "", "+380671234567"),
        (who, "+380671234567", ""),
        (who, "", "+380501112233"),
        (who, "", "a@example.com"),
    }


def test_lines_of_a_deal_tell_their_history(people, sign_in):
    deal = make.deal(people.manager)
    line = DealLine.objects.create(deal=deal, name="Вентилятор", price=100)
    DealLine.objects.filter(pk=line.pk).update(quantity=3)
    line.delete()
    page = sign_in(people.manager).get(page_of(deal))
    told = [(part.before, part.after) for part in page.context["parts"]]
    assert told == [
        ("Вентилятор: 3 × 100", ""),
        ("Вентилятор: 1 × 100", "Вентилятор: 3 × 100"),
        ("", "Вентилятор: 1 × 100"),
    ]


def test_a_company_out_of_sight_stays_unnamed(people, sign_in):
    contact = make.contact(people.manager)
    hidden = make.company(people.outsider, name="Тайная")
    Employment.objects.create(contact=contact, company=hidden)
    page = sign_in(people.manager).get(page_of(contact)).content.decode()
    assert "Тайная" not in page
    assert f"company № {hidden.pk}" in page


def test_a_record_removed_for_good_leaves_no_history_of_its_phones(people):
    contact = make.contact(people.manager, deleted_at=NOW)
    set_phones(contact, ["+380671234567"])
    key = contact.pk
    purge(contact)
    assert not Phone.pgh_event_model.objects.filter(contact_id=key).exists()
    assert not Contact.pgh_event_model.objects.filter(pgh_obj_id=key).exists()


def test_role_tells_its_rights_rules_and_holders(people, sign_in):
    role = Role.objects.get(name="Manager")
    stage = make.pipeline().stages.first()
    with cause("page", user_id=people.admin.pk):
        services.save_role_grants(role=role, matrix={("lead", "view"): Grant(Scope.ALL)})
        services.set_field_rules(role=role, levels={("company", "phone"): Level.NONE})
        rule = services.StageInput(stage.pk, Level.VIEW, (), can_close=False)
        services.set_stage_rules(role=role, rules=[rule])
        services.give_role(role=role, department=people.sales, includes_below=True)
    page = sign_in(people.admin).get(reverse("history:record", args=["role", role.pk]))
    told = [f"{part.label}: {part.before} → {part.after}" for part in page.context["parts"]]
    assert "Right: Leads, View: Own → Leads, View: All" in told
    assert "Field:  → Companies, Phones: Hidden" in told
    assert "Stage:  → Stage 1: View only, moves are limited, no winning or losing" in told
    assert "Given to:  → Sales, with those below" in told
    assert page.context["parts"][0].who == str(people.admin)


def test_settings_come_back_through_their_pages(people, sign_in):
    client = sign_in(people.admin)
    role, pipeline = Role.objects.get(name="Manager"), make.pipeline()
    grants = role.grants.count()
    for kind, record in (("role", role), ("pipeline", pipeline), ("department", people.regions)):
        type(record).objects.filter(pk=record.pk).update(name="Иначе")
        address = reverse("history:record", args=[kind, record.pk])
        assert "Bring back" in client.get(address).content.decode()
        event = changes_of(record, column="name")[0].event_id
        record.refresh_from_db()
        body = {"event": event, "field": "name", "version": record.version}
        url = reverse("history:restore", args=[kind, record.pk])
        assert sign_in(people.head).post(url, body).status_code == 403
        assert client.post(url, body).status_code == 302
    role.refresh_from_db()
    assert (role.name, role.grants.count()) == ("Manager", grants)
    assert type(pipeline).objects.get().name == "Sales"
    services.place_department(department=people.regions, parent=None)
    people.sales.refresh_from_db()
    services.place_department(department=people.sales, parent=people.regions)
    event = changes_of(people.regions, column="parent_id")[0].event_id
    people.regions.refresh_from_db()
    body = {"event": event, "field": "parent_id", "version": people.regions.version}
    url = reverse("history:restore", args=["department", people.regions.pk])
    answer = client.post(url, body)
    assert answer.status_code == 422
    assert "cannot be part of itself" in answer.content.decode()
