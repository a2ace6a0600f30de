"""Customer value by "buy till you die" models: who still buys, how often, for how much.

Units: time in weeks, money in the base currency. A customer is (x, t_x, T): repeat purchase days,
time from the first to the last purchase, time from the first purchase to the as-of day; equal
customers form one cell with a weight. Pure numbers: no database, no web; only background work
imports this module.

Sources: BG/NBD - Fader, Hardie, Lee, Marketing Science 2005; MBG/NBD - Batislam, Denizel,
Filiztekin 2007; Gamma-Gamma - Fader, Hardie 2013 (note 025).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

Array = NDArray[np.float64]

DAYS_IN_WEEK = 7
WEEKS_IN_YEAR = 52
LOG_BOUNDS = (-12.0, 12.0)
NEAR_BOUND = 0.01
SURE = 0.995  # mean P(alive) beyond this: the data do not show anybody leaving
LIMIT_STEP = 1e-4  # distance from a = 1 at which the formula divides by too little
CORRELATION_LIMIT = 0.3
GREAT = 30.0  # from this a on the plain form of the series is used


@dataclass(frozen=True, slots=True)
class Cells:
    """Distinct customers (x, t_x, T) with the number of each."""

    x: Array
    t_x: Array
    age: Array
    weight: Array

    @classmethod
    def of(cls, x: Array, t_x: Array, age: Array) -> tuple["Cells", NDArray[np.intp]]:
        """Group equal customers; the second value finds the cell of each customer."""
        rows = np.column_stack([x, t_x, age]).astype(float)
        cells, index, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        made = cls(cells[:, 0], cells[:, 1], cells[:, 2], counts.astype(float))
        return made, index.reshape(-1)


@dataclass(frozen=True, slots=True)
class Purchasing:
    """A fitted BG/NBD (`modified` False) or MBG/NBD (True) model.

    Purchases are Poisson with rates Gamma(r, alpha); after a purchase a customer leaves with a
    chance from Beta(a, b). MBG/NBD lets him leave after the very first purchase too, so a buyer
    of one purchase is not alive for ever.
    """

    r: float
    alpha: float
    a: float
    b: float
    modified: bool
    log_likelihood: float = float("nan")
    converged: bool = True

    def alive(self, cells: Cells) -> Array:
        """P(alive | x, t_x, T); exactly 1 at x = 0 under BG/NBD."""
        power = (self.r + cells.x) * np.log((self.alpha + cells.age) / (self.alpha + cells.t_x))
        c = self.b + cells.x + self.modified
        gone = cells.x > 0 if not self.modified else np.ones(cells.x.shape, dtype=bool)
        with np.errstate(over="ignore"):
            odds = np.exp(power + np.log(self.a) - np.log(np.where(gone, c - 1, 1.0)))
        return np.where(gone, 1 / (1 + odds), 1.0)

    def expected(self, cells: Cells, weeks: float) -> Array:
        """E[Y(t) | x, t_x, T]: purchases of the next `weeks`."""
        return self._if_alive(cells, weeks) * self.alive(cells)

    def _if_alive(self, cells: Cells, weeks: float) -> Array:
        if abs(self.a - 1) >= LIMIT_STEP:
            return self._closed(cells, weeks, self.a)
        low, high = 1 - LIMIT_STEP, 1 + LIMIT_STEP
        share = (self.a - low) / (high - low)
        below, above = self._closed(cells, weeks, low), self._closed(cells, weeks, high)
        return below * (1 - share) + above * share

    def _closed(self, cells: Cells, weeks: float, a: float) -> Array:
        """(a+c-1)/(a-1) * [1 - (1-z)^(r+x) 2F1(r+x, c; a+c-1; z)], c = b+x (+1 if modified).

        By Euler's transformation (1-z)^(r+x) 2F1(r+x, c; a+c-1; z) is
        (1-z)^(a-1) 2F1(a+c-1-r-x, a-1; a+c-1; z), which holds for hundreds of purchases; for a
        great a (nobody is seen leaving) the first form is the one that holds.
        """
        c = self.b + cells.x + self.modified
        z = weeks / (self.alpha + cells.age + weeks)
        with np.errstate(over="ignore", invalid="ignore"):
            if a < GREAT:
                small = a + self.b + self.modified - 1 - self.r
                rest = (1 - z) ** (a - 1) * hyp2f1(small, a - 1, a + c - 1, z)
            else:
                power = self.r + cells.x
                rest = (1 - z) ** power * hyp2f1(power, c, a + c - 1, z)
        return (a + c - 1) / (a - 1) * (1 - rest)

    def discounted(self, cells: Cells, weeks: int, rate: float) -> Array:
        """Purchases of each coming week brought to today at `rate` a year, summed."""
        alive = self.alive(cells)
        total, before = np.zeros(cells.x.shape), np.zeros(cells.x.shape)
        for week in range(1, weeks + 1):
            upto = self._if_alive(cells, week)
            total += (upto - before) * (1 + rate) ** -((week - 0.5) / WEEKS_IN_YEAR)
            before = upto
        return total * alive

    def degenerate(self, cells: Cells) -> bool:
        """Whether leaving cannot be told from the data, so P(alive) must not be shown."""
        logs = np.log([self.r, self.alpha, self.a, self.b])
        edge = np.min(np.abs(logs[:, None] - np.array(LOG_BOUNDS))) < NEAR_BOUND
        mean = float(np.average(self.alive(cells), weights=cells.weight))
        return bool(edge or not self.converged or not 1 - SURE < mean < SURE)

    def as_dict(self) -> dict[str, float | bool]:
        """Ready for JSON."""
        names = ("r", "alpha", "a", "b", "log_likelihood", "converged")
        return {name: getattr(self, name) for name in names}


def _purchasing_likelihood(
    logs: Array, cells: Cells, modified: bool
) -> tuple[float, NDArray[np.float64]]:
    """Minus log-likelihood and its gradient by the logarithms of (r, alpha, a, b).

    Customer: G(r+x)/G(r) alpha^r B(a,c)/B(a,b) [(alpha+T)^-(r+x) + a/(c-1) (alpha+t_x)^-(r+x)],
    c = b+x for BG/NBD, whose second term is absent at x = 0, and b+x+1 for MBG/NBD.
    """
    r, alpha, a, b = np.exp(logs)
    x, weight = cells.x, cells.weight
    c = b + x + modified
    log_age, log_last = np.log(alpha + cells.age), np.log(alpha + cells.t_x)
    left = (x > 0) | modified
    stays = -(r + x) * log_age
    safe = np.where(left, c - 1, 1.0)
    leaves = np.where(left, np.log(a) - np.log(safe) - (r + x) * log_last, -np.inf)
    both = np.logaddexp(stays, leaves)
    p_stays, p_leaves = np.exp(stays - both), np.exp(leaves - both)
    each = gammaln(r + x) - gammaln(r) + r * logs[1] + betaln(a, c) - betaln(a, b) + both
    shared = digamma(a + b) - digamma(a + c)
    slopes = [
        digamma(r + x) - digamma(r) + logs[1] - p_stays * log_age - p_leaves * log_last,
        r / alpha - (r + x) * (p_stays * np.exp(-log_age) + p_leaves * np.exp(-log_last)),
        shared + p_leaves / a,
        shared + digamma(c) - digamma(b) - p_leaves / safe,
    ]
    gradient = np.array([np.dot(weight, slope) for slope in slopes]) * np.exp(logs)
    return -float(np.dot(weight, each)), -gradient


def _maximise(
    minus: Callable[..., tuple[float, Array]], start: list[float], args: tuple[Any, ...]
) -> Any:
    """L-BFGS-B on the logarithms of the parameters, scaled to one customer."""
    count = float(np.sum(args[0].weight if isinstance(args[0], Cells) else args[0].size))

    def scaled(logs: Array) -> tuple[float, Array]:
        value, gradient = minus(logs, *args)
        return value / count, gradient / count

    return minimize(
        scaled,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[LOG_BOUNDS] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000, "maxfun": 3000, "maxls": 50},
    )


def _settled(found: Any) -> bool:
    """Finite and flat; a line search stopped by rounding at the top is still the top."""
    return bool(np.all(np.isfinite(found.x)) and (found.success or np.max(abs(found.jac)) < 1e-5))


def fit_purchasing(cells: Cells, *, modified: bool) -> Purchasing:
    """BG/NBD or MBG/NBD by maximum likelihood from (1, mean T / 2, 1, 3)."""
    mean_age = float(np.average(cells.age, weights=cells.weight))
    found = _maximise(
        _purchasing_likelihood, [1.0, max(mean_age / 2, 0.01), 1.0, 3.0], (cells, modified)
    )
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    minus, _gradient = _purchasing_likelihood(found.x, cells, modified)
    return Purchasing(r, alpha, a, b, modified, -minus, _settled(found))


@dataclass(frozen=True, slots=True)
class Spending:
    """A fitted Gamma-Gamma model: the mean purchase of a customer varies as inverse gamma."""

    p: float
    q: float
    gamma: float
    log_likelihood: float = float("nan")
    converged: bool = True

    @property
    def population_mean(self) -> float:
        """p * gamma / (q - 1); infinite when q is not above 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    def conditional_mean(self, x: Array, mean: Array) -> Array:
        """E(M | x, m_x) = p (gamma + x m_x) / (p x + q - 1); the population mean at x = 0."""
        return self.p * (self.gamma + x * mean) / (self.p * x + self.q - 1)

    @property
    def degenerate(self) -> bool:
        """Whether the mean of a purchase cannot be told."""
        return not self.converged or self.q <= 1 or not np.isfinite(self.log_likelihood)

    def as_dict(self) -> dict[str, float | bool]:
        """Ready for JSON."""
        names = ("p", "q", "gamma", "log_likelihood", "converged")
        return {name: getattr(self, name) for name in names}


