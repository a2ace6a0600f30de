"""The trash: who sees it, bringing back with links, undo, retention."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity, Reminder
from activities.services import delete_activity, restore_activity
from contacts.models import Company, Contact, Employment
from contacts.services import set_emails, set_phones
from crm.trash import services
from deals.models import Deal, Purchase, StageMove
from deals.services import delete_deal, restore_deal, win_deal
from leads.models import Lead
from records.history import cause, changes_of
from records.models import AuditEntry, Deed
from tests import factories as make

GONE = timezone.now() - timedelta(days=3)


def restore_url(record) -> str:
    return reverse("trash:restore", args=[record.record_type, record.pk])


@pytest.mark.parametrize(
    ("who", "titles"),
    [
        ("manager", {"manager"}),
        ("head", {"manager", "below", "nobody"}),
        ("other_head", {"outsider", "nobody"}),
        ("admin", {"manager", "below", "outsider", "nobody"}),
        ("analyst", set()),
    ],
)
def test_trash_holds_what_the_person_could_delete(people, who, titles):
    for name in ("manager", "below", "outsider"):
        make.deal(getattr(people, name), title=name, deleted_at=GONE)
    make.deal(None, title="nobody", deleted_at=GONE)
    make.deal(people.manager, title="alive")
    found = Deal.objects.in_trash(getattr(people, who))
    assert set(found.values_list("title", flat=True)) == titles
    assert not Deal.objects.visible_to(getattr(people, who)).filter(deleted_at__isnull=False)


def test_deleting_offers_undo_on_the_next_page_and_undo_brings_back(people, sign_in):
    lead = make.lead(people.manager)
    task = make.activity(people.manager, lead=lead)
    client = sign_in(people.manager)
    page = client.post(reverse("leads:delete", args=[lead.pk]), follow=True).content.decode()
    assert f'action="{restore_url(lead)}"' in page
    assert client.get(lead.get_absolute_url()).status_code == 404
    back = client.post(restore_url(lead), follow=True)
    assert back.redirect_chain[-1][0] == lead.get_absolute_url()
    assert Lead.objects.visible_to(people.manager).filter(pk=lead.pk).exists()
    assert Activity.objects.visible_to(people.manager).get() == task
    change = changes_of(lead)[0]
    assert (change.user_id, change.fields["deleted_at"][1]) == (people.manager.pk, None)
    assert AuditEntry.objects.filter(deed=Deed.RESTORE, record_id=lead.pk).count() == 1


def test_second_click_of_undo_opens_the_record(people, sign_in):
    deal = make.deal(people.manager, deleted_at=GONE)
    client = sign_in(people.manager)
    first, second = client.post(restore_url(deal)), client.post(restore_url(deal))
    assert first.url == second.url == deal.get_absolute_url()


@pytest.mark.parametrize("who", ["colleague", "analyst", "other_head"])
def test_a_stranger_cannot_bring_back(people, sign_in, who):
    deal = make.deal(people.manager, deleted_at=GONE)
    assert sign_in(getattr(people, who)).post(restore_url(deal)).status_code == 404
    deal.refresh_from_db()
    assert deal.deleted_at is not None


def test_contact_comes_back_with_its_company(people, sign_in):
    company, contact = make.company(people.manager), make.contact(people.manager)
    Employment.objects.create(contact=contact, company=company)
    client = sign_in(people.manager)
    client.post(reverse("contacts:contact_delete", args=[contact.pk]))
    client.post(restore_url(contact))
    page = client.get(contact.get_absolute_url()).content.decode()
    assert company.name in page


def test_taken_phone_is_told_and_restored_only_when_confirmed(people, sign_in):
    gone = make.contact(people.manager, deleted_at=GONE)
    other = make.contact(people.manager, last_name="Нова")
    for contact in (gone, other):
        set_phones(contact, ["+380671234567"])
    client = sign_in(people.manager)
    answer = client.post(restore_url(gone))
    assert answer.status_code == 422
    assert other.get_absolute_url() in answer.content.decode()
    assert Contact.objects.get(pk=gone.pk).deleted_at is not None
    assert client.post(restore_url(gone), {"confirmed": "on"}).status_code == 302
    assert Contact.objects.get(pk=gone.pk).deleted_at is None


def test_taken_tax_number_of_another_department_is_told_without_its_card(people, sign_in):
    gone = make.company(people.manager, name="Старая", tax_id="7707083893", deleted_at=GONE)
    other = make.company(people.outsider, name="Чужая тайна", tax_id="7707083893")
    set_emails(other, ["x@example.com"])
    answer = sign_in(people.manager).post(restore_url(gone))
    assert answer.status_code == 422
    assert "Чужая тайна" not in answer.content.decode()
    assert "another department" in answer.content.decode()


def test_won_deal_counts_as_a_purchase_again(people):
    now = timezone.now()
    company = make.company(people.manager)
    deal = make.deal(people.manager, amount=100, company=company)
    win_deal(deal_id=deal.pk, by=people.manager, now=now)
    assert Purchase.objects.filter(deal=deal).exists()
    delete_deal(deal_id=deal.pk, by=people.manager, now=now)
    assert not Purchase.objects.filter(deal=deal).exists()
    restore_deal(deal_id=deal.pk, by=people.manager, now=now)
    assert Purchase.objects.filter(deal=deal).exists()


def test_task_comes_back_with_the_reminders_still_ahead(people):
    now = timezone.now()
    task = make.activity(people.manager, due_at=now + timedelta(days=1))
    for hours in (-2, 2):
        due_at = now + timedelta(hours=hours)
        Reminder.objects.create(activity=task, user=people.manager, due_at=due_at)
    delete_activity(activity_id=task.pk, by=people.manager, now=now)
    restore_activity(activity_id=task.pk, by=people.manager, now=now)
    states = task.reminders.order_by("due_at").values_list("state", flat=True)
    assert list(states) == ["cancelled", "waiting"]


def test_page_tells_who_deleted_and_costs_the_same_for_many(
    people, sign_in, django_assert_max_num_queries
):
    for number in range(30):
        company = make.company(people.manager, name=f"Удалённая {number}")
        with cause("page", user_id=people.head.pk):
            Company.objects.filter(pk=company.pk).update(deleted_at=timezone.now())
    client = sign_in(people.admin)
    client.get("/trash/")
    with django_assert_max_num_queries(16):
        page = client.get("/trash/?kind=company")
    assert len(page.context["lines"]) == 30
    assert {deletion.who for _row, deletion, _day in page.context["lines"]} == {str(people.head)}


def test_who_deletes_nothing_sees_an_empty_trash(people, sign_in):
    make.deal(people.manager, title="Чужая тайна", deleted_at=GONE)
    page = sign_in(people.analyst).get("/trash/?kind=deal")
    assert page.status_code == 200
    assert "Чужая тайна" not in page.content.decode()


def test_retention_removes_the_old_with_its_history_and_keeps_what_is_used(people, settings):
    settings.TRASH_DAYS = 30
    now = timezone.now()
    old, fresh = now - timedelta(days=31), now - timedelta(days=29)
    deal = make.deal(people.manager, deleted_at=old)
    young = make.deal(people.manager, deleted_at=fresh)
    used = make.company(people.manager, deleted_at=old)
    make.deal(people.manager, company=used)
    lead = make.lead(people.manager, deleted_at=old)
    assert services.purge_old(now) == {"deal": 1, "lead": 1}
    assert not Deal.objects.filter(pk=deal.pk).exists()
    assert not StageMove.objects.filter(deal=deal.pk).exists()
    assert not Deal.pgh_event_model.objects.filter(pgh_obj_id=deal.pk).exists()
    assert not Lead.objects.filter(pk=lead.pk).exists()
    assert Deal.objects.filter(pk=young.pk).exists()
    assert Company.objects.filter(pk=used.pk).exists()
    log = AuditEntry.objects.filter(deed=Deed.PURGE).values_list("record_type", "count")
    assert set(log) == {("deal", 1), ("lead", 1)}
    assert services.purge_old(now) == {}


def test_administrator_removes_for_good_others_may_not(people, sign_in):
    contact = make.contact(people.manager, deleted_at=GONE)
    url = reverse("trash:purge", args=["contact", contact.pk])
    assert sign_in(people.head).post(url).status_code == 403
    assert sign_in(people.admin).post(url).status_code == 302
    assert not Contact.objects.filter(pk=contact.pk).exists()


def test_what_others_point_at_is_not_removed(people, sign_in):
    company = make.company(people.manager, deleted_at=GONE)
    make.deal(people.manager, company=company)
    url = reverse("trash:purge", args=["company", company.pk])
    page = sign_in(people.admin).post(url, follow=True).content.decode()
    assert "other records point at it" in page
    assert Company.objects.filter(pk=company.pk).exists()
