"""Every report by the question it answers: address, icon, question, explanation, in groups."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Line = tuple[str, str, Promise, Promise]

SALES: list[Line] = [
    (
        "reports:funnel",
        "filter",
        _("Where do we lose deals?"),
        _("How many deals reach each stage, where and why the others stop."),
    ),
    (
        "reports:managers",
        "users",
        _("Who sells how much?"),
        _("New, won and lost deals, revenue, cycle, calls and tasks of each manager."),
    ),
    (
        "reports:day",
        "clock",
        _("What was done on the day?"),
        _("Calls, meetings, tasks, notes and moves of deals by person and hour."),
    ),
    (
        "reports:losses",
        "thumb-down",
        _("Why do we lose deals?"),
        _("Lost deals by reason, stage, manager and source, and how that changes."),
    ),
    (
        "reports:push",
        "alarm",
        _("Which deals need a push?"),
        _("Open deals that stand in their stage longer than won ones did, to act on."),
    ),
    (
        "reports:velocity",
        "clock",
        _("How fast does money come?"),
        _("Open deals, win rate, average sale, cycle, and what they make a day."),
    ),
    (
        "reports:plan",
        "calendar-stats",
        _("Do we reach the plan?"),
        _("Plan and fact of the month or quarter, the pace, what history suggests."),
    ),
    (
        "reports:forecast",
        "arrow-narrow-right",
        _("What will the open deals bring?"),
        _("Expected sum by own history, its range, rotting deals, how forecasts held."),
    ),
    (
        "reports:score",
        "star",
        _("Which leads will be won?"),
        _("Open leads by their chance, what raises it, and how well chances came true."),
    ),
    (
        "reports:sources",
        "target-arrow",
        _("Which sources pay off?"),
        _("Leads, sales, cost of a lead and of a client, ROMI by source and campaign."),
    ),
]
CLIENTS: list[Line] = [
    (
        "reports:voice",
        "message",
        _("What do customers say?"),
        _("Competitors, objections and prices heard in talks, by month, with quotes."),
    ),
    (
        "reports:rfm",
        "chart-bar",
        _("Which clients buy often, much and lately?"),
        _("Clients in groups by recency, frequency and sum of purchases."),
    ),
    (
        "reports:retention",
        "refresh",
        _("Do clients come back?"),
        _("Clients by the month of their first purchase: who of them bought again."),
    ),
    (
        "reports:purchases",
        "package",
        _("How often and for how much do clients buy?"),
        _("Average bill, repeat purchases, new clients and returns by month."),
    ),
    (
        "reports:abc",
        "columns-3",
        _("Which clients make the revenue?"),
        _("Clients in classes A, B and C, and who moved between them."),
    ),
    (
        "reports:clv",
        "star",
        _("What is a client worth?"),
        _("Expected purchases and lifetime value of each client."),
    ),
]
DATA: list[Line] = [
    (
        "reports:health",
        "shield",
        _("How good is our data?"),
        _("Complete, valid, single and fresh records by type and owner, and what to mend."),
    ),
]
GROUPS: list[tuple[Promise, list[Line]]] = [
    (_("Sales"), SALES),
    (_("Clients"), CLIENTS),
    (_("The CRM itself"), DATA),
]
