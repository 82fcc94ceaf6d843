"""Posterior, marginal likelihood and its gradient are those of scikit-learn's process."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from sweepwright.plugins.tuners.gaussian_process.fit import (
    JITTER,
    Data,
    default_prior,
    fit,
    negative_log_posterior,
)
from sweepwright.plugins.tuners.gaussian_process.kernels import (
    KERNEL_AT_ZERO,
    Floats,
    matern32,
    squared_distances,
)
from sweepwright.plugins.tuners.gaussian_process.posterior import (
    condition,
    extended,
    factorise,
)
from sweepwright.seeds import rng

LENGTHS = np.array([0.3, 1.2, 4.0])
SCALE, NOISE = 1.7, 0.02
THETA = np.log([*LENGTHS, SCALE, NOISE - JITTER])


def reference(points: Floats, targets: Floats) -> Any:
    """Fit scikit-learn's process with the same kernel and the same hyperparameters."""
    matern = Matern(LENGTHS, nu=1.5)
    kernel = ConstantKernel(SCALE) * (matern + ConstantKernel(1.0, "fixed")) + WhiteKernel(NOISE)
    return GaussianProcessRegressor(kernel, alpha=0.0, optimizer=None).fit(points, targets)


def covariance(a: Floats, b: Floats) -> Floats:
    return SCALE * (matern32(squared_distances(a / LENGTHS, b / LENGTHS))[0] + 1)


def observed(n: int = 25) -> tuple[Floats, Floats]:
    draws = rng(0, "observed", n)
    points = draws.random((n, 3))
    return points, np.sin(9 * points[:, 0]) + points[:, 1] + 0.1 * draws.standard_normal(n)


def factor(points: Floats) -> Floats:
    return factorise(covariance(points, points) + NOISE * np.eye(len(points)))


def test_mean_and_variance() -> None:
    points, targets = observed()
    queries = rng(1, "queries").random((40, 3)) * 3 - 1

    posterior = condition(factor(points), targets)
    mean, variance = posterior.predict(covariance(queries, points), SCALE * KERNEL_AT_ZERO)

    expected_mean, deviation = reference(points, targets).predict(queries, return_std=True)
    np.testing.assert_allclose(mean, expected_mean, atol=1e-9)
    # The deviation of the reference is that of an observation, with noise.
    np.testing.assert_allclose(variance, deviation**2 - NOISE, atol=1e-9)


def test_marginal_likelihood_and_its_gradient() -> None:
    points, targets = observed()
    prior = default_prior(3, 3.0)
    z = (THETA - prior.mean) / prior.deviation

    value, gradient = negative_log_posterior(THETA, Data(points, np.arange(3), targets), prior)

    process = reference(points, targets)
    # The reference orders its logarithms as scale, lengths, noise.
    expected, slopes = process.log_marginal_likelihood(
        np.log([SCALE, *LENGTHS, NOISE]), eval_gradient=True
    )
    likelihood = -(value - z @ z / 2 + len(points) / 2 * math.log(2 * math.pi))
    assert likelihood == pytest.approx(expected, abs=1e-8)
    np.testing.assert_allclose(
        z / prior.deviation - gradient, slopes[[1, 2, 3, 0, 4]], rtol=1e-5, atol=1e-7
    )


def test_the_gradient_is_that_of_finite_differences() -> None:
    """Also where several coordinates belong to one parameter, as those of a choice do."""
    draws = rng(2, "gradient")
    points, targets = draws.random((30, 5)), draws.standard_normal(30)
    data, prior = Data(points, np.array([0, 2, 1, 1, 1]), targets), default_prior(3, 3.0)
    theta = prior.mean + draws.standard_normal(5)

    gradient = negative_log_posterior(theta, data, prior)[1]

    steps = 1e-5 * np.eye(5)
    differences = [
        (
            negative_log_posterior(theta + step, data, prior)[0]
            - negative_log_posterior(theta - step, data, prior)[0]
        )
        / 2e-5
        for step in steps
    ]
    np.testing.assert_allclose(gradient, differences, rtol=1e-5, atol=1e-6)


