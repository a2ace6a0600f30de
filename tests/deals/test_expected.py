"""The forecast by month: each deal in one column, whole sums, a card put into a month."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.services import set_field_rules
from deals.expected import columns, spans
from deals.models import Deal
from records.rights import Level
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_spans_cover_every_day_once():
    found = spans(TODAY)
    assert [span.code for span in found] == [
        "late", "2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04", "later", "none"
    ]  # fmt: skip
    assert found[1].first == TODAY
    for span, following in pairwise(found[1:-1]):
        assert (following.first - span.last).days == 1


@pytest.mark.parametrize(
    ("before", "code", "day"),
    [
        (date(2026, 12, 31), "2027-02", date(2027, 2, 28)),
        (date(2026, 12, 5), "2027-01", date(2027, 1, 5)),
        (date(2026, 12, 5), "2026-11", date(2026, 11, 30)),
        (date(2026, 12, 25), "2026-11", date(2026, 11, 25)),
        (None, "2026-12", date(2026, 12, 31)),
        (date(2026, 12, 5), "none", None),
    ],
)
def test_day_in_another_month_keeps_its_number_where_it_can(before, code, day):
    (span,) = [span for span in spans(TODAY) if span.code == code]
    assert span.day_for(before) == day


def test_columns_hold_each_open_deal_once_with_whole_sums(people, django_assert_num_queries):
    days = [
        date(2026, 11, 22),
        TODAY,
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2027, 9, 1),
        None,
    ]
    for number in range(30):
        make.deal(people.manager, amount=100 + number, expected_close_date=days[number % 6])
    for number in range(25):
        make.deal(people.manager, amount=1, expected_close_date=date(2027, 2, 1 + number))
    make.deal(people.outsider, amount=5000, expected_close_date=TODAY)
    with django_assert_num_queries(6):  # two of them for the rights
        made = columns(Deal.objects.visible_to(people.manager).open(), TODAY, NOW)
    counts = {column.span.code: column.total.count for column in made if column.total.count}
    assert counts == {"late": 5, "2026-11": 10, "2026-12": 5, "2027-02": 25, "later": 5, "none": 5}
    assert sum(column.total.amount for column in made) == sum(100 + n for n in range(30)) + 25
    february = next(column for column in made if column.span.code == "2027-02")
    assert (len(february.cards), february.below) == (20, 5)
    shown = [card.deal.pk for column in made for card in column.cards]
    assert len(shown) == len(set(shown)) == 50
    for column in made:
        percent = make.pipeline().stages.first().probability
        assert column.total.weighted == column.total.amount * percent / Decimal(100)


def test_board_puts_a_deal_into_a_month_and_answers_card_and_heads(people, sign_in):
    deal = make.deal(people.manager, expected_close_date=None)
    client = sign_in(people.manager)
    page = client.get(reverse("deals:forecast"))
    codes = [column.span.code for column in page.context["columns"]]
    body = {"month": codes[2], "version": deal.version}
    headers = {"HX-Request": "true", "HX-Target": "board"}
    answer = client.post(reverse("deals:month", args=[deal.pk]), body, headers=headers)
    assert answer.status_code == 200
    assert f'id="deal-{deal.pk}"' in answer.text
    assert f'id="column-{codes[2]}-head"' in answer.text
    deal.refresh_from_db()
    assert f"{deal.expected_close_date:%Y-%m}" == codes[2]
    assert answer.headers["X-Version"] == str(deal.version)


@pytest.mark.parametrize("month", ["late", "later", "2020-01", "", "x" * 300])
def test_month_that_is_not_offered_changes_nothing(people, sign_in, month):
    deal = make.deal(people.manager, expected_close_date=TODAY)
    answer = sign_in(people.manager).post(
        reverse("deals:month", args=[deal.pk]), {"month": month, "version": deal.version}
    )
    assert answer.status_code == 422
    deal.refresh_from_db()
    assert deal.expected_close_date == TODAY


def test_hidden_date_closes_the_forecast(people, sign_in):
    deal = make.deal(people.manager, expected_close_date=TODAY)
    role = Role.objects.get(name="Manager")
    set_field_rules(role=role, levels={("deal", "expected_close_date"): Level.NONE})
    client = sign_in(people.manager)
    assert client.get(reverse("deals:forecast")).status_code == 403
    assert client.post(reverse("deals:month", args=[deal.pk]), {"month": "none"}).status_code == 403
    assert reverse("deals:forecast") not in client.get(reverse("deals:board")).text
    deal.refresh_from_db()
    assert deal.expected_close_date == TODAY