def _spending_likelihood(logs: Array, x: Array, mean: Array) -> tuple[float, Array]:
    """Minus log-likelihood of Gamma-Gamma and its gradient by the logarithms of (p, q, gamma)."""
    p, q, gamma = np.exp(logs)
    px, total = p * x, gamma + x * mean
    log_total = np.log(total)
    each = (
        gammaln(px + q)
        - gammaln(px)
        - gammaln(q)
        + q * logs[2]
        + (px - 1) * np.log(mean)
        + px * np.log(x)
        - (px + q) * log_total
    )
    shared = digamma(px + q)
    slopes = np.array(
        [
            np.sum(x * (shared - digamma(px) + np.log(mean) + np.log(x) - log_total)),
            np.sum(shared - digamma(q) + logs[2] - log_total),
            np.sum(q / gamma - (px + q) / total),
        ]
    )
    return -float(np.sum(each)), -slopes * np.exp(logs)


def fit_spending(x: Array, mean: Array) -> Spending:
    """Gamma-Gamma over customers with x > 0 and m_x > 0; money is scaled by its mean inside."""
    fits = (x > 0) & (mean > 0)
    x, mean = x[fits].astype(float), mean[fits].astype(float)
    if not x.size:
        return Spending(float("nan"), float("nan"), float("nan"), converged=False)
    unit = float(np.mean(mean))
    found = _maximise(_spending_likelihood, [1.0, 3.0, 1.0], (x, mean / unit))
    p, q, gamma = (float(value) for value in np.exp(found.x))
    minus, _gradient = _spending_likelihood(found.x, x, mean / unit)
    return Spending(p, q, gamma * unit, -minus - x.size * float(np.log(unit)), _settled(found))


def correlation(x: Array, mean: Array) -> float:
    """Pearson's r of purchases and their mean; Gamma-Gamma wants it near 0."""
    fits = (x > 0) & (mean > 0)
    if np.count_nonzero(fits) < 3 or np.ptp(x[fits]) == 0 or np.ptp(mean[fits]) == 0:
        return 0.0
    return float(np.corrcoef(x[fits], mean[fits])[0, 1])
