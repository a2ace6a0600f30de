"""Fits of the customer-value models against published figures of CDNOW."""

import os
import subprocess
import sys

import numpy as np
import pytest

from reports import customer_value
from reports.customer_value import (
    Cells,
    Purchasing,
    correlation,
    fit_purchasing,
    fit_spending,
)
from tests.reports import cdnow


@pytest.fixture(scope="module")
def bg():
    return fit_purchasing(cdnow.cells()[0], modified=False)


@pytest.fixture(scope="module")
def mbg():
    return fit_purchasing(cdnow.cells()[0], modified=True)


@pytest.fixture(scope="module")
def spending():
    known = cdnow.summary()
    return fit_spending(known["x"], known["mean"])


def parameters(model: Purchasing) -> list[float]:
    return [model.r, model.alpha, model.a, model.b]


def one(x: float, t_x: float, age: float) -> Cells:
    return Cells(*(np.array([float(value)]) for value in (x, t_x, age, 1)))


def test_summary_is_the_published_one():
    known = cdnow.summary()
    holdout = sum(day > cdnow.CALIBRATION_END for d in cdnow.purchases().values() for day in d)
    assert len(known["x"]) == 2357
    assert (known["x"].sum(), (known["x"] > 0).sum(), holdout) == (2457, 946, 1882)


def test_bg_nbd(bg):
    for found, published, near in zip(
        parameters(bg), (0.242595, 4.413602, 0.792922, 2.425907), (1e-3, 5e-3, 2e-3, 6e-3), strict=1
    ):
        assert found == pytest.approx(published, abs=near)
    assert bg.log_likelihood == pytest.approx(-9582.4292, abs=1e-3)
    assert bg.converged


def test_mbg_nbd(mbg):
    assert parameters(mbg) == pytest.approx([0.52484, 6.18308, 0.89136, 1.61400], abs=2e-3)
    assert mbg.log_likelihood == pytest.approx(-9582.1357, abs=1e-3)
    assert mbg.alive(one(0, 0, 38.857))[0] == pytest.approx(0.3897, abs=1e-3)
    cells, _index = cdnow.cells()
    assert np.average(mbg.alive(cells), weights=cells.weight) == pytest.approx(0.4487, abs=1e-3)
    assert np.dot(mbg.expected(cells, 39), cells.weight) == pytest.approx(1576.73, abs=0.5)


def test_gamma_gamma(spending):
    assert spending.p == pytest.approx(6.24957, abs=0.01)
    assert spending.q == pytest.approx(3.74422, abs=0.01)
    assert spending.gamma == pytest.approx(15.44353, abs=0.05)
    assert spending.log_likelihood == pytest.approx(-4055.9177, abs=1e-3)
    assert spending.population_mean == pytest.approx(35.1704, abs=0.01)


def test_gamma_gamma_knows_no_unit_of_money(spending):
    known = cdnow.summary()
    cents = fit_spending(known["x"], known["mean"] * 100)
    assert cents.population_mean == pytest.approx(spending.population_mean * 100, rel=1e-5)


@pytest.mark.parametrize(
    ("customer", "alive", "weeks_39", "weeks_52", "near"),
    [
        ((2, 30.43, 38.86), 0.726609, 1.225907, 1.558578, 1e-4),
        ((0, 0, 38.86), 1, 0.194782, 0.251667, 1e-4),
        ((1, 1.71, 38.86), 0.212232, 0.203255, 0.259912, 1e-4),
        ((26, 30.86, 31.0), 0.968919, 20.750276, 25.759041, 1e-3),
        ((4, 33, 38), 0.800759, 2.529440, 3.193959, 1e-4),
    ],
)
def test_listed_customers(bg, customer, alive, weeks_39, weeks_52, near):
    found = one(*customer)
    assert bg.alive(found)[0] == pytest.approx(alive, abs=near)
    assert bg.expected(found, 39)[0] == pytest.approx(weeks_39, abs=near)
    assert bg.expected(found, 52)[0] == pytest.approx(weeks_52, abs=near)


