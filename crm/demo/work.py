"""Calls, meetings, letters, tasks and notes on deals and leads, and the plan of today."""

from datetime import datetime, timedelta
from typing import Any

from activities.models import Activity, CallResult, Direction, Kind
from crm.demo import words
from crm.demo.news import make_news
from crm.demo.staff import STAFF, Hand
from crm.demo.truth import delay, silence
from crm.demo.voice import put_marks
from crm.demo.words import pick_list
from crm.demo.world import World
from deals.models import Deal
from leads.models import Lead

ZONE = timedelta(hours=3)  # of most people of the company
EVENING = 15  # local; later the tasks of today lie between now and midnight
PER_DEAL = (2, 3, 4, 4, 5, 6)
PLANS = (
    ("overdue", 22),
    ("today", 30),
    ("next", 30),
    ("none", 18),
)
PHRASES = {
    Kind.CALL: words.CALLS,
    Kind.MEETING: words.MEETINGS,
    Kind.EMAIL: words.TASKS,
    Kind.TASK: words.TASKS,
    Kind.NOTE: words.NOTES,
}


def make_work(world: World) -> None:
    """The timeline of every deal and lead, then what is planned on the open ones."""
    work: list[Activity] = []
    for deal in world.deals:
        work += _history(world, deal)
        if deal.is_open:
            work += _plan(world, deal)
    for lead in world.leads:
        work += _lead_work(world, lead)
    for number, hand in enumerate(STAFF):
        work += _soon(world, number, hand)
    for number, activity in enumerate(work, 1):
        activity.import_key = f"demo:activity:{number}"
    Activity.objects.bulk_create(work, batch_size=2000)
    put_marks(work)
    make_news(world, [activity for activity in work if activity.done_at is None])


def _history(world: World, deal: Deal) -> list[Activity]:
    end = deal.closed_at or world.now
    span = (end - deal.created_at).total_seconds()
    done = []
    for _n in range(world.chance.choice(PER_DEAL)):
        at = deal.created_at + timedelta(seconds=span * world.chance.random())
        at = min(max(world.working(at), deal.created_at), end)
        kind = world.chance.choices(list(PHRASES), [40, 12, 16, 20, 12])[0]
        side = world.sides[deal.contact_id]
        done.append(
            _done(world, kind, side, at, deal=deal, contact=deal.contact, company=deal.company)
        )
    return done


def _done(world: World, kind: Kind, side: str, at: datetime, **holders: Any) -> Activity:
    record = holders.get("deal") or holders.get("lead")
    activity = Activity(
        kind=kind,
        owner=record.owner,
        created_by=record.owner,
        created_at=at,
        happened_at=at,
        done_at=at,
        due_at=at if kind in (Kind.TASK, Kind.MEETING) else None,
        **holders,
    )
    text = world.word(PHRASES[kind], side)
    if kind in (Kind.CALL, Kind.NOTE):
        activity.body = text
    else:
        activity.subject = text
    if kind == Kind.CALL:
        activity.direction = world.chance.choice(list(Direction))
        activity.result = world.chance.choices(list(CallResult), [70, 18, 12])[0]
        if activity.result == CallResult.TALKED:
            activity.duration = int(world.chance.lognormvariate(5, 0.8))
        else:
            activity.body = ""
    elif kind == Kind.EMAIL:
        activity.direction = world.chance.choice(list(Direction))
    return activity


def _plan(world: World, deal: Deal) -> list[Activity]:
    """Most open deals have a next step; some are late, some forgotten."""
    names, weights = zip(*PLANS, strict=True)
    plan = world.chance.choices(names, weights)[0]
    if plan == "none":
        return []
    side = world.sides[deal.contact_id]
    holders = {"deal": deal, "contact": deal.contact, "company": deal.company}
    return [_planned(world, side, deal.owner, _due(world, plan), **holders)]


def _soon(world: World, number: int, hand: Hand) -> list[Activity]:
    """Something for everybody in the next hours, so that a reminder rings while one looks.

    Those who sell get a call about an own open deal; the others two tasks of their trade.
    """
    person = world.people[hand.login]
    minutes = 20 + number % 4 * 5
    due = (world.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    own = [deal for deal in world.deals if deal.is_open and deal.owner == person]
    if own:
        deal = world.chance.choice(own)
        holders = {"deal": deal, "contact": deal.contact, "company": deal.company}
        call = _planned(world, hand.language, person, due, **holders)
        call.kind, call.ends_at = Kind.CALL, None
        call.subject = pick_list(words.TASKS, hand.language)[1]
        return [call]
    tasks = []
    for subject in pick_list(words.OFFICE[hand.login], hand.language):
        task = _planned(world, hand.language, person, due)
        task.kind, task.ends_at, task.subject = Kind.TASK, None, subject
        tasks.append(task)
        due += timedelta(hours=20)
    return tasks


def _due(world: World, plan: str) -> datetime:
    """Late by days, today within what is left of the working day, or in the coming two weeks."""
    chance = world.chance
    if plan == "overdue":
        return world.now - timedelta(days=chance.randint(1, 9), hours=chance.randint(0, 5))
    local = world.now + ZONE
    if plan == "today" and local.hour >= EVENING:
        left = (local.replace(hour=23, minute=45) - local).total_seconds()
        due = world.now + timedelta(seconds=chance.uniform(0.1, 1) * max(left, 0))
        return due.replace(second=0, microsecond=0)
    day = local if plan == "today" else local + timedelta(days=chance.randint(1, 14))
    return day.replace(
        hour=chance.randint(6, 15), minute=chance.choice((0, 15, 30, 45)), second=0, microsecond=0
    )


def _planned(world: World, side: str, owner: Any, due: datetime, **holders: Any) -> Activity:
    kind = world.chance.choices([Kind.TASK, Kind.CALL, Kind.MEETING], [60, 25, 15])[0]
    subject = world.word(words.MEETINGS if kind == Kind.MEETING else words.TASKS, side)
    created = min(due, world.now) - timedelta(days=world.chance.uniform(0.1, 3))
    return Activity(
        kind=kind,
        subject=subject,
        owner=owner,
        created_by=owner,
        created_at=created,
        due_at=due,
        ends_at=due + timedelta(hours=1) if kind == Kind.MEETING else None,
        happened_at=due,
        **holders,
    )


def _lead_work(world: World, lead: Lead) -> list[Activity]:
    """A first call soon after the lead came, perhaps a second, and a plan while in work."""
    if lead.owner is None or lead.status == "new":
        return []
    side = lead.utm_content
    end = lead.closed_at or world.now
    usual = lead.assigned_at + timedelta(minutes=world.chance.expovariate(1 / 45))
    first = min(usual + delay(lead), end)
    work = [_done(world, Kind.CALL, side, first, lead=lead)]
    silence(lead, work[0])
    if world.chance.random() < 0.4:
        later = first + (end - first) * world.chance.random()
        kind = world.chance.choice((Kind.CALL, Kind.EMAIL, Kind.NOTE))
        work.append(_done(world, kind, side, later, lead=lead))
    if lead.status == "working" and world.chance.random() < 0.75:
        due = _due(world, world.chance.choice(("overdue", "today", "next")))
        work.append(_planned(world, side, lead.owner, due, lead=lead))
    return work
