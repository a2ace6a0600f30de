"""Logistic regression with a quadratic penalty, its calibration, and how good it is.

Only background work comes here: it loads numpy. The negative log-likelihood plus penalty / 2 times
the squared weights (the constant is free) is convex; Newton's method goes to its only minimum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PENALTIES = (1.0, 3.0, 10.0, 30.0)
FOLDS = 5
BINS = 10
STEPS, NEAR, SOLID = 60, 1e-9, 1e-6


@dataclass(slots=True)
class Fit:
    """Weights of the columns behind the constant; `straighten` calibrates: (shift, slope)."""

    constant: float
    weights: Array
    penalty: float = 0.0
    straighten: tuple[float, float] = (0.0, 1.0)


def chances(logits: Array) -> Array:
    """The logistic function without overflow."""
    return 1 / (1 + np.exp(-np.clip(logits, -700, 700)))


def loss(weights: Array, table: Array, won: Array, penalty: float) -> float:
    """What is minimised; the first weight is the constant, `table` has no column for it."""
    logits = weights[0] + table @ weights[1:]
    likelihood = np.sum(np.logaddexp(0, logits) - won * logits)
    return float(likelihood + penalty / 2 * np.sum(weights[1:] ** 2))


def gradient(weights: Array, table: Array, won: Array, penalty: float) -> Array:
    """The slope of the loss: zero at the fit."""
    missed = chances(weights[0] + table @ weights[1:]) - won
    slopes = np.concatenate(([missed.sum()], table.T @ missed))
    slopes[1:] += penalty * weights[1:]
    return slopes


def fit(table: Array, won: Array, penalty: float) -> Fit:
    """The minimum, by damped Newton steps."""
    whole = np.column_stack((np.ones(len(table)), table))
    guard = np.full(whole.shape[1], max(penalty, SOLID))
    guard[0] = SOLID
    found = np.zeros(whole.shape[1])
    found[0] = np.log((won.sum() + 1) / (len(won) - won.sum() + 1))
    value = loss(found, table, won, penalty)
    for _step in range(STEPS):
        slopes = gradient(found, table, won, penalty)
        if np.abs(slopes).max() < NEAR * max(1, len(won)):
            break
        likely = chances(whole @ found)
        curve = (whole * (likely * (1 - likely))[:, None]).T @ whole + np.diag(guard)
        step = np.linalg.solve(curve, slopes)
        found, value = _stepped(found, step, value, lambda at: loss(at, table, won, penalty))
    return Fit(float(found[0]), found[1:], penalty)


def _stepped(
    found: Array, step: Array, value: float, measure: Callable[[Array], float]
) -> tuple[Array, float]:
    """Half the step until the loss does not grow."""
    for _half in range(30):
        after = measure(found - step)
        if after <= value + 1e-12:
            return found - step, after
        step = step / 2
    return found, value


def folds_of(leads: Array) -> NDArray[np.int64]:
    """A fold of every row by the key of its lead: rows of one lead are never parted."""
    return (leads.astype(np.int64) * 2654435761 >> 7) % FOLDS


def trained(table: Array, won: Array, leads: Array) -> tuple[Fit, Array]:
    """The fit with the best penalty, calibrated, and chances of rows by fits without them.

    The penalty and both numbers of the calibration are chosen on these out-of-fold rows too.
    """
    folds = folds_of(leads)
    tried = {penalty: _left_out(table, won, folds, penalty) for penalty in PENALTIES}
    penalty = min(tried, key=lambda each: _missed(tried[each], won))
    logits = tried[penalty]
    line = fit(logits[:, None], won, 0.0)
    found = fit(table, won, penalty)
    found.straighten = (line.constant, float(line.weights[0]))
    return found, chances(line.constant + line.weights[0] * logits)


def _left_out(table: Array, won: Array, folds: NDArray[np.int64], penalty: float) -> Array:
    """Logits of every row by the fit on the other folds."""
    logits = np.zeros(len(won))
    for number in range(FOLDS):
        own = folds == number
        if own.any() and not own.all():
            other = fit(table[~own], won[~own], penalty)
            logits[own] = other.constant + table[own] @ other.weights
    return logits


def _missed(logits: Array, won: Array) -> float:
    return float(np.mean(np.logaddexp(0, logits) - won * logits))


def auc(told: Array, won: Array) -> float | None:
    """The share of pairs of a won and a lost row told in the right order; ties count a half."""
    lost = len(won) - won.sum()
    if not lost or lost == len(won):
        return None
    _values, places, counts = np.unique(told, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float(ranks[places][won == 1].sum() - won.sum() * (won.sum() + 1) / 2) / float(
        won.sum() * lost
    )


def measures(told: Array, won: Array) -> dict[str, Any]:
    """AUC, Brier, calibration in ten bins of equal size, precision in the top tenth."""
    order = np.argsort(told, kind="stable")
    bins = [
        {
            "readings": len(part),
            "told": round(float(told[part].mean()), 4),
            "won": round(float(won[part].mean()), 4),
        }
        for part in np.array_split(order, BINS)
        if len(part)
    ]
    top = order[-max(1, len(order) // 10) :]
    gaps = [row["readings"] * abs(row["told"] - row["won"]) for row in bins]
    area = auc(told, won)
    return {
        "readings": len(won),
        "base": round(float(won.mean()), 4),
        "auc": None if area is None else round(area, 4),
        "brier": round(float(np.mean((told - won) ** 2)), 4),
        "brier_of_base": round(float(won.mean() * (1 - won.mean())), 4),
        "ece": round(sum(gaps) / len(won), 4),
        "top": round(float(won[top].mean()), 4),
        "bins": bins,
    }
