"""Each family equals its formula in the paper, and is recovered from a noisy curve."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from sweepwright.plugins.assessors.extrapolation.families import FAMILIES, Family, Floats
from sweepwright.plugins.assessors.extrapolation.fit import STARTS, fit

STEPS = 100
X = np.arange(1.0, STEPS + 1)
NAMED = {family.name: family for family in FAMILIES}

PAPER: dict[str, tuple[Callable[..., Floats], Mapping[str, float]]] = {
    "vapor pressure": (
        lambda a, b, c: np.exp(a + b / X + c * np.log(X)),
        {"a": -0.4, "b": -1.2, "c": 0.04},
    ),
    "pow3": (lambda c, a, alpha: c - a * X**-alpha, {"c": 0.9, "a": 0.6, "alpha": 0.7}),
    "pow4": (
        lambda c, a, b, alpha: c - (a * X + b) ** -alpha,
        {"c": 0.9, "a": 0.6, "b": 1.8, "alpha": 1.2},
    ),
    "log log linear": (lambda a, b: np.log(a * np.log(X) + b), {"a": 0.25, "b": 1.3}),
    "Hill3": (
        lambda ymax, kappa, eta: ymax * X**eta / (kappa**eta + X**eta),
        {"ymax": 0.9, "kappa": 6.0, "eta": 1.1},
    ),
    "log power": (
        lambda a, b, c: a / (1 + (X / np.exp(b)) ** c),
        {"a": 0.8, "b": 1.5, "c": -1.2},
    ),
    "MMF": (
        lambda alpha, beta, kappa, delta: alpha - (alpha - beta) / (1 + (kappa * X) ** delta),
        {"alpha": 0.9, "beta": 0.2, "kappa": 0.1, "delta": 1.3},
    ),
    "exp4": (
        lambda c, a, b, alpha: c - np.exp(-a * X**alpha + b),
        {"c": 0.8, "a": 0.3, "b": -0.4, "alpha": 0.8},
    ),
    "Janoschek": (
        lambda alpha, beta, kappa, delta: alpha - (alpha - beta) * np.exp(-kappa * X**delta),
        {"alpha": 0.9, "beta": 0.1, "kappa": 0.15, "delta": 0.9},
    ),
    "Weibull": (
        lambda alpha, beta, kappa, delta: alpha - (alpha - beta) * np.exp(-((kappa * X) ** delta)),
        {"alpha": 0.85, "beta": 0.15, "kappa": 0.08, "delta": 1.1},
    ),
    "ilog2": (lambda c, a: c - a / np.log(X + 1), {"c": 0.9, "a": 0.5}),
    "linear": (lambda a, b: a * X + b, {"a": 0.004, "b": 0.3}),
}
"""The formulas as the paper has them, with parameters of a curve that is usual."""


def drawn(name: str) -> Floats:
    formula, paper_parameters = PAPER[name]
    return formula(**paper_parameters)


def fitted(family: Family, y: Floats) -> tuple[Mapping[str, float], Floats]:
    """Fit a family; return its parameters in the paper, and the curve that they describe."""
    means, stds = family.prior(STEPS)
    starts = means + stds * np.random.default_rng(0).standard_normal((STARTS, len(means)))
    found = fit(family, X, y, STEPS, starts)
    paper_parameters = family.paper_parameters(found.z.tolist(), found.linear.tolist())
    return paper_parameters, PAPER[family.name][0](**paper_parameters)


def test_there_are_twelve_families() -> None:
    assert list(NAMED) == list(PAPER)
    assert len(FAMILIES) == 12


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_family_recovers_its_parameters_from_a_noisy_curve(name: str, seed: int) -> None:
    """With a hundred steps and noise of 0.003, parameters are within a quarter."""
    truth = drawn(name)
    y = truth + 0.003 * np.random.default_rng(seed).standard_normal(STEPS)
    paper_parameters, curve = fitted(NAMED[name], y)

    assert np.abs(curve - truth).max() < 0.006
    assert paper_parameters == pytest.approx(PAPER[name][1], rel=0.25, abs=0.02)


@pytest.mark.parametrize("name", PAPER)
def test_a_family_fits_its_own_curve_best_unless_another_contains_it(name: str) -> None:
    y = drawn(name)
    misfits = {other: np.abs(fitted(family, y)[1] - y).max() for other, family in NAMED.items()}

    assert misfits[name] < 0.003
    assert misfits[name] <= 2 * min(misfits.values()) + 1e-3


@pytest.mark.parametrize("name", PAPER)
def test_the_decomposition_equals_the_formula_of_the_paper(name: str) -> None:
    """At draws from the prior, o + B beta equals the formula with the paper's parameters."""
    family, draws = NAMED[name], np.random.default_rng(0)
    means, stds = family.prior(STEPS)
    for _ in range(20):
        z = means + 0.5 * stds * draws.standard_normal(len(means))
        linear_means, linear_stds = family.linear_prior(STEPS)
        beta = np.abs(linear_means + 0.3 * linear_stds * draws.standard_normal(len(linear_means)))
        offset, basis = family.evaluate(X, z[None, :])

        drawn = PAPER[name][0](**family.paper_parameters(z.tolist(), beta.tolist()))

        assert offset[0] + beta @ basis[:, 0, :] == pytest.approx(drawn, rel=1e-9, abs=1e-9)
