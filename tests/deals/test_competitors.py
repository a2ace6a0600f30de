"""Competitors: a list of the administrator, asked for when a deal is lost."""

import pytest
from django.urls import reverse

from deals.models import Competitor
from tests import factories

pytestmark = pytest.mark.django_db


def test_competitors_are_arranged_and_asked_when_a_deal_is_lost(people, sign_in):
    deal = factories.deal(people.manager)
    lose = reverse("deals:lose", args=[deal.pk])
    seller, admin = sign_in(people.manager), sign_in(people.admin)
    assert 'name="competitor"' not in seller.get(lose).content.decode()
    assert admin.post(reverse("deals:competitor_create"), {"name": "Rival"}).status_code == 302
    rival = Competitor.objects.get()
    assert 'name="competitor"' in seller.get(lose).content.decode()
    body = {"version": deal.version, "reason": factories.loss_reason().pk}
    assert seller.post(lose, {**body, "competitor": 999999}).status_code == 422
    assert seller.post(lose, {**body, "competitor": rival.pk}).status_code == 302
    deal.refresh_from_db()
    assert (deal.status, deal.competitor) == ("lost", rival)
    assert "Rival" in seller.get(deal.get_absolute_url()).content.decode()
    seller.post(reverse("deals:reopen", args=[deal.pk]), {"version": deal.version})
    deal.refresh_from_db()
    assert (deal.status, deal.competitor) == ("open", None)


def test_competitor_out_of_use_is_not_offered_and_a_name_comes_once(people, sign_in):
    first, second = factories.competitor("One"), factories.competitor("Two")
    admin = sign_in(people.admin)
    edit = reverse("deals:competitor_edit", args=[second.pk])
    assert admin.post(edit, {"name": "One", "is_active": "on"}).status_code == 422
    assert admin.post(edit, {"name": "Three"}).status_code == 302
    second.refresh_from_db()
    assert (second.name, second.is_active) == ("Three", False)
    admin.post(reverse("deals:competitor_create"), {"name": "Three"})
    factories.competitor("Three")
    deal = factories.deal(people.manager)
    assert sign_in(people.manager).get(reverse("deals:lose", args=[deal.pk])).status_code == 200
    body = {"version": 1, "reason": factories.loss_reason().pk, "competitor": first.pk}
    assert sign_in(people.head).get(edit).status_code == 403
    assert (
        sign_in(people.manager).post(reverse("deals:lose", args=[deal.pk]), body).status_code == 302
    )
