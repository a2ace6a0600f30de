"""A hidden field is nowhere: cards, lists, forms, filters, sorts, search, sums, history."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.urls import reverse

from accounts import services
from accounts.models import Role, RoleAssignment, RoleGrant
from contacts.models import Company
from contacts.services import set_phones
from crm.search import search
from deals.models import Deal
from deals.services import edit_deal
from records.changes import readable_changes
from records.rights import Level, Scope
from tests import factories as make
from tests.factories import NOW

report_urls = import_module("reports.urls").urlpatterns

SECRET = "987654"


def fresh(person):
    return type(person).objects.get(pk=person.pk)


def rule(level, *cells):
    """Close fields for managers."""
    role = Role.objects.get(name="Manager")
    services.set_field_rules(role=role, levels=dict.fromkeys(cells, level))


@pytest.fixture
def deal(people):
    return make.deal(people.manager, amount=Decimal(SECRET), amount_base=Decimal(SECRET))


def test_hidden_amount_is_on_no_page(people, deal, sign_in):
    rule(Level.NONE, ("deal", "amount"))
    client = sign_in(people.manager)
    pages = [
        reverse("deals:detail", args=[deal.pk]),
        reverse("deals:update", args=[deal.pk]),
        reverse("deals:history", args=[deal.pk]),
        reverse("deals:list"),
        reverse("deals:list") + "?sort=amount",
        reverse("deals:board"),
        reverse("home"),
    ]
    for page in pages:
        answer = client.get(page)
        text = answer.content.decode().replace("\u00a0", "").replace("\u202f", "").replace(",", "")
        assert answer.status_code == 200, page
        assert SECRET not in text.replace(" ", ""), page


def test_sums_over_a_hidden_column_are_empty_and_order_by_it_is_dropped(people, deal):
    rule(Level.NONE, ("deal", "amount"))
    rows = Deal.objects.visible_to(fresh(people.manager))
    assert rows.aggregate(total=Sum("amount_base")) == {"total": None}
    assert rows.values("stage").annotate(total=Sum("amount"))[0]["total"] is None
    counted = rows.values_list("owner").annotate(Count("pk"), Sum("amount_base"))
    assert list(counted) == [(people.manager.pk, 1, None)]
    assert rows.aggregate(Sum("amount_base")) == {"amount_base__sum": None}
    assert list(rows.values_list("pk", "amount")) == [(deal.pk, None)]
    assert list(rows.values_list("amount_base", flat=True)) == [None]
    assert next(rows.iterator()).amount is None
    assert rows.order_by("-amount_base", "pk").query.order_by == ("pk",)
    seen = Deal.objects.visible_to(fresh(people.head))
    assert seen.aggregate(total=Sum("amount_base")) == {"total": Decimal(SECRET)}


def test_posted_hidden_amount_is_ignored_and_the_stored_one_stays(people, deal, sign_in):
    rule(Level.NONE, ("deal", "amount"))
    client = sign_in(people.manager)
    data = {"title": "Renamed", "amount": "5", "currency": "RUB", "version": deal.version}
    assert client.post(reverse("deals:update", args=[deal.pk]), data).status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.amount) == ("Renamed", Decimal(SECRET))


def test_locked_amount_is_shown_but_neither_offered_nor_written(people, deal, sign_in):
    rule(Level.VIEW, ("deal", "amount"))
    client = sign_in(people.manager)
    assert b"987" in client.get(reverse("deals:detail", args=[deal.pk])).content
    page = client.get(reverse("deals:update", args=[deal.pk]))
    assert "amount" not in page.context["form"].fields
    assert client.get(reverse("deals:lines", args=[deal.pk])).status_code == 403


def test_veiled_record_cannot_be_stored(people, deal):
    rule(Level.NONE, ("deal", "amount"))
    veiled = Deal.objects.visible_to(fresh(people.manager)).get()
    with pytest.raises(TypeError):
        veiled.save()
    veiled.title = "Still allowed"
    veiled.save(update_fields=["title"])
    deal.refresh_from_db()
    assert deal.amount == Decimal(SECRET)


def test_hidden_phone_is_not_found_shown_or_lost(people, sign_in):
    contact = make.contact(people.manager)
    set_phones(contact, ["+380 67 123 45 67"])
    rule(Level.NONE, ("contact", "phone"))
    manager, client = fresh(people.manager), sign_in(people.manager)
    assert search(manager, "0671234567") == []
    assert [group.rows for group in search(fresh(people.head), "0671234567")] == [[contact]]
    for page in (contact.get_absolute_url(), reverse("contacts:contact_list")):
        assert b"67 123" not in client.get(page).content
    found = client.get(reverse("contacts:contact_list"), {"q": "0671234567"})
    assert list(found.context["rows"]) == []
    assert client.get(reverse("pick", args=["contact"]), {"q": "0671234567"}).json() == []
    data = {"first_name": "Renamed", "phones": "+380671110000", "version": contact.version}
    address = reverse("contacts:contact_edit", args=[contact.pk])
    assert client.post(address, data).status_code == 302
    contact.refresh_from_db()
    assert contact.first_name == "Renamed"
    assert [phone.e164 for phone in contact.phones.all()] == ["+380671234567"]


def test_hidden_tax_number_is_no_part_of_the_text_of_search(people, sign_in):
    company = make.company(people.manager, name="Vector", tax_id="7707083893")
    rule(Level.NONE, ("company", "tax_id"))
    manager, client = fresh(people.manager), sign_in(people.manager)
    assert search(manager, "7707083893") == []
    assert [group.rows for group in search(manager, "vector")] == [[company]]
    address = reverse("contacts:company_list")
    assert list(client.get(address, {"q": "7707083893"}).context["rows"]) == []
    assert list(client.get(address, {"q": "vector"}).context["rows"]) == [company]
    assert Company.objects.visible_to(manager).get().tax_id == ""


def test_changes_of_a_hidden_field_are_not_told(people, deal):
    rule(Level.NONE, ("deal", "amount"))
    edit_deal(deal_id=deal.pk, by=people.head, now=NOW, amount=Decimal(7), title="New name")
    told = [row.label for m in readable_changes(deal, fresh(people.manager)) for row in m.fields]
    assert told == ["Title"]
    told = [row.label for m in readable_changes(deal, fresh(people.head)) for row in m.fields]
    assert set(told) >= {"Title", "Amount"}


def test_filter_by_a_hidden_field_is_taken_out(people, sign_in):
    make.lead(people.manager, source=make.source("Site"))
    other = make.source("Fair")
    rule(Level.NONE, ("lead", "source"))
    found = sign_in(people.manager).get(reverse("leads:list"), {"source": other.pk})
    assert len(found.context["rows"]) == 1
    assert "source" not in found.context["filter"].filters


def test_role_closed_by_default_opens_only_what_its_rules_open(people):
    role = Role.objects.get(name="Manager")
    services.set_role_flags(role=role, closed_by_default=True, is_novice=False)
    services.set_field_rules(role=role, levels={("deal", "amount"): Level.VIEW})
    fields = fresh(people.manager).fields("deal")
    assert (fields.sees("amount"), fields.edits("amount")) == (True, False)
    assert not fields.sees("source")
    assert fields.sees("title")


def test_another_role_opens_a_field(people):
    rule(Level.NONE, ("deal", "amount"))
    opens = Role.objects.create(name="Sees sums")
    RoleGrant.objects.create(role=opens, record_type="deal", action="view", scope=Scope.OWN)
    RoleAssignment.objects.create(role=opens, user=people.manager)
    assert fresh(people.manager).fields("deal").edits("amount")


def test_reports_their_files_and_the_command_are_closed_to_who_may_not_see_amounts(people, sign_in):
    role = Role.objects.get(name="Analyst")
    client = sign_in(people.analyst)
    assert 'href="/reports/"' in client.get("/").content.decode()
    services.set_field_rules(role=role, levels={("deal", "amount"): Level.NONE})
    doors = [url for url in report_urls if url.callback.policy.name == "view_reports"]
    assert len(doors) > 10
    for door in doors:
        keys = [1] * len(door.pattern.converters)
        name, address = door.name, reverse(f"reports:{door.name}", args=keys)
        for query in ("", "?file=xlsx", "?file=csv", "?file=pdf"):
            answer = client.get(address + query)
            assert answer.status_code == 403, name
            assert "Reports are made of the amounts of deals" in answer.content.decode()
        htmx = client.get(address, headers={"HX-Request": "true"})
        assert htmx.status_code == client.post(address).status_code == 403
    assert client.get(reverse("reports:rfm_card")).context["row"] is None
    assert 'href="/reports/"' not in client.get("/").content.decode()
    with pytest.raises(CommandError, match="Reports are made of the amounts"):
        call_command("report", "funnel", "--as", people.analyst.email)
