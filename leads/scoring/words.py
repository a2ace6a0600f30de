"""The score of a lead in words, without what the reader may not see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from leads.models import FitKind, Lead, LeadScore, Source
from leads.scoring.features import COUNTS, FIELDS, REST
from records.formatting import number

NAMES: dict[str, Any] = {
    "source": gettext_lazy("source"),
    "campaign": gettext_lazy("campaign"),
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "city": gettext_lazy("city"),
}
FLAGS: dict[tuple[str, str], Any] = {
    ("company", "given"): gettext_lazy("the company is named"),
    ("company", ""): gettext_lazy("the company is not named"),
    ("position", "given"): gettext_lazy("the position is named"),
    ("position", ""): gettext_lazy("the position is not named"),
    ("wish", "given"): gettext_lazy("it is known what they want"),
    ("wish", ""): gettext_lazy("it is not known what they want"),
    ("note", "given"): gettext_lazy("there is a comment"),
    ("note", ""): gettext_lazy("there is no comment"),
    ("arrived", "hours"): gettext_lazy("came in working hours"),
    ("arrived", "after_hours"): gettext_lazy("came outside working hours"),
    ("arrived", "day_off"): gettext_lazy("came on a day off"),
    ("by", "hand"): gettext_lazy("entered by a person"),
    ("by", "itself"): gettext_lazy("came by itself"),
    ("first", "new"): gettext_lazy("has just come"),
    ("first", "none"): gettext_lazy("nobody has contacted it yet"),
    ("first", "hour"): gettext_lazy("contacted within an hour"),
    ("first", "day"): gettext_lazy("contacted within a day"),
    ("first", "later"): gettext_lazy("contacted later than in a day"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason in words and the percentage points it adds or takes away."""

    words: str
    points: int

    @property
    def signed(self) -> str:
        """The points with their sign."""
        return f"{'+' if self.points > 0 else '−'}{number(abs(self.points))}"


@dataclass(frozen=True, slots=True)
class Score:
    """What the card says: chance in per cent, reasons, since when, whether by source alone."""

    chance: int
    reasons: list[Told]
    scored_at: datetime
    is_rate: bool


def told_score(lead: Lead, user: Any) -> Score | None:
    """The chance of an open lead for this reader; None while there is none."""
    row = LeadScore.objects.filter(lead=lead.pk).select_related("fit").first()
    if row is None or not lead.is_open:
        return None
    kept = [reason for reason in row.reasons if is_shown(reason["what"], user)]
    sources = source_names(reason["value"] for reason in kept if reason["what"] == "source")
    bands = row.fit.parameters.get("scale", {}).get("bands", [])
    reasons = [
        Told(words_of(reason["what"], reason["value"], sources, bands), reason["points"])
        for reason in kept
    ]
    return Score(row.chance, reasons, row.scored_at, row.fit.kind == FitKind.RATES)


def is_shown(what: str, user: Any) -> bool:
    """A reason made of a field or of work that the reader may not see is left out."""
    if what in COUNTS or what == "first":
        return bool(user.grant("activity", "view"))
    return what not in FIELDS or user.fields("lead").sees(FIELDS[what])


def source_names(keys: Iterable[str]) -> dict[str, str]:
    """Names of sources by their keys as text."""
    wanted = [int(key) for key in keys if key.isdecimal()]
    return {str(pk): row.name for pk, row in Source.objects.in_bulk(wanted).items()}


def words_of(what: str, value: str, sources: dict[str, str], bands: list[float]) -> str:
    """A feature with its level in the active language."""
    if (what, value) in FLAGS:
        return str(FLAGS[what, value])
    if what == "amount":
        return _band_words(value, bands)
    if what in NAMES:
        known = value.title() if what == "city" else sources.get(value, value)
        return _level_words(str(NAMES[what]), known)
    return _count_words(what, int(value or 0))


def _level_words(name: str, value: str) -> str:
    if value == REST:
        return _("%(name)s: a rare one") % {"name": name}
    if not value:
        return _("%(name)s: not given") % {"name": name}
    return f"{name}: {value}"


def _band_words(value: str, bands: list[float]) -> str:
    if not value.isdecimal() or not bands:
        return _("the interest is not known")
    place = int(value)
    if place == 0:
        return _("interest below %(most)s") % {"most": number(bands[0])}
    if place >= len(bands):
        return _("interest of %(least)s or more") % {"least": number(bands[-1])}
    ends = {"least": number(bands[place - 1]), "most": number(bands[place])}
    return _("interest from %(least)s to %(most)s") % ends


def _count_words(what: str, count: int) -> str:
    shown = {"count": number(count)}
    if what == "talked":
        return ngettext("%(count)s talk by phone", "%(count)s talks by phone", count) % shown
    if what == "missed":
        return (
            ngettext("%(count)s call without a talk", "%(count)s calls without a talk", count)
            % shown
        )
    if what == "emails":
        return ngettext("%(count)s letter", "%(count)s letters", count) % shown
    if what == "meetings":
        return ngettext("%(count)s meeting", "%(count)s meetings", count) % shown
    if what == "age":
        return npgettext("age", "came %(count)s day ago", "came %(count)s days ago", count) % shown
    return ngettext("%(count)s note or task", "%(count)s notes and tasks", count) % shown
