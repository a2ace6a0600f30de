"""Chances of open leads by the current fit; plain arithmetic, without numpy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from activities.models import Activity
from leads.models import FitKind, Lead, LeadScore, LeadStatus, ScoreFit
from leads.scoring.features import LEVELS, Scale, numbers
from leads.scoring.reading import Facts, stories

LEAST, MOST = 1, 99
TOLD = 5  # reasons kept by lead
OLD = timedelta(hours=20)  # the age of a lead is a feature
BATCH = 500
OPEN = (LeadStatus.NEW, LeadStatus.WORKING)
Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chance:
    """A chance in per cent and its reasons, the greatest first."""

    percent: int
    reasons: list[Reason]


def chance_of(fit: ScoreFit, facts: Facts) -> Chance:
    """The chance of a lead as it stands at the moment of the facts."""
    if fit.kind == FitKind.RATES:
        return _by_source(fit.parameters, facts)
    return _by_weights(fit.parameters, facts)


def rate(won: int, known: int) -> float:
    """The share of won ones, smoothed by Laplace: nothing known is a half."""
    return (won + 1) / (known + 2)


def _by_source(parameters: dict[str, Any], facts: Facts) -> Chance:
    source = str(facts.values["source_id"] or "")
    own, whole = rate(*parameters["rates"].get(source, (0, 0))), rate(*parameters["whole"])
    points = round(100 * (own - whole))
    reasons = [{"what": "source", "value": source, "points": points}] if points else []
    return Chance(_clamped(own), reasons)


def _by_weights(parameters: dict[str, Any], facts: Facts) -> Chance:
    parts = contributions(parameters, facts)
    logit = parameters["constant"] + sum(value for _level, value in parts.values())
    chance = straightened(parameters, logit)
    reasons = []
    for name, (level, value) in parts.items():
        usual = straightened(parameters, logit - value + parameters["means"][name])
        points = round(100 * (chance - usual))
        if points:
            reasons.append({"what": name, "value": level, "points": points})
    reasons.sort(key=lambda reason: (-abs(reason["points"]), reason["what"]))
    return Chance(_clamped(chance), reasons[:TOLD])


def contributions(parameters: dict[str, Any], facts: Facts) -> dict[str, tuple[str, float]]:
    """The level of each feature and what it adds to the logit."""
    scale = Scale(**parameters["scale"])
    found = {}
    for name in LEVELS:
        level = scale.level(name, facts)
        found[name] = (level, parameters["weights"][name].get(level, 0.0))
    for name, value in numbers(facts).items():
        count = facts.deeds[name] if name != "age" else (facts.at - facts.story.created_at).days
        found[name] = (str(count), parameters["weights"][name][""] * value)
    return found


def straightened(parameters: dict[str, Any], logit: float) -> float:
    """The calibrated chance, from 0 to 1."""
    shift, slope = parameters["straighten"]
    return 1 / (1 + exp(-max(-700.0, min(700.0, shift + slope * logit))))


def _clamped(chance: float) -> int:
    return max(LEAST, min(MOST, round(100 * chance)))


def stale(fit: ScoreFit, now: datetime) -> QuerySet[Lead]:
    """Open leads without a chance by this fit, changed or worked on since, or of yesterday."""
    worked = Activity.objects.filter(
        lead=OuterRef("pk"), updated_at__gt=OuterRef("score__scored_at")
    )
    return (
        Lead.objects.alive()
        .open()
        .filter(
            Q(score__isnull=True)
            | ~Q(score__fit=fit)
            | Q(score__scored_at__lt=F("updated_at"))
            | Q(score__scored_at__lt=now - OLD)
            | Exists(worked)
        )
        .order_by("-created_at", "-pk")
    )


def refresh(*, now: datetime, at_most: int = 5000) -> int:
    """Score the stale leads, the newest first; how many. Closed leads lose their chance."""
    fit = ScoreFit.objects.filter(is_current=True).first()
    if fit is None:
        return 0
    Lead.objects.filter(chance__gt=0).exclude(status__in=OPEN).update(chance=0)
    keys = list(stale(fit, now).values_list("pk", flat=True)[:at_most])
    for start in range(0, len(keys), BATCH):
        give(fit, keys[start : start + BATCH], now)
    return len(keys)


@transaction.atomic
def give(fit: ScoreFit, keys: list[int], now: datetime) -> None:
    """Store the chances of these leads."""
    rows = []
    for story in stories(keys, is_present=True):
        facts: Any = story.at(now)
        chance = chance_of(fit, facts)
        rows.append(
            LeadScore(
                lead_id=story.pk,
                fit=fit,
                chance=chance.percent,
                reasons=chance.reasons,
                scored_at=now,
            )
        )
    LeadScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=["fit", "chance", "reasons", "scored_at"],
    )
    leads = [Lead(pk=row.lead_id, chance=row.chance) for row in rows]
    Lead.objects.bulk_update(leads, ["chance"])
