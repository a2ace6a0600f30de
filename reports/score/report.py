"""The lead score as a report: its quality, its reasons, the open leads by chance."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import FitKind, Lead, ScoreFit
from leads.scoring.giving import rate, straightened
from leads.scoring.reading import LEAST, MOMENTS
from leads.scoring.words import is_shown, source_names, words_of
from records.formatting import number, percent
from reports.asking import Asked
from reports.score.counting import LIKELY, Band, OwnerRow, bands, leads_url, owners
from reports.score.drawing import tenths
from reports.sheets import Column, Report, Sheet

WEIGHTS, FORMER = 20, 12
Row = dict[str, Any]


def score_report(asked: Asked) -> Report:
    """The present fit with its measures, and the open leads of the viewer."""
    fit = ScoreFit.objects.filter(is_current=True).first()
    found, people = bands(asked), owners(asked)
    sees_all = Lead.objects.all().open_to(asked.user) is not None
    sheets = [_bands_sheet(found, asked), _owners_sheet(people, asked)]
    if fit:
        sheets += [sheet for sheet in _fit_sheets(fit, asked, sees_all=sees_all) if sheet.rows]
    return Report(
        "score",
        _("Which leads will be won?"),
        _definition(fit),
        values_of(fit, found, people, sees_all=sees_all),
        sheets,
        answer=_answer(fit, found),
        picture="reports/pictures/calibration.html" if fit and fit.measures.get("bins") else "",
        context={"tenths": tenths(fit.measures.get("bins", []))} if fit else {},
        empty="" if fit else _("The score is not taught yet"),
        advice=_("The worker teaches it within ten minutes of its start, then once a week."),
    )


def _definition(fit: ScoreFit | None) -> str:
    return _(
        "The chance that a lead becomes a won deal: logistic regression with a quadratic penalty, "
        "taught once a week on leads whose outcome is known, as their fields and the work on them "
        "stood when they came and %(days)s days later, while they were open; nothing filled in "
        "afterwards is read. Rare values are one value, an empty field is a value of its own. "
        "Chances are calibrated on leads the fit has not seen, and kept within 1 and 99 %%. Under "
        "%(least)s won and %(least)s lost leads: (won + 1) / (known + 2) of the source. "
        "AUC: in how many of 100 pairs of a won and a lost lead the won one has the greater "
        "chance; 50 is blind. Brier: the mean square of chance − outcome, less is better. "
        "Calibration error: the mean distance between told and came over ten equal groups."
    ) % {"days": ", ".join(str(day) for day in MOMENTS[1:]), "least": LEAST}


def _answer(fit: ScoreFit | None, found: list[Band]) -> list[str]:
    if fit is None:
        return []
    told = sum((band.expected for band in found), Decimal(0))
    count = sum(band.leads for band in found)
    lines = [
        ngettext(
            "Of %(count)s open lead about %(told)s will be won.",
            "Of %(count)s open leads about %(told)s will be won.",
            count,
        )
        % {"count": number(count), "told": number(told, 1)}
    ]
    if fit.kind == FitKind.RATES:
        words = {"won": number(fit.won), "lost": number(fit.lost), "least": number(LEAST)}
        return [
            *lines,
            _(
                "There are %(won)s won and %(lost)s lost leads to learn from; a regression takes "
                "%(least)s of each, so chances are shares of the source."
            )
            % words,
        ]
    lines.append(
        _("AUC %(auc)s; of the tenth with the greatest chance %(top)s were won, of all %(base)s.")
        % {
            "auc": number(Decimal(str(fit.measures["auc"])), 2),
            "top": _share(fit.measures["top"]),
            "base": _share(fit.measures["base"]),
        }
    )
    day = date_format(timezone.localtime(fit.trained_at), "SHORT_DATE_FORMAT")
    lines.append(_("Taught on %(day)s.") % {"day": day})
    return lines


def _share(share: float) -> str:
    return percent(Decimal(str(round(100 * share, 1))), 1)


def values_of(
    fit: ScoreFit | None, found: list[Band], people: list[OwnerRow], *, sees_all: bool
) -> dict[str, Any]:
    """Plain values for JSON; docs/reports.md defines every key."""
    measures = dict(fit.measures) if fit else {}
    kept = ("auc", "brier", "brier_of_base", "ece", "top", "base")
    rows = [_band_row(band) for band in found]
    counted = fit is not None and sees_all
    return {
        "report": "score",
        "kind": fit.kind if fit else None,
        "trained_at": fit.trained_at if fit else None,
        "leads": fit.leads if fit and counted else None,
        "won": fit.won if fit and counted else None,
        "lost": fit.lost if fit and counted else None,
        **{name: measures.get(name) for name in kept},
        "rows": rows,
        "owners": [
            {"name": row.name, "leads": row.leads, "expected": row.expected, "likely": row.likely}
            for row in people
        ],
        "calibration": _without_counts(measures.get("bins", []), counted),
        "moments": _without_counts(measures.get("moments", []), counted),
    }


def _without_counts(rows: list[Row], counted: bool) -> list[Row]:
    """How many leads the company has is told only to who sees them all."""
    return [
        row if counted else {key: value for key, value in row.items() if key != "readings"}
        for row in rows
    ]


def _band_row(band: Band) -> Row:
    return {
        "from": band.least,
        "to": band.most,
        "leads": band.leads,
        "expected": band.expected,
    }


def _bands_sheet(found: list[Band], asked: Asked) -> Sheet:
    columns = [
        Column("chance", _("Chance")),
        Column("leads", _("Open leads"), "count"),
        Column("expected", _("Will be won, about"), "days"),
    ]
    rows, urls = [], []
    for band in found:
        label = f"{band.least}–{band.most} %" if band.most else _("not counted yet")
        rows.append({"chance": label, **_band_row(band)})
        url = leads_url(asked, chance_from=band.least, chance_to=band.most)
        urls.append({"leads": url if band.leads else ""})
    total = {
        "chance": _("Total"),
        "leads": sum(band.leads for band in found),
        "expected": sum((band.expected for band in found), Decimal(0)),
    }
    return Sheet(
        "bands",
        _("Open leads by chance"),
        columns,
        rows,
        total,
        urls,
        {"leads": leads_url(asked)},
    )


def _owners_sheet(people: list[OwnerRow], asked: Asked) -> Sheet:
    columns = [
        Column("name", _("Owner")),
        Column("leads", _("Open leads"), "count"),
        Column("expected", _("Will be won, about"), "days"),
        Column("likely", _("Chance of %(least)s %% and more") % {"least": LIKELY}, "count"),
    ]
    rows, urls = [], []
    for row in people:
        rows.append(
            {
                "name": row.name or _("nobody yet"),
                "leads": row.leads,
                "expected": row.expected,
                "likely": row.likely,
            }
        )
        whose = {"owner": row.pk} if row.pk else {"whose": "nobody"}
        urls.append(
            {
                "leads": leads_url(asked, **whose),
                "likely": leads_url(asked, **whose, chance_from=LIKELY) if row.likely else "",
            }
        )
    return Sheet("owners", _("By owner"), columns, rows, None, urls)


def _fit_sheets(fit: ScoreFit, asked: Asked, *, sees_all: bool) -> list[Sheet]:
    if fit.kind == FitKind.RATES:
        return [_rates_sheet(fit)] if sees_all and is_shown("source", asked.user) else []
    sheets = [_bins_sheet(fit, sees_all=sees_all), _moments_sheet(fit, sees_all=sees_all)]
    if sees_all:
        sheets.append(_weights_sheet(fit, asked))
    return [*sheets, _former_sheet()]


def _bins_sheet(fit: ScoreFit, *, sees_all: bool) -> Sheet:
    columns = [
        Column("number", _("Tenth of the leads, by chance")),
        *([Column("readings", _("Readings"), "count")] if sees_all else []),
        Column("told", _("Told"), "percent"),
        Column("won", _("Came true"), "percent"),
    ]
    rows = [
        {
            "number": place,
            "readings": row["readings"],
            "told": _hundred(row["told"]),
            "won": _hundred(row["won"]),
        }
        for place, row in enumerate(fit.measures["bins"], 1)
    ]
    note = _("Calibration error %(error)s percentage points; Brier %(brier)s, by the mean %(base)s")
    words = {
        "error": number(_hundred(fit.measures["ece"]), 1),
        "brier": number(Decimal(str(fit.measures["brier"])), 3),
        "base": number(Decimal(str(fit.measures["brier_of_base"])), 3),
    }
    return Sheet("calibration", _("What was told and what came"), columns, rows, note=note % words)


def _hundred(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(round(100 * share, 1)))


def _moments_sheet(fit: ScoreFit, *, sees_all: bool) -> Sheet:
    columns = [
        Column("when", _("Read")),
        *([Column("readings", _("Leads still open"), "count")] if sees_all else []),
        Column("base", _("Won of them"), "percent"),
        Column("auc", _("AUC, of 100"), "days"),
        Column("top", _("Won of the best tenth"), "percent"),
    ]
    rows = [
        {
            "when": _moment(row["days"]),
            "readings": row["readings"],
            "base": _hundred(row["base"]),
            "auc": _hundred(row["auc"]),
            "top": _hundred(row["top"]),
        }
        for row in fit.measures["moments"]
    ]
    return Sheet("moments", _("How early it tells"), columns, rows)


def _moment(days: int) -> str:
    if not days:
        return _("when it came")
    return ngettext("%(days)s day later", "%(days)s days later", days) % {"days": days}


def _weights_sheet(fit: ScoreFit, asked: Asked) -> Sheet:
    """What moves the chance of a usual lead the most."""
    parameters = fit.parameters
    usual = parameters["constant"] + sum(parameters["means"].values())
    found = []
    for what, levels in parameters["weights"].items():
        if ("" in levels and len(levels) == 1) or not is_shown(what, asked.user):
            continue
        for level, weight in levels.items():
            change = straightened(parameters, usual - parameters["means"][what] + weight)
            points = 100 * (change - straightened(parameters, usual))
            found.append((what, level, round(points, 1)))
    found.sort(key=lambda row: (-abs(row[2]), row[0], row[1]))
    chosen = [row for row in found[:WEIGHTS] if row[2]]
    sources = source_names(level for what, level, _points in chosen if what == "source")
    bands_of = parameters["scale"]["bands"]
    rows = [
        {
            "what": words_of(what, level, sources, bands_of),
            "points": Decimal(str(points)),
        }
        for what, level, points in chosen
    ]
    columns = [Column("what", _("Known of the lead")), Column("points", _("Adds, pp"), "points")]
    note = _("to a usual lead with a chance of %(chance)s") % {
        "chance": _share(straightened(parameters, usual))
    }
    return Sheet("weights", _("What raises and lowers the chance"), columns, rows, note=note)


def _former_sheet() -> Sheet:
    """Former trainings: whether the score gets better or worse."""
    fits = ScoreFit.objects.filter(kind=FitKind.LOGISTIC).order_by("-trained_at")[:FORMER]
    columns = [
        Column("day", _("Taught"), "date"),
        Column("auc", _("AUC, of 100"), "days"),
        Column("ece", _("Calibration error, pp"), "days"),
        Column("top", _("Won of the best tenth"), "percent"),
    ]
    rows = [
        {
            "day": timezone.localdate(fit.trained_at),
            "auc": _hundred(fit.measures["auc"]),
            "ece": _hundred(fit.measures["ece"]),
            "top": _hundred(fit.measures["top"]),
        }
        for fit in fits
    ]
    return Sheet("former", _("Trainings"), columns, rows if len(rows) > 1 else [])


def _rates_sheet(fit: ScoreFit) -> Sheet:
    counts = fit.parameters["rates"]
    names = source_names(counts)
    columns = [
        Column("source", _("Source")),
        Column("known", _("Leads with an outcome"), "count"),
        Column("won", _("Won of them"), "count"),
        Column("chance", _("Chance"), "percent"),
    ]
    rows = [
        {
            "source": names.get(key) or _("not given"),
            "known": known,
            "won": won,
            "chance": Decimal(str(round(100 * rate(won, known), 1))),
        }
        for key, (won, known) in sorted(counts.items(), key=lambda pair: -pair[1][1])
    ]
    return Sheet("rates", _("By source"), columns, rows)
