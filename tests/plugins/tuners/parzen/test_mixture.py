"""Densities of mixtures agree with their formulas and with draws from them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import kstest, truncnorm

from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.parzen.mixture import Mixture, draw, log_densities
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Real, SearchSpace
from sweepwright.testing.problems import nested_space, space

MIXED = space(x=Real(0, 1), kind=Categorical(("a", "b", "c"), (2.0, 1.0, 1.0)), y=Real(0, 1))
PRIOR = [0.5, 0.25, 0.25]
NAN = float("nan")


def mixture(prior_share: float = 0.3) -> Mixture:
    centres = np.array([[0.1, 2.0, 0.4], [0.9, 0.0, NAN], [0.5, 0.0, 0.05]])
    widths = np.array([[0.2, 1.0, 0.1], [0.05, 1.0, 0.3], [0.7, 1.0, 0.02]])
    return Mixture(centres, widths, np.array([2.0, 1.0, 0.5, 1.5]), prior_share)


def by_hand(mixed: Mixture, point: NDArray[np.float64]) -> float:
    """Compute a density relative to the prior's, kernel by kernel and coordinate by coordinate."""
    total = mixed.weights[-1]
    for centre, width, weight in zip(mixed.centres, mixed.widths, mixed.weights, strict=False):
        factor = weight
        for column in range(len(point)):
            mu, sigma, x = centre[column], width[column], point[column]
            if np.isnan(mu) or np.isnan(x):
                continue
            if column == 1:
                prior = PRIOR[int(x)]
                factor *= ((1 - mixed.prior_share) * (x == mu) + mixed.prior_share * prior) / prior
            else:
                ends = (-mu / sigma, (1 - mu) / sigma)
                factor *= truncnorm.pdf(x, *ends, loc=mu, scale=sigma)
        total += factor
    return float(np.log(total / mixed.weights.sum()))


def test_densities_are_those_of_the_formula() -> None:
    points = Axes(MIXED).draw(rng(1, "points"), 50)

    (found,) = log_densities(Axes(MIXED), points, mixture())

    np.testing.assert_allclose(found, [by_hand(mixture(), point) for point in points], rtol=1e-9)


def test_inactive_coordinates_do_not_count() -> None:
    points = np.array([[0.2, NAN, 0.7], [NAN, 2.0, 0.1], [NAN, NAN, NAN]])

    (found,) = log_densities(Axes(MIXED), points, mixture())

    np.testing.assert_allclose(found, [by_hand(mixture(), point) for point in points], atol=1e-12)
    assert found[2] == pytest.approx(0)


def test_several_mixtures_are_computed_at_once() -> None:
    points = Axes(MIXED).draw(rng(2, "points"), 5)
    empty = Mixture(np.empty((0, 3)), np.empty((0, 3)), np.ones(1), 0.5)

    first, second, third = log_densities(Axes(MIXED), points, mixture(), empty, mixture(0.8))

    assert (first == log_densities(Axes(MIXED), points, mixture())[0]).all()
    assert (second == 0).all()
    assert (third == log_densities(Axes(MIXED), points, mixture(0.8))[0]).all()


def test_a_density_sums_to_one() -> None:
    """The mean of the density, relative to the prior, over draws from the prior is 1."""
    points = Axes(MIXED).draw(rng(3, "points"), 200_000)

    (found,) = log_densities(Axes(MIXED), points, mixture())

    ratios = np.exp(found)
    assert abs(ratios.mean() - 1) < 4 * ratios.std() / np.sqrt(len(ratios))


def test_draws_follow_the_density() -> None:
    """Draws from the mixture, weighted by prior over mixture, are distributed like the prior."""
    axes = Axes(MIXED)
    points = draw(axes, mixture(), rng(4, "draws"), 100_000)
    (logs,) = log_densities(axes, points, mixture())
    weights = np.exp(-logs)

    kept = points[rng(5, "kept").random(len(points)) < weights / weights.max()]

    assert len(kept) > 2000
    for column in axes.numbers:
        assert kstest(kept[:, column], "uniform").pvalue > 1e-3
    shares = np.bincount(kept[:, 1].astype(int)) / len(kept)
    np.testing.assert_allclose(shares, PRIOR, atol=4 * 0.5 / np.sqrt(len(kept)))


def test_draws_stay_inside_however_narrow_or_wide_a_kernel_is() -> None:
    ends = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    for width in (1e-6, 1.0):
        narrow = Mixture(ends, np.full((2, 3), width), np.array([1.0, 1.0, 0.0]), 0.1)
        points = draw(Axes(MIXED), narrow, rng(6, "draws"), 1000)

        assert np.isfinite(points).all()
        assert ((points[:, [0, 2]] >= 0) & (points[:, [0, 2]] <= 1)).all()


def test_draws_and_densities_of_branches() -> None:
    """Every coordinate of a draw has a value, whatever the branches of the kernels."""
    nested: SearchSpace = nested_space()
    axes = Axes(nested)
    centres = axes.points(nested.sample(rng(7, "trials"), 6))
    mixed = Mixture(centres, np.full_like(centres, 0.1), np.ones(7), 0.2)

    points = draw(axes, mixed, rng(8, "draws"), 50)
    values = axes.values(points)

    assert np.isfinite(points).all()
    assert nested.feasible(values).all()
    assert np.isfinite(log_densities(axes, axes.points(values), mixed)[0]).all()