def test_value_of_52_weeks(bg, spending):
    cells, index = cdnow.cells()
    known = cdnow.summary()
    mean = spending.conditional_mean(known["x"], known["mean"])
    value = bg.discounted(cells, 52, 0.15)[index] * mean
    assert (bg.expected(cells, 52)[index] * mean).sum() == pytest.approx(75707.93, rel=1e-4)
    assert value.sum() == pytest.approx(71061.73, rel=1e-4)
    assert value[:6] == pytest.approx([36.0411, 4.6104, 8.2874, 8.2874, 8.2874, 281.8179], rel=1e-3)


def test_groups_change_nothing(mbg):
    known = cdnow.summary()
    each = Cells(known["x"], known["t_x"] / 7, known["age"] / 7, np.ones(len(known["x"])))
    shuffled = np.random.default_rng(1).permutation(len(known["x"]))
    mixed = Cells(*(column[shuffled] for column in (each.x, each.t_x, each.age, each.weight)))
    assert parameters(fit_purchasing(each, modified=True)) == pytest.approx(
        parameters(mbg), rel=1e-5
    )
    assert parameters(fit_purchasing(mixed, modified=True)) == pytest.approx(
        parameters(mbg), rel=1e-5
    )


@pytest.mark.parametrize("modified", [False, True])
def test_days_scale_alpha_by_seven(modified):
    weeks, _index = cdnow.cells()
    days = Cells(weeks.x, weeks.t_x * 7, weeks.age * 7, weeks.weight)
    by_week = fit_purchasing(weeks, modified=modified)
    by_day = fit_purchasing(days, modified=modified)
    r, alpha, a, b = parameters(by_week)
    assert parameters(by_day) == pytest.approx([r, alpha * 7, a, b], rel=1e-4)


def test_hundreds_of_purchases_stay_finite(bg, mbg):
    busy = Cells(
        *(np.array(column, float) for column in ([161, 300, 900], [100] * 3, [110] * 3, [1] * 3))
    )
    for model in (bg, mbg):
        assert np.all(np.isfinite(model.expected(busy, 52)))
        assert np.all((model.alive(busy) >= 0) & (model.alive(busy) <= 1))


@pytest.mark.parametrize("modified", [False, True])
def test_both_forms_of_the_series_agree(modified, monkeypatch):
    columns = ([0, 3, 9], [0, 20, 50], [60] * 3, [1] * 3)
    cells = Cells(*(np.array(column, float) for column in columns))
    model = Purchasing(0.8, 24, 3.0, 40.0, modified)
    euler = model.expected(cells, 52)
    monkeypatch.setattr(customer_value, "GREAT", 0.0)
    assert model.expected(cells, 52) == pytest.approx(euler, rel=1e-9)


def test_a_great_a_stays_finite():
    cells = Cells(*(np.array(column, float) for column in ([0, 9], [0, 50], [60] * 2, [1] * 2)))
    model = Purchasing(0.79, 24, 1990, 161698, True)
    found = model.expected(cells, 52)
    steady = (0.79 + cells.x) / (24 + 60) * 52 * model.alive(cells)
    assert np.all((found > 0.8 * steady) & (found < steady))


def test_near_a_of_one_is_smooth():
    found = one(3, 20, 30)
    values = [Purchasing(0.5, 6, a, 1.6, True).expected(found, 52)[0] for a in (0.999, 1, 1.001)]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-5)


def test_nobody_leaves_is_told():
    cells = Cells(*(np.array(column, float) for column in ([12], [51], [52], [200])))
    assert fit_purchasing(cells, modified=True).degenerate(cells)
    kept, _index = cdnow.cells()
    assert not fit_purchasing(kept, modified=True).degenerate(kept)


def test_correlation():
    known = cdnow.summary()
    assert correlation(known["x"], known["mean"]) == pytest.approx(0.1139, abs=1e-3)
    assert correlation(np.array([1.0, 1.0]), np.array([5.0, 6.0])) == 0


def test_pages_do_not_load_numbers():
    code = (
        "import sys, django; django.setup(); import reports.urls;"
        "assert not {'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings"}
