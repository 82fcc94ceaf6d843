"""The posterior, compared with closed forms, with grids, and with curves drawn from the prior."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import kstest, norm

from sweepwright.plugins.assessors.extrapolation.evidence import NOISE_MEAN, NOISE_STD
from sweepwright.plugins.assessors.extrapolation.families import FAMILIES, Family, Floats
from sweepwright.plugins.assessors.extrapolation.posterior import PosteriorDraws, extrapolate

STEPS = 20
NAMED = {family.name: family for family in FAMILIES}
NOISES = np.linspace(NOISE_MEAN - 4, NOISE_MEAN + 4, 41)
GRID = np.linspace(-4, 4, 121)


def beginning(steps: int) -> tuple[Floats, Floats]:
    x = np.arange(1.0, steps + 1)
    noise = 0.02 * np.random.default_rng(4).standard_normal(steps)
    return x, 0.85 - 0.6 * x**-0.8 + noise


def by_grid(family: Family, x: Floats, y: Floats) -> tuple[float, float, float]:
    """Integrate over a grid: the evidence, and mean and deviation of the last value.

    The observed values and the last one are jointly normal, given the noise and the nonlinear
    parameter. For each noise, all values of that parameter are computed together.
    """
    means, stds = family.linear_prior(STEPS)
    z_means, z_stds = family.prior(STEPS)
    scaled = GRID if family.nonlinear else np.zeros(1)
    offset, basis = family.evaluate(np.append(x, STEPS), z_means + np.outer(scaled, z_stds))
    mean = offset + np.einsum("p,pmn->mn", means, basis)
    within = np.einsum("pmi,p,pmj->mij", basis, stds**2, basis)
    residual, weights, lasts, squares = y - mean[:, :-1], [], [], []
    for log_noise in NOISES:
        covariance = within + np.exp(2 * log_noise) * np.eye(len(x) + 1)
        seen, across = covariance[:, :-1, :-1], covariance[:, :-1, -1:]
        solved = np.linalg.solve(seen, np.concatenate([residual[:, :, None], across], axis=2))
        distance = np.einsum("mn,mn->m", residual, solved[:, :, 0])
        log_density = -(distance + np.linalg.slogdet(2 * np.pi * seen)[1]) / 2
        prior = norm.pdf(log_noise, NOISE_MEAN, NOISE_STD)
        weights.append(np.exp(log_density) * prior * _density(family, scaled))
        last = mean[:, -1] + np.einsum("mn,mn->m", across[:, :, 0], solved[:, :, 0])
        variance = covariance[:, -1, -1]
        variance = variance - np.einsum("mn,mn->m", across[:, :, 0], solved[:, :, 1])
        lasts.append(last)
        squares.append(variance + last**2)
    cell = (NOISES[1] - NOISES[0]) * (GRID[1] - GRID[0] if family.nonlinear else 1.0)
    center, square = (np.average(moment, weights=weights) for moment in (lasts, squares))
    return float(np.sum(weights) * cell), float(center), float(np.sqrt(square - center**2))


def _density(family: Family, scaled: Floats) -> Floats:
    """Return the prior density of the nonlinear parameter, 1 where there is none."""
    return np.asarray(norm.pdf(scaled)) if family.nonlinear else np.ones(1)


@pytest.mark.parametrize("name", ["linear", "ilog2", "pow3"])
def test_the_forecast_of_a_family_agrees_with_integration_over_a_grid(name: str) -> None:
    x, y = beginning(6)
    _, mean, std = by_grid(NAMED[name], x, y)
    found = extrapolate(x, y, STEPS, np.random.default_rng(0), [NAMED[name]], power=1, drift=0)

    assert found.mean == pytest.approx(mean, abs=0.15 * std)
    assert found.std == pytest.approx(std, rel=0.15)
    assert found.size > 150


def test_the_probabilities_of_families_agree_with_integration_over_a_grid() -> None:
    x, y = beginning(6)
    chosen = [NAMED[name] for name in ("linear", "ilog2", "pow3", "log log linear")]
    evidence = np.array([by_grid(family, x, y)[0] for family in chosen])
    found = extrapolate(x, y, STEPS, np.random.default_rng(0), chosen, power=1, drift=0)

    assert found.family_weights[:4] == pytest.approx(evidence / evidence.sum(), abs=0.03)


def made_by(family: Family, steps: int, draws: np.random.Generator) -> tuple[Floats, float]:
    """Draw a noisy curve from the prior; return its beginning and its last value."""
    means, stds = family.prior(STEPS)
    linear_means, linear_stds = family.linear_prior(STEPS)
    z = means + stds * draws.standard_normal(len(means))
    beta = linear_means + linear_stds * draws.standard_normal(len(linear_means))
    offset, basis = family.evaluate(np.append(np.arange(1.0, steps + 1), STEPS), z[None, :])
    noise = np.exp(NOISE_MEAN + NOISE_STD * draws.standard_normal())
    y = offset[0] + beta @ basis[:, 0, :] + noise * draws.standard_normal(steps + 1)
    return y[:-1], float(y[-1])


def ranks(families: Sequence[Family], steps: int, curves: int) -> list[float]:
    """Return, for each curve, the forecast probability of a last value below its own."""
    x, found = np.arange(1.0, steps + 1), []
    for number in range(curves):
        draws = np.random.default_rng(number)
        y, last = made_by(families[int(draws.integers(len(families)))], steps, draws)
        found.append(1 - extrapolate(x, y, STEPS, draws, families, power=1, drift=0).exceeds(last))
    return found


@pytest.mark.parametrize("steps", [6, pytest.param(12, marks=pytest.mark.ci_only)])
def test_forecasts_of_curves_from_the_prior_are_calibrated(steps: int) -> None:
    """The ranks of the last values in their forecasts are uniformly distributed."""
    assert kstest(ranks(FAMILIES, steps, 150), "uniform").pvalue > 0.05


def test_a_power_below_one_widens_the_forecast() -> None:
    x, y = beginning(10)
    full, half = (
        extrapolate(x, y, STEPS, np.random.default_rng(0), power=power) for power in (1.0, 0.5)
    )

    assert half.std > full.std


def test_drift_makes_a_distant_end_less_certain() -> None:
    x, y = beginning(10)
    sure, unsure = (
        extrapolate(x, y, STEPS, np.random.default_rng(0), drift=drift) for drift in (0.0, 0.5)
    )

    assert unsure.stds == pytest.approx(np.hypot(sure.stds, 0.5 * (sure.means - y[-1])))


def test_other_seeds_give_nearly_the_same_forecast() -> None:
    x, y = beginning(8)
    found = [extrapolate(x, y, STEPS, np.random.default_rng(seed)) for seed in range(8)]
    chances = [draws.exceeds(0.8) for draws in found]

    assert min(draws.size for draws in found) > 100
    assert np.std(chances) < 0.03


def test_weights_sum_to_one_and_moments_are_of_the_mixture() -> None:
    found = PosteriorDraws(
        weights=np.array([0.25, 0.75]),
        means=np.array([0.0, 1.0]),
        stds=np.array([1.0, 2.0]),
        noises=np.array([0.1, 0.2]),
        families=np.array([0, 3]),
    )

    assert found.mean == 0.75
    assert found.noise == pytest.approx(0.175)
    assert found.std == pytest.approx(np.sqrt(0.25 * 1 + 0.75 * 4 + 0.25 * 0.75))
    assert found.size == pytest.approx(1 / 0.625)
    assert list(found.family_weights[:4]) == [0.25, 0, 0, 0.75]
    assert found.exceeds(0.0) == pytest.approx(0.25 * 0.5 + 0.75 * norm.cdf(0.5))
