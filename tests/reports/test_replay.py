"""A report as of a past day says to the kopeck what it said on that day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from deals.models import Deal
from deals.services.moving import lose_deal, move_deal, reopen_deal, win_deal
from reports.asking import Asked
from reports.forecast.report import forecast_report
from reports.funnel.report import funnel_report
from reports.ledger.retention_report import retention_report
from reports.periods import Period
from reports.rfm import rfm_report
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 15)
PERIOD = Period(date(2026, 10, 1), DAY)
Event = tuple[datetime, Callable[[datetime], Any]]


def key(title: str) -> int:
    """The deal of the title."""
    return Deal.objects.get(title=title).pk


def create(owner, company, title: str, amount: int, at: datetime) -> None:
    make.deal(owner, title=title, amount=amount, company=company, created_at=at)


def story(people) -> list[Event]:
    """A month of twelve deals, to and fro, in the order of time."""
    by, reason = people.admin, make.loss_reason()
    stages = [stage.pk for stage in make.pipeline().stages.order_by("position")]
    company = make.company(people.manager)
    events: list[Event] = []
    for number in range(12):
        title, begun = f"Deal {number}", NOW - timedelta(days=20 - number)
        owner = (people.manager, people.colleague)[number % 2]
        made = partial(create, owner, company, title, 1000 + 111 * number)
        events.append((begun, lambda at, made=made: made(at)))
        for days, stage in ((1, stages[2]), (3, stages[1]), (9, stages[3])):
            step = partial(move_of, title, stage, by)
            events.append((begun + timedelta(days=days), step))
        ends = {
            0: [(4, partial(won, title, by))],
            1: [(4, partial(lost, title, reason, by)), (8, partial(back, title, by))],
            2: [(10, partial(won, title, by))],
        }[number % 3]
        events += [(begun + timedelta(days=days), act) for days, act in ends]
    return sorted(events, key=lambda event: event[0])


def move_of(title: str, stage: int, by, at: datetime) -> None:
    """A move of a deal that is still open."""
    if Deal.objects.get(title=title).status == "open":
        move_deal(deal_id=key(title), stage_id=stage, by=by, now=at)


def won(title: str, by, at: datetime) -> None:
    win_deal(deal_id=key(title), by=by, now=at)


def lost(title: str, reason, by, at: datetime) -> None:
    lose_deal(deal_id=key(title), reason=reason, by=by, now=at)


def back(title: str, by, at: datetime) -> None:
    reopen_deal(deal_id=key(title), by=by, now=at)


def asked(people, **fields: Any) -> Asked:
    """What is asked on every day alike."""
    given = {"pipeline": make.pipeline(), "period": PERIOD, "as_of": DAY}
    return Asked(user=people.head, **{**given, **fields})


def of_funnel(people, lens: str, **fields: Any) -> dict[str, Any]:
    found = funnel_report(asked(people, options={"lens": lens}, **fields)).values
    found.pop("loss_reasons", None)  # by definition those of today
    return found


def of_retention(people, **fields: Any) -> dict[str, Any]:
    return retention_report(asked(people, options={"step": "month"}, **fields)).values


def of_forecast(people, **fields: Any) -> dict[str, Any]:
    options = {"by": "stage", "horizon": "90"}
    return forecast_report(asked(people, options=options, **fields)).values


def of_rfm(people, **fields: Any) -> dict[str, Any]:
    return rfm_report(people.head, DAY)


READINGS: dict[str, Callable[..., dict[str, Any]]] = {
    **{
        f"funnel, {lens}": partial(of_funnel, lens=lens)
        for lens in ("reached", "strict", "flow", "snapshot")
    },
    "retention": of_retention,
    "forecast": of_forecast,
    "rfm": of_rfm,
}


def test_a_report_as_of_a_past_day_is_the_report_of_that_day(people):
    end = Period(last=DAY).end
    events = story(people)
    for at, act in events:
        if at < end:
            act(at)
    then = {name: read(people, now=end) for name, read in READINGS.items()}
    for at, act in events:
        if at >= end:
            act(at)
    later = {name: read(people, now=NOW + timedelta(days=9)) for name, read in READINGS.items()}
    for name, values in then.items():
        assert later[name] == values, name
    assert then["funnel, snapshot"]["total"]["open_amount"] > 0
    today = of_funnel(people, "snapshot", as_of=None, now=NOW)
    assert today["total"] != then["funnel, snapshot"]["total"]
