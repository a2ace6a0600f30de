"""Deals to push as a report: the norm of each stage, and the list to act on."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Kind
from catalog.services import base_code
from contacts.models import Company, Contact
from records.formatting import money, number
from reports.addresses import list_url
from reports.asking import Asked
from reports.drawing import stacks
from reports.funnel.steps import Tally, rounded
from reports.sheets import Column, Report, Sheet
from reports.velocity.push import MIN_VISITS, Norm, PushRow, norms, open_deals, push_rows, to_push

LISTED = 200


def push_report(asked: Asked) -> Report:
    """Open deals that stand in their stage longer than nine of ten won ones stood."""
    found = norms(asked)
    rows = push_rows(asked, found)
    push = sum((row.push for row in rows), Tally())
    stepless = sum(row.stepless for row in rows)
    has_names = len({norm.pipeline for norm in found.values()}) > 1
    return Report(
        "push",
        _("Which deals need a push?"),
        _(
            "The norm of a stage: 90 %% of its visits by deals won within a year were not longer. "
            "It takes at least %(least)s visits. An open deal needs a push when it has stood in "
            "its stage for more whole days."
        )
        % {"least": MIN_VISITS},
        values_of(rows, asked),
        [_stages(rows, asked, has_names=has_names), *_deals(found, push.count, asked)],
        answer=_answer(push, stepless),
        picture="reports/pictures/stacks.html",
        context=_picture(rows, asked, has_names=has_names),
        empty="" if any(row.open.count for row in rows) else _("There are no open deals"),
    )


def values_of(rows: list[PushRow], asked: Asked) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "push",
        "as_of": timezone.localdate(asked.now),
        "push": sum(row.push.count for row in rows),
        "push_amount": sum((row.push for row in rows), Tally()).amount,
        "rows": [
            {
                "pipeline": row.norm.pipeline,
                "stage": row.norm.name,
                "norm_days": rounded(row.norm.days),
                "visits": row.norm.visits,
                "open": row.open.count,
                "open_amount": row.open.amount,
                "push": row.push.count,
                "push_amount": row.push.amount,
                "without_step": row.stepless,
            }
            for row in rows
        ],
    }


def _answer(push: Tally, stepless: int) -> list[str]:
    if not push.count:
        return [_("No deal stands longer than won ones did.")]
    return [
        _("Deals that stand longer than won ones did: %(count)s for %(amount)s.")
        % {"count": number(push.count), "amount": money(round(push.amount), base_code())},
        _("Without a next step: %(count)s.") % {"count": number(stepless)},
    ]


def _label(norm: Norm, *, has_names: bool) -> str:
    return f"{norm.pipeline}: {norm.name}" if has_names else norm.name


def _url(norm: Norm, asked: Asked, *, is_late: bool) -> str:
    """Open deals of the stage in the list of deals, where they can be ticked and given away."""
    latest = norm.latest(timezone.localdate(asked.now))
    known = {**asked.link(), "pipeline": None, "stage": norm.stage, "status": "open"}
    return list_url(**known, entered_to=latest if is_late else None)


def _stages(rows: list[PushRow], asked: Asked, *, has_names: bool) -> Sheet:
    columns = [
        Column("stage", _("Stage")),
        Column("norm_days", _("Norm, days"), "days"),
        Column("visits", _("Visits of won deals"), "count"),
        Column("open", _("Open"), "count"),
        Column("push", _("To push"), "count"),
        Column("push_amount", _("Sum"), "money"),
        Column("without_step", _("Without a next step"), "count"),
    ]
    values = values_of(rows, asked)["rows"]
    told = [
        {**value, "stage": _label(row.norm, has_names=has_names)}
        for row, value in zip(rows, values, strict=True)
    ]
    urls = [
        {
            "open": _url(row.norm, asked, is_late=False),
            "push": (late := _url(row.norm, asked, is_late=True) if row.push.count else ""),
            "push_amount": late,
            "without_step": f"{late}&tab=no_task" if row.stepless else "",
        }
        for row in rows
    ]
    total = {
        "stage": _("Total"),
        **{name: sum(row[name] for row in told) for name in ("open", "push", "without_step")},
        "push_amount": sum((row.push for row in rows), Tally()).amount,
    }
    return Sheet("rows", _("By stage"), columns, told, total, urls, currency=base_code())


def _deals(found: dict[int, Norm], count: int, asked: Asked) -> list[Sheet]:
    """The dearest deals to push with what is planned, each with a button for a task."""
    if not count:
        return []
    today = timezone.localdate(asked.now)
    wanted = open_deals(asked).filter(to_push(found, today)).for_cards()
    deals = list(wanted.order_by("-amount_base", "pk")[:LISTED])
    names = _clients(deals, asked)
    rows, urls = [], []
    for deal in deals:
        norm = found[deal.stage_id].days or 0
        days = (today - timezone.localdate(deal.stage_entered_at)).days
        step = str(Kind(deal.next_kind).label) if deal.next_kind else ""
        rows.append(
            {
                "deal": str(deal),
                "client": names.get(deal.pk, ""),
                "owner": deal.owner.full_name if deal.owner else _("Nobody"),
                "stage": deal.stage.name,
                "days": days,
                "over": days - norm,
                "amount": deal.amount_base,
                "step": step,
                "due": timezone.localdate(deal.next_due_at) if deal.next_due_at else None,
                "act": _("Task"),
            }
        )
        task = f"{reverse('activities:create')}?record=deal:{deal.pk}"
        urls.append({"deal": deal.get_absolute_url(), "act": task})
    columns = [
        Column("deal", _("Deal")),
        Column("client", _("Client")),
        Column("owner", _("Owner")),
        Column("stage", _("Stage")),
        Column("days", _("In stage, d"), "count"),
        Column("over", _("Over the norm, days"), "days"),
        Column("amount", _("Sum"), "money"),
        Column("step", _("Next step")),
        Column("due", _("Due"), "date"),
        Column("act", "", "act"),
    ]
    note = _("%(shown)s of %(count)s") % {"shown": number(len(rows)), "count": number(count)}
    title = _("Deals to push")
    return [Sheet("deals", title, columns, rows, None, urls, note=note, currency=base_code())]


def _clients(deals: list[Any], asked: Asked) -> dict[int, str]:
    """Names of clients whose card the person may open."""
    companies = {deal.company_id for deal in deals if deal.company_id}
    people = {deal.contact_id for deal in deals if deal.contact_id}
    known = Company.objects.visible_to(asked.user).in_bulk(companies)
    known_people = Contact.objects.visible_to(asked.user).in_bulk(people)
    return {
        deal.pk: str(known.get(deal.company_id) or known_people.get(deal.contact_id) or "")
        for deal in deals
    }


def _picture(rows: list[PushRow], asked: Asked, *, has_names: bool) -> dict[str, Any]:
    bars = [
        (
            _label(row.norm, has_names=has_names),
            [row.open.count - row.push.count, row.push.count],
            _url(row.norm, asked, is_late=False),
        )
        for row in rows
        if row.open.count
    ]
    return {
        "title": _("Open deals by stage"),
        "stack": stacks(bars, ["1", "4"], [_("Within the norm"), _("To push")]),
    }
