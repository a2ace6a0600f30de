"""The table of data quality in the managers report: shares that open what is to be mended."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from records.formatting import number
from records.formatting import percent as in_percent
from reports.addresses import list_url
from reports.asking import Asked
from reports.health.report import rows_url
from reports.quality import Kept, kept_by_owner, whole_of
from reports.sheets import Column, Report, Sheet

SHARES = {
    "with_amount": "no_amount",
    "with_client": "no_client",
    "with_step": "no_step",
    "phones_right": "bad_phones",
}


def quality_rows(asked: Asked) -> tuple[list[tuple[int | None, str, Kept]], Kept]:
    """Owners with their names, the most open deals first, and the whole."""
    found = kept_by_owner(asked)
    people = User.objects.in_bulk([key for key in found if key])
    rows = [
        (key, people[key].full_name or people[key].email if key else "", kept)
        for key, kept in found.items()
    ]
    rows.sort(key=lambda row: (-row[2].open, row[1]))
    return rows, whole_of(found)


def quality_values(kept: Kept) -> dict[str, Any]:
    """Counts and shares of one owner or of all."""
    return {
        "open": kept.open,
        **{share: kept.good(name) for share, name in SHARES.items()},
        **{name: getattr(kept, name) for name in SHARES.values()},
    }


def quality_sheet(rows: list[tuple[int | None, str, Kept]], whole: Kept, asked: Asked) -> Sheet:
    """A row for each owner; a share links to the records that are not in order."""
    columns = [
        Column("name", _("Manager")),
        Column("open", _("Open deals"), "count"),
        Column("with_amount", _("With an amount"), "percent"),
        Column("with_client", _("With a client"), "percent"),
        Column("with_step", _("With a next step"), "percent"),
        Column("phones_right", _("Phones in order"), "percent"),
    ]
    return Sheet(
        "quality",
        _("Quality of data now"),
        columns,
        [{"name": name or _("Nobody"), **quality_values(kept)} for _key, name, kept in rows],
        {"name": _("Total"), **quality_values(whole)},
        [_urls(kept, asked, key) if key else {} for key, _name, kept in rows],
        _urls(whole, asked, None),
        _("a share opens what is to be mended"),
    )


def _urls(kept: Kept, asked: Asked, owner: int | None) -> dict[str, str]:
    """Offenders of the owner, or of everybody the report covers."""
    asked = asked.of(pipeline=None, source="")
    base = {**asked.link(), **({"owner": owner, "department": None} if owner else {})}
    who = {"who": owner} if owner else {}
    found = {}
    if kept.open:
        found["open"] = list_url(**base, status="open")
    if kept.no_amount:
        found["with_amount"] = rows_url(asked, "deal", check="amount", **who)
    if kept.no_client:
        found["with_client"] = rows_url(asked, "deal", check="client", **who)
    if kept.no_step:
        found["with_step"] = list_url(**base, status="open", tab="no_task")
    if kept.bad_phones:
        found["phones_right"] = rows_url(asked, "contact", check="bad_phone", **who)
    return found


def quality_report(asked: Asked) -> Report:
    """The same question about the data each one keeps: a part of the managers report."""
    rows, whole = quality_rows(asked)
    answer = [
        _("Open deals: %(count)s, with a next step %(share)s.")
        % {"count": number(whole.open), "share": in_percent(whole.good("no_step") or 0, 1)}
    ]
    return Report(
        "managers",
        _("Who keeps the data in order?"),
        _(
            "Counted now, whatever the period, pipeline and source: open deals with an amount, "
            "with a client, with a planned next step; people with a phone whose numbers are all "
            "understood."
        ),
        {
            "report": "managers",
            "quality": [{"name": name, **quality_values(kept)} for _key, name, kept in rows],
        },
        [quality_sheet(rows, whole, asked)],
        answer=answer if whole.open else [],
        empty="" if rows else _("There is nothing to look at yet"),
    )
