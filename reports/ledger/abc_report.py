"""ABC as a report: the classes, who moved between them, the greatest clients."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.services import base_code
from records.formatting import money, number
from records.formatting import percent as in_percent
from reports.addresses import report_url
from reports.asking import Asked
from reports.drawing import stacks
from reports.funnel.steps import ZERO, percent
from reports.ledger.abc import CLASSES, CUTS, Abc, abc, listed
from reports.ledger.words import what_is_a_purchase
from reports.purchases import with_cards
from reports.sheets import Column, Report, Sheet

KOPECK = Decimal("0.01")


def abc_report(asked: Asked, cuts: tuple[int, int] = CUTS) -> Report:
    """Clients of the period by class."""
    found = abc(asked, cuts)
    count, top = listed(asked, cuts, list(CLASSES))
    return Report(
        "abc",
        _("Which clients make the revenue?"),
        what_is_a_purchase()
        + " "
        + _(
            "Clients stand in order of their sum less returns. A are those who together make the "
            "first %(a)s %% of the revenue, B those up to %(b)s %%, C the others; equal sums are "
            "in one class."
        )
        % {"a": cuts[0], "b": cuts[1]},
        values_of(found, asked),
        [
            _classes(found, asked),
            *([_moves(found, asked)] if found.moves else []),
            *([_clients(top, count, asked)] if top else []),
        ],
        answer=_answer(found),
        picture="reports/pictures/stacks.html",
        context=_picture(found),
        empty="" if found.customers else _("Nobody bought anything in this period"),
    )


def values_of(found: Abc, asked: Asked) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "abc",
        "from": asked.period.first,
        "to": asked.period.last,
        "cuts": list(found.cuts),
        "customers": found.customers,
        "amount": found.amount,
        "rows": [
            {
                "class": row.name,
                "customers": row.customers,
                "customers_share": percent(row.customers, found.customers),
                "amount": row.amount,
                "share": percent(row.amount, found.amount),
                "purchases": row.purchases,
                "average": _average(row.amount, row.customers),
            }
            for row in found.classes
        ],
        "moves": [
            {"was": was, "class": now, "customers": count}
            for (was, now), count in sorted(found.moves.items())
        ],
    }


def _average(amount: Decimal, count: int) -> Decimal | None:
    return (amount / count).quantize(KOPECK) if count else None


def _answer(found: Abc) -> list[str]:
    first = found.classes[0]
    lines = [
        _("%(count)s of %(customers)s clients make %(share)s of the revenue of %(amount)s.")
        % {
            "count": number(first.customers),
            "customers": number(found.customers),
            "share": in_percent(percent(first.amount, found.amount), 1) or "—",
            "amount": money(round(found.amount), base_code()),
        }
    ]
    fallen = sum(count for (was, now), count in found.moves.items() if was == "A" and now != "A")
    if fallen:
        lines.append(_("Fallen out of A: %(count)s.") % {"count": number(fallen)})
    return lines


def clients_url(asked: Asked, **keys: Any) -> str:
    """The clients of a class, or of a movement."""
    return report_url("abc_clients", asked, **keys)


def _classes(found: Abc, asked: Asked) -> Sheet:
    columns = [
        Column("class", _("Class")),
        Column("customers", _("Clients"), "count"),
        Column("customers_share", _("Share of clients"), "percent"),
        Column("amount", _("Sum"), "money"),
        Column("share", _("Share of the sum"), "percent"),
        Column("average", _("For one client"), "money"),
        Column("purchases", _("Purchases"), "count"),
    ]
    rows = values_of(found, asked)["rows"]
    urls = [{"customers": clients_url(asked, **{"class": row["class"]})} for row in rows]
    total = {
        "class": _("Total"),
        "customers": found.customers,
        "amount": found.amount,
        "average": _average(found.amount, found.customers),
        "purchases": sum(row.purchases for row in found.classes),
    }
    return Sheet(
        "rows",
        _("Clients by class"),
        columns,
        rows,
        total,
        urls,
        {"customers": clients_url(asked)},
        currency=base_code(),
    )


def _moves(found: Abc, asked: Asked) -> Sheet:
    """Class in the period of comparison down, class now across."""
    words = {"A": "A", "B": "B", "C": "C", "": _("did not buy")}
    columns = [Column("was", _("Was")), *(Column(f"to_{at}", words[at], "count") for at in words)]
    rows, urls = [], []
    for was, word in words.items():
        counts = {now: found.moves.get((was, now), 0) for now in words}
        rows.append({"was": word, **{f"to_{now}": count for now, count in counts.items()}})
        urls.append(
            {
                f"to_{now}": clients_url(asked, was=was or "none", now=now or "none")
                for now, count in counts.items()
                if count
            }
        )
    note = str(asked.before) if asked.before else ""
    return Sheet("moves", _("Who moved where since"), columns, rows, None, urls, note=note)


def _clients(rows: list[dict[str, Any]], count: int, asked: Asked) -> Sheet:
    """The greatest clients with the growing share of the revenue."""
    told, urls = [], []
    hidden = _("A client whose card you may not open")
    for row in with_cards(asked.user, rows):
        card = row["customer"]
        up_to = row["ahead"] + max(row["total"], ZERO)
        told.append(
            {
                "name": str(card) if card else hidden,
                "class": row["class"],
                "amount": row["total"],
                "share": percent(row["total"], row["revenue"]),
                "up_to": percent(up_to, row["revenue"]),
                "purchases": row["times"],
                "last": row["last"],
            }
        )
        urls.append({"name": card.get_absolute_url() if card else ""})
    columns = [
        Column("name", _("Client")),
        Column("class", _("Class")),
        Column("amount", _("Sum"), "money"),
        Column("share", _("Share"), "percent"),
        Column("up_to", _("Growing share"), "percent"),
        Column("purchases", _("Purchases"), "count"),
        Column("last", _("Last purchase"), "date"),
    ]
    title = _("The greatest clients")
    note = _("%(shown)s of %(count)s") % {"shown": number(len(told)), "count": number(count)}
    return Sheet("clients", title, columns, told, None, urls, note=note, currency=base_code())


def _picture(found: Abc) -> dict[str, Any]:
    """Two bars of hundred: the clients, the revenue."""
    clients = [_part(row.customers, found.customers) for row in found.classes]
    money_parts = [_part(max(row.amount, ZERO), found.amount) for row in found.classes]
    rows = [(_("Clients, %"), clients, ""), (_("Revenue, %"), money_parts, "")]
    return {
        "title": _("Clients and what they bring"),
        "stack": stacks(rows, ["3", "1", "5"], list(CLASSES)),
    }


def _part(value: Any, whole: Any) -> int:
    return round(percent(value, whole) or 0)
