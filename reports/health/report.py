"""CRM health as a report: parts and score by record type, checks, owners."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.formatting import number
from reports.addresses import query_of
from reports.asking import Asked
from reports.drawing import stacks
from reports.health.checks import CLIENT_DAYS, DEAL_DAYS, LEAD_DAYS, PARTS, WEIGHTS, Check
from reports.health.counting import Health, all_kinds, health
from reports.sheets import Column, Report, Sheet

Found = dict[str, tuple[Health, list[Health], list[Check]]]


def health_report(asked: Asked) -> Report:
    """Every record type the viewer sees; checks and owners of `asked.options["kind"]`."""
    kinds = all_kinds(asked)
    found: Found = {kind.name: (*health(kind, asked), kind.shown(asked.user)) for kind in kinds}
    chosen = asked.options.get("kind") or next(iter(found), "")
    sheets = [_kinds_sheet(found, asked)]
    if chosen in found:
        sheets += [_checks_sheet(found, chosen, asked), _owners_sheet(found, chosen, asked)]
    weights = ", ".join(f"{PARTS[part]} {weight} %" for part, weight in WEIGHTS.items())
    return Report(
        "health",
        _("How good is our data?"),
        _(
            "Completeness: filled fields / fields that should be. Validity: values that hold / "
            "values given. Uniqueness: records that repeat no earlier one / records. Freshness: "
            "records changed or worked on within %(leads)s days (leads), %(deals)s (deals), "
            "%(clients)s (clients) / records. Leads and deals: the open ones. Score: the mean by "
            "weights (%(weights)s) of the parts that have something to ask."
        )
        % {
            "leads": LEAD_DAYS,
            "deals": DEAL_DAYS,
            "clients": CLIENT_DAYS,
            "weights": weights,
        },
        values_of(found),
        sheets,
        answer=_answer(found),
        picture="reports/pictures/stacks.html",
        context=_picture(found, asked),
        empty="" if any(whole.records for whole, _own, _c in found.values()) else _("No records"),
    )


def values_of(found: Found) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    return {
        "report": "health",
        "weights": dict(WEIGHTS),
        "rows": [
            {"type": name, **_row(whole, checks)}
            for name, (whole, _owners, checks) in found.items()
        ],
        "checks": [
            {"type": name, "check": check.name, "part": check.part, **_tally(whole, check)}
            for name, (whole, _owners, checks) in found.items()
            for check in checks
        ],
        "owners": [
            {"type": name, "owner": row.name, **_row(row, checks)}
            for name, (_whole, owners, checks) in found.items()
            for row in owners
        ],
    }


def _row(row: Health, checks: list[Check]) -> dict[str, Any]:
    parts = {part: row.part(part, checks) for part in PARTS}
    return {"records": row.records, **parts, "score": row.score(checks)}


def _tally(row: Health, check: Check) -> dict[str, int]:
    tally = row.tallies[check.name]
    return {"asked": tally.asked, "bad": tally.bad}


def _answer(found: Found) -> list[str]:
    scored = [
        (score, whole)
        for whole, _owners, checks in found.values()
        if (score := whole.score(checks)) is not None
    ]
    if not scored:
        return []
    worst, whole = min(scored, key=lambda pair: pair[0])
    lines = [
        _("The worst are “%(name)s”: %(score)s of 100.")
        % {"name": whole.kind.label, "score": number(worst, 1)}
    ]
    every = [
        (one.tallies[check.name].bad, check, one)
        for one, _owners, checks in found.values()
        for check in checks
    ]
    bad, check, one = max(every, key=lambda row: row[0])
    if bad:
        words = {"count": number(bad), "check": check.label, "name": one.kind.label}
        lines.append(
            ngettext(
                "The most to mend: “%(check)s”, %(name)s: %(count)s record.",
                "The most to mend: “%(check)s”, %(name)s: %(count)s records.",
                bad,
            )
            % words
        )
    return lines


def rows_url(asked: Asked, kind: str, **params: Any) -> str:
    """The offenders, with the narrowing of the report; params `check`, `part`, `who`."""
    owner = asked.owner.pk if asked.owner else None
    department = asked.department.pk if asked.department else None
    kept = {"kind": kind, "owner": owner, "department": department, **params}
    return f"{reverse('reports:health_rows')}?{query_of(kept)}"


def _part_columns() -> list[Column]:
    return [
        *(
            Column(part, f"{label}, {_('weight')} {WEIGHTS[part]}", "percent")
            for part, label in PARTS.items()
        ),
        Column("score", _("Score of 100"), "days"),
    ]


def _part_urls(row: Health, checks: list[Check], asked: Asked, **params: Any) -> dict[str, str]:
    """Offenders of each part that has some."""
    found = {}
    for part in PARTS:
        bad = sum(row.tallies[check.name].bad for check in checks if check.part == part)
        if bad:
            found[part] = rows_url(asked, row.kind.name, part=part, **params)
    return found


def _kinds_sheet(found: Found, asked: Asked) -> Sheet:
    columns = [Column("name", _("Records")), Column("records", _("How many"), "count")]
    rows, urls = [], []
    for name, (whole, _owners, checks) in found.items():
        rows.append({"name": str(whole.kind.label), **_row(whole, checks)})
        records = rows_url(asked, name) if whole.records else ""
        urls.append({"records": records, **_part_urls(whole, checks, asked)})
    return Sheet(
        "kinds", _("Quality by record type"), [*columns, *_part_columns()], rows, None, urls
    )


def _checks_sheet(found: Found, chosen: str, asked: Asked) -> Sheet:
    whole, _owners, checks = found[chosen]
    columns = [
        Column("check", _("Check")),
        Column("part", _("Part")),
        Column("asked", _("Records asked"), "count"),
        Column("bad", _("To mend"), "count"),
        Column("good", _("In order"), "percent"),
    ]
    rows, urls = [], []
    for check in checks:
        tally = whole.tallies[check.name]
        good = None
        if tally.asked:
            share = Decimal(tally.asked - tally.bad) * 100 / tally.asked
            good = share.quantize(Decimal("0.1"))
        row = {"check": str(check.label), "part": str(PARTS[check.part]), "good": good}
        rows.append({**row, **_tally(whole, check)})
        urls.append({"bad": rows_url(asked, chosen, check=check.name) if tally.bad else ""})
    title = _("Checks: %(name)s") % {"name": whole.kind.label}
    return Sheet("checks", title, columns, rows, None, urls)


def _owners_sheet(found: Found, chosen: str, asked: Asked) -> Sheet:
    whole, owners, checks = found[chosen]
    columns = [Column("name", _("Owner")), Column("records", _("How many"), "count")]
    rows, urls = [], []
    for row in owners:
        rows.append({"name": row.name or _("nobody"), **_row(row, checks)})
        who = row.key or "none"
        urls.append(
            {
                "records": rows_url(asked, chosen, who=who),
                **_part_urls(row, checks, asked, who=who),
            }
        )
    title = _("By owner: %(name)s") % {"name": whole.kind.label}
    return Sheet("owners", title, [*columns, *_part_columns()], rows, None, urls)


def _picture(found: Found, asked: Asked) -> dict[str, Any]:
    bars = []
    for name, (whole, _owners, checks) in found.items():
        score = whole.score(checks)
        if score is not None:
            bars.append((str(whole.kind.label), [round(score)], f"?kind={name}"))
    return {"title": _("Score of 100"), "stack": stacks(bars, ["1"], [])}