def test_the_fit_is_a_stationary_point_that_explains_the_data_better() -> None:
    points, targets = observed(60)
    targets = (targets - targets.mean()) / targets.std()
    data, prior = Data(points, np.arange(3), targets), default_prior(3, 3.0)

    found = fit(data, prior)

    theta = np.log([*found.lengths, found.scale, found.noise - JITTER])
    value, gradient = negative_log_posterior(theta, data, prior)
    assert value < negative_log_posterior(prior.mean, data, prior)[0] - 10
    assert np.abs(gradient).max() < 0.5  # at the prior's mode it is above 10
    # The third number has no effect, and the first varies fastest.
    assert found.lengths[2] > found.lengths[1] > found.lengths[0]
    assert 0.003 < found.noise < 0.1  # the targets have 0.01 / 0.6 of noise


def test_more_observations_give_what_a_new_factorisation_gives() -> None:
    points, _ = observed()
    more = rng(3, "more").random((4, 3))
    both = np.concatenate([points, more])

    longer = extended(
        factor(points), covariance(more, points), covariance(more, more) + NOISE * np.eye(4)
    )

    np.testing.assert_allclose(longer, factor(both), atol=1e-10)
    np.testing.assert_allclose(np.triu(longer, 1), 0)


def test_believing_keeps_the_mean_and_has_the_variance_of_a_refit() -> None:
    points, targets = observed()
    more = rng(3, "more").random((4, 3))
    both, queries = np.concatenate([points, more]), rng(4, "queries").random((30, 3))
    before = condition(factor(points), targets)
    prior = SCALE * KERNEL_AT_ZERO

    believing = before.believing(
        covariance(more, points), covariance(more, more) + NOISE * np.eye(4)
    )

    believed, _ = before.predict(covariance(more, points), prior)
    refit = condition(factor(both), np.append(targets, believed))
    mean, variance = believing.predict(covariance(queries, both), prior)
    expected_mean, expected_variance = refit.predict(covariance(queries, both), prior)
    np.testing.assert_allclose(mean, expected_mean, atol=1e-9)
    np.testing.assert_allclose(variance, expected_variance, atol=1e-9)
    unchanged, _ = before.predict(covariance(queries, points), prior)
    np.testing.assert_allclose(mean, unchanged, atol=1e-9)


@pytest.mark.parametrize("noise", [0.0, 1e-8])
def test_equal_points_are_factorised(noise: float) -> None:
    """With no noise the covariance is singular, and rounding may make it indefinite."""
    points = np.repeat(rng(5, "few").random((3, 3)), 20, axis=0)
    matrix = covariance(points, points) + noise * np.eye(60)

    found = factorise(matrix)

    assert (np.diag(found) > 0).all()
    np.testing.assert_allclose(found @ found.T, matrix, atol=1e-5)


def test_variances_are_positive_at_observed_points() -> None:
    points, targets = observed(8)
    posterior = condition(factorise(covariance(points, points)), targets)

    mean, variance = posterior.predict(covariance(points, points), SCALE * KERNEL_AT_ZERO)

    np.testing.assert_allclose(mean, targets, atol=1e-9)
    assert (variance > 0).all()
    assert (variance < 1e-9).all()


def test_covariances_of_two_sets_of_points() -> None:
    points, targets = observed()
    queries = rng(6, "pairs").random((7, 3))
    posterior = condition(factor(points), targets)
    cross = covariance(queries, points)

    explained = posterior.explained(cross[:3], cross[3:])

    _, expected = reference(points, targets).predict(queries, return_cov=True)
    found = covariance(queries[:3], queries[3:]) - explained
    np.testing.assert_allclose(found, expected[:3, 3:], atol=1e-9)


def test_leave_one_out_equals_a_process_without_the_one() -> None:
    points, targets = observed(12)

    differences, variances = condition(factor(points), targets).leave_one_out()

    for left_out in range(12):
        others = np.arange(12) != left_out
        process = reference(points[others], targets[others])
        mean, deviation = process.predict(points[[left_out]], return_std=True)
        assert differences[left_out] == pytest.approx(targets[left_out] - mean[0], abs=1e-8)
        assert variances[left_out] == pytest.approx(deviation[0] ** 2, rel=1e-8)
