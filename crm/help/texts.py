"""The texts of help, one topic per main page; the pages of each topic by URL name."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Topic:
    """A short help: what one does here, line by line; `keys` are shortcuts with their sense."""

    code: str
    title: Any
    lines: tuple[Any, ...]
    pages: tuple[str, ...]
    keys: tuple[tuple[str, Any], ...] = ()


ADD, FIND = ("n", _("Add")), ("/", _("Search"))
NEXT = ("j k", _("Next, previous record"))
SAVE = ("Ctrl Enter", _("Save what is written"))

DAILY = (
    Topic(
        "day",
        _("My day"),
        (
            _("What is late, due today and tomorrow, in the order of time. Begin at the top."),
            _("The circle marks a task as done; the next step is asked for at once."),
            _("“+1 day” moves a task; the receiver icon calls the client."),
            _("On the right: new leads that wait for you, deals without a task, stuck deals."),
            _("A head chooses one of his people above and sees that person's day."),
        ),
        ("home",),
        (ADD, FIND),
    ),
    Topic(
        "board",
        _("Board of deals"),
        (
            _("A column is a stage. Its head shows how many deals stand there and their sum."),
            _("Drag a card to another stage, or use its menu. “Undo” appears for a few seconds."),
            _("The sign on a card says when the next step is due; click it to plan or finish."),
            _("A coloured left edge means the deal stays in its stage longer than it should."),
            _("When a stage demands a field, a small window asks for just that field."),
            _("“By month” shows the same deals by expected closing; a drag changes the month."),
        ),
        ("deals:board", "deals:forecast"),
        (("Alt ← →", _("Move the card by a stage")), ("m", _("Menu of the card"))),
    ),
    Topic(
        "lists",
        _("Lists"),
        (
            _("Filters stand above the table as chips and in the address, so a link shows them."),
            _("Space or the eye of a row shows the record beside the list; Esc leads back."),
            _("“Save the view” keeps a filter with its columns as a tab, for you or for others."),
            _("“Columns” chooses what is shown and in what order."),
            _("Tick rows to give, move, change or delete many at once; it can be undone."),
            _("Export writes the rows of the filter to a file, if your role allows it."),
        ),
        (
            "deals:list",
            "leads:list",
            "contacts:contact_list",
            "contacts:company_list",
            "catalog:product_list",
            "lists:filter",
            "lists:columns",
        ),
        (ADD, NEXT, FIND),
    ),
    Topic(
        "deal",
        _("Card of a deal"),
        (
            _("The bar above shows the stages and the days in each; click one to move the deal."),
            _("Write a note or log a call in the middle; what is planned stands above history."),
            _("Left are the facts, people, products; a pencil appears where you may edit."),
            _("“Won” and “Lost” close the deal; a lost one needs a reason."),
            _("“Who sees it” tells who has access to this deal and why."),
        ),
        ("deals:detail", "deals:lines", "deals:participants", "deals:create", "deals:update"),
        (SAVE, NEXT),
    ),
    Topic(
        "lead",
        _("Card of a lead"),
        (
            _("A lead is somebody who reacted. Call first, then decide."),
            _("“Convert” makes a contact, a company and a deal; doubles are found and offered."),
            _("Not a buyer? Reject the lead with a reason: reports count on it."),
            _("Below stands which rule gave the lead to its owner, and why."),
        ),
        ("leads:detail", "leads:create", "leads:edit", "leads:convert"),
        (SAVE, NEXT),
    ),
    Topic(
        "client",
        _("Card of a client"),
        (
            _("People and companies are the clients; a person may belong to a company."),
            _("All phones call on a click; messenger icons open a chat with the number."),
            _("The timeline gathers what happened with the client in every deal."),
            _("While you add one, similar clients are shown, so that no double is made."),
        ),
        (
            "contacts:contact_detail",
            "contacts:company_detail",
            "contacts:contact_create",
            "contacts:company_create",
            "contacts:contact_edit",
            "contacts:company_edit",
        ),
        (SAVE, NEXT),
    ),
    Topic(
        "tasks",
        _("Tasks"),
        (
            _("Everything planned: calls, meetings, letters, tasks. Tabs divide it by time."),
            _("A task belongs to a deal, a lead or a client and is seen with it."),
            _("Write the time as you speak: “tomorrow 15”, “+3d”, “mon 10:00”."),
            _("Reminders come to the bell and by e-mail at the time you set."),
        ),
        ("activities:list", "activities:create", "activities:detail", "activities:edit"),
        (ADD,),
    ),
    Topic(
        "search",
        _("Search"),
        (
            _("One box for everything: phone in any spelling, name, tax number, number of a deal."),
            _("The wrong keyboard layout and small typing errors are forgiven."),
            _("Only what you have the right to see is found."),
        ),
        ("search",),
        (FIND, ("Ctrl k", _("Go, find, act"))),
    ),
    Topic(
        "reports",
        _("Reports"),
        (
            _("Every report answers a question; the filter narrows period, people, pipeline."),
            _("Each number is a link to exactly the records it counts."),
            _("A filter can be saved under a name, printed and written to a file."),
            _("“Send by e-mail” sends it on a schedule; each receiver gets his own numbers."),
            _("You see the figures of those whose records you may see."),
        ),
        ("reports:*",),
    ),
    Topic(
        "dashboards",
        _("Dashboards"),
        (
            _("Open a report, set its filter and press “Pin”: it becomes a tile."),
            _("Each tile is counted anew for whoever looks, over what he may see."),
            _("The period above holds for all tiles; “As pinned” gives each its own again."),
            _("“Arrange” lets you drag tiles, move them with arrows and take them away."),
            _("A dashboard may be shown to everybody; an administrator gives one to a role."),
        ),
        ("dashboards:*",),
    ),
    Topic(
        "day",
        _("What was done on the day"),
        (
            _("One day: who called, met, wrote, closed tasks and moved deals, hour by hour."),
            _("A dark square is a busy hour; a click on any number opens exactly these acts."),
            _("A click on a person leaves only his day. The hours are those of your time zone."),
        ),
        ("reports:day", "reports:day_*"),
    ),
    Topic(
        "manager",
        _("One manager"),
        (
            _("Twelve months of one person: deals, sums, cycle, calls, late tasks, the plan."),
            _("The dashed line is the median of his department: half of the people are above it."),
            _("Open it by a name in the report of managers, or from the page of a person."),
        ),
        ("reports:manager",),
    ),
    Topic(
        "health",
        _("Quality of data"),
        (
            _("Four parts make the score: filled fields, right values, no repeats, fresh records."),
            _("A click on a part opens the records that spoil it, each with what to mend."),
            _("The table by owner shows whose records need work, the worst first."),
        ),
        ("reports:health", "reports:health_*"),
    ),
    Topic(
        "voice",
        _("What customers say"),
        (
            _("Pick marks under a call, a note or a done meeting: competitor, price, delivery."),
            _("The report counts them by month, shows how such deals end, and quotes the words."),
            _("The administrator edits the list of marks in Settings."),
        ),
        ("reports:voice", "reports:voice_*", "activities:mark*"),
    ),
    Topic(
        "chances",
        _("Chances of leads"),
        (
            _("The chance in the list and on the card says how likely a lead becomes a won deal."),
            _("“Why” names what raises and lowers it; sort the list by it to call the best first."),
            _("It is learnt once a week from your own closed leads, as they looked at the time."),
            _("The page says how well chances came true, group by group."),
        ),
        ("reports:score",),
    ),
    Topic(
        "notices",
        _("Notifications"),
        (
            _("What concerns you: new leads and deals given to you, reminders, answers."),
            _("A click opens the record and marks the line as read."),
        ),
        ("accounts:notifications",),
    ),
    Topic(
        "profile",
        _("My profile"),
        (
            _("Your name, language, time zone and theme."),
            _("Name a deputy before you leave: your rights work for him until the date you set."),
            _("A second factor and the list of your sessions protect the account."),
        ),
        ("accounts:profile", "accounts:deputies", "accounts:sessions", "mfa_index"),
    ),
)
CONTROL = (
    Topic(
        "settings",
        _("Settings"),
        (
            _("Only what your role may change is listed here."),
            _("Begin with the company, then departments, people and roles, then the pipeline."),
        ),
        ("settings",),
    ),
    Topic(
        "company",
        _("Company"),
        (
            _("The name stands in the menu of everybody; the zone holds for who chose none."),
            _("The demo company can be loaded to look around and removed by one button."),
        ),
        ("company", "deals:rates"),
    ),
    Topic(
        "people",
        _("People"),
        (
            _("Add a person with a role and a department; a letter brings the way in."),
            _("Whoever leaves is deactivated, never deleted; hand the work over first."),
            _("“View as” shows the system as the person sees it, read only."),
        ),
        ("accounts:people", "accounts:person_*", "hand_over", "accounts:groups"),
    ),
    Topic(
        "departments",
        _("Departments"),
        (
            _("Departments form a tree; a head sees what his role allows in his part of it."),
            _("A closed department hands its people and rights to another one."),
        ),
        ("accounts:departments", "accounts:department_*"),
    ),
    Topic(
        "roles",
        _("Roles"),
        (
            _("A role says what may be done with whose records: own, of the department, all."),
            _("Several roles of a person unite: the widest right counts."),
            _("Fields and stages can be hidden or locked by a role."),
            _("Before you save, the preview names who gains and who loses what."),
        ),
        ("accounts:roles", "accounts:role_*"),
    ),
    Topic(
        "pipelines",
        _("Pipelines"),
        (
            _("A pipeline is a way of selling with stages of its own or of a ready set."),
            _("The probability of a stage makes the weighted sum of the board and the forecast."),
            _("“Stuck after” colours the cards that stay too long."),
            _("An archived stage asks where its deals go; history stays as it was."),
        ),
        ("deals:pipelines", "deals:pipeline_*", "deals:stage_*", "deals:reason_*"),
    ),
    Topic(
        "rules",
        _("Distribution of leads"),
        (
            _("Rules are tried from top to bottom; the first that fits gives the lead away."),
            _("Inside a rule people take turns; who is absent is passed over."),
            _("The lead keeps a note of which rule decided and why."),
        ),
        ("leads:rules", "leads:rule_*", "leads:sources", "leads:source_*"),
    ),
    Topic(
        "past",
        _("History, trash, audit"),
        (
            _("History tells who changed which field and when; one old value can be brought back."),
            _("Deleted records wait in the trash and come back with their links."),
            _("The audit log also holds views, exports and refusals; nobody can edit it."),
        ),
        ("history:*", "trash:*", "audit:*", "access"),
    ),
)
TOPICS = {topic.code: topic for topic in (*DAILY, *CONTROL)}


def topic_of(page: str) -> Topic | None:
    """The topic of a URL name; `name*` in a topic stands for every name that begins so."""
    found = None
    for topic in TOPICS.values():
        if page in topic.pages:
            return topic
        if any(name.endswith("*") and page.startswith(name[:-1]) for name in topic.pages):
            found = found or topic
    return found
