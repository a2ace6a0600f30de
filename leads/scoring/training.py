"""The weekly training: leads whose outcome is known, read as they stood, fitted, kept as a row."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from leads.models import FitKind, Lead, LeadStatus, ScoreFit
from leads.scoring.features import FIXED, LEVELS, NUMBERS, REST, Scale, numbers, scale_of
from leads.scoring.fitting import Array, Fit, measures, trained
from leads.scoring.reading import ARRIVAL, LEAST, MOMENTS, Facts, Story, stories

LOCK = 7_203_116  # the key of the advisory lock of this computation
AT_MOST = 10_000  # the newest leads are enough and keep the worker small
BATCH = 2000
DAY, WEEK = timedelta(days=1), timedelta(days=7)
RIPE = (7, 180)  # days, the least and the most, after which a lead's outcome is awaited no more


def ended() -> QuerySet[Lead]:
    """Leads won (their deal is) or lost (rejected, or their deal is); the rest is not known yet."""
    won = Q(status=LeadStatus.CONVERTED, deal__status="won", deal__deleted_at__isnull=True)
    lost = Q(status=LeadStatus.CONVERTED, deal__status="lost", deal__deleted_at__isnull=True)
    rows = Lead.objects.alive().filter(closed_at__isnull=False)
    outcome = Case(
        When(won, then=Value(1)),
        When(lost | Q(status=LeadStatus.REJECTED), then=Value(0)),
        output_field=IntegerField(),
    )
    return rows.annotate(outcome=outcome).filter(outcome__isnull=False).order_by()


def ripe_before(now: datetime) -> datetime:
    """Leads that came before it have had the time nine of ten won ones took, so that quick losses
    do not outweigh slow wins."""
    days = ended().filter(outcome=1).values_list("created_at", "deal__closed_at")
    spans = sorted((until - since) / DAY for since, until in days[:AT_MOST])
    usual = spans[len(spans) * 9 // 10] if spans else 0
    return now - timedelta(days=min(max(usual, RIPE[0]), RIPE[1]))


def train_when_due(*, now: datetime) -> ScoreFit | None:
    """Train once a week; every day while there is no regression yet."""
    last = ScoreFit.objects.filter(is_current=True).first()
    wait = WEEK if last and last.kind == FitKind.LOGISTIC else DAY
    return train(now=now) if last is None or now - last.trained_at >= wait else None


@transaction.atomic
def train(*, now: datetime) -> ScoreFit | None:
    """Make a new current fit; None when another process is at it.

    Without LEAST won and LEAST lost ripe leads whose history is known from their coming on, or
    when order is told no better than by chance, chances are shares of won leads by source.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    found = _regression(now) or _rates(now)
    ScoreFit.objects.filter(is_current=True).update(is_current=False)
    found.is_current = True
    found.save(force_insert=True)
    return found


def _rates(now: datetime) -> ScoreFit:
    """Won and known leads by source."""
    counts: dict[str, list[int]] = {}
    for source, outcome in ended().values_list("source_id", "outcome"):
        row = counts.setdefault(str(source or ""), [0, 0])
        row[0] += outcome
        row[1] += 1
    won, known = (sum(row[place] for row in counts.values()) for place in (0, 1))
    return ScoreFit(
        kind=FitKind.RATES,
        trained_at=now,
        leads=known,
        won=won,
        lost=known - won,
        parameters={"rates": counts, "whole": [won, known]},
    )


def _regression(now: datetime) -> ScoreFit | None:
    rows = ended().filter(created_at__lt=ripe_before(now)).order_by("-created_at", "-pk")
    known = list(rows.values_list("pk", "outcome", "created_at", "closed_at")[:AT_MOST])
    if not _enough(sum(row[1] for row in known), len(known)):
        return None
    readings = [
        (facts, won, days)
        for pk_story, won, left in _told(known)
        for days, facts in read(pk_story, left)
    ]
    leads = {facts.story.pk: won for facts, won, _days in readings}
    if not _enough(sum(leads.values()), len(leads)):
        return None
    scale = scale_of(facts for facts, _won, days in readings if days == 0)
    names = columns_of(scale)
    table = np.array([row_of(facts, scale, names) for facts, _won, _days in readings])
    won = np.array([won for _facts, won, _days in readings], dtype=float)
    keys = np.array([facts.story.pk for facts, _won, _days in readings], dtype=float)
    fit, told = trained(table, won, keys)
    if fit.straighten[1] <= 0:
        return None
    moments = np.array([days for _facts, _won, days in readings])
    return ScoreFit(
        kind=FitKind.LOGISTIC,
        trained_at=now,
        leads=len(leads),
        won=sum(leads.values()),
        lost=len(leads) - sum(leads.values()),
        parameters=_parameters(fit, scale, names, table),
        measures={**measures(told, won), "moments": _by_moment(told, won, moments)},
    )


def _enough(won: int, known: int) -> bool:
    return won >= LEAST and known - won >= LEAST


def _told(known: list[Any]) -> list[tuple[Story, int, datetime]]:
    """Stories with their outcomes and when they left the open ones."""
    outcomes = {pk: (won, left) for pk, won, _came, left in known}
    keys, found = list(outcomes), []
    for start in range(0, len(keys), BATCH):
        part = stories(keys[start : start + BATCH])
        found += [(story, *outcomes[story.pk]) for story in part]
    return found


def read(story: Story, left: datetime) -> list[tuple[int, Facts]]:
    """The lead at its coming and at later MOMENTS, while it was open and its fields are known.

    A lead brought in later, with its outcome, has no history of its coming and is not read.
    """
    found = []
    for days in MOMENTS:
        moment = story.created_at + max(timedelta(days=days), ARRIVAL)
        facts = story.at(moment) if moment < left else None
        if facts is None and days == 0:
            return []
        if facts is not None:
            found.append((days, facts))
    return found


def columns_of(scale: Scale) -> list[tuple[str, str]]:
    """(feature, level) of each column; numbers have an empty level."""
    rests = {name: [] if name in FIXED else [REST] for name in LEVELS}
    levels = [
        (name, level) for name in LEVELS for level in scale.levels.get(name, []) + rests[name]
    ]
    return [*levels, *((name, "") for name in NUMBERS)]


def row_of(facts: Facts, scale: Scale, names: list[tuple[str, str]]) -> list[float]:
    """The values of the columns."""
    own = {name: scale.level(name, facts) for name in LEVELS}
    counted = numbers(facts)
    return [
        counted[name] if name in counted else float(own[name] == level) for name, level in names
    ]


def _parameters(
    fit: Fit, scale: Scale, names: list[tuple[str, str]], table: Array
) -> dict[str, Any]:
    """Everything a chance is made of, as JSON; `means` is what a feature adds on average."""
    weights: dict[str, dict[str, float]] = {}
    means: dict[str, float] = {}
    for (name, level), weight, mean in zip(names, fit.weights, table.mean(axis=0), strict=True):
        weights.setdefault(name, {})[level] = round(float(weight), 6)
        means[name] = means.get(name, 0.0) + float(weight * mean)
    return {
        "constant": fit.constant,
        "weights": weights,
        "means": {name: round(mean, 6) for name, mean in means.items()},
        "straighten": fit.straighten,
        "penalty": fit.penalty,
        "scale": asdict(scale),
    }


def _by_moment(told: Array, won: Array, moments: Array) -> list[dict[str, Any]]:
    found = []
    for days in MOMENTS:
        own = moments == days
        if own.any():
            all_of = measures(told[own], won[own])
            kept = ("readings", "base", "auc", "brier", "top")
            found.append({"days": days, **{name: all_of[name] for name in kept}})
    return found
