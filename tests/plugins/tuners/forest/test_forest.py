"""The forest: its predictions by hand, and what its trees can separate."""

import numpy as np
import pytest

from sweepwright.plugins.tuners.forest.encoding import encode
from sweepwright.plugins.tuners.forest.forest import LEAST_VARIANCE, TREES, Forest, fill, grow
from sweepwright.seeds import rng


def forest_of(points: np.ndarray, targets: np.ndarray) -> Forest:
    features = encode(points)
    return fill(grow(features, targets, rng(0, "forest")), features, targets)


def test_the_mean_and_the_variance_are_those_of_the_mixture_of_the_trees() -> None:
    """By the law of total variance, from the means and variances of each leaf."""
    points, targets = rng(1, "x").random((40, 3)), rng(1, "y").standard_normal(40)
    forest = forest_of(points[:30], targets[:30])
    # Ten more trials in the leaves of the same trees, so that leaves have a variance.
    forest = fill(forest.trees, encode(points), targets)
    where = encode(rng(2, "x").random((7, 3)))
    leaf_means, leaf_variances = np.empty((2, TREES, len(where)))
    for row, tree in enumerate(forest.trees.trees):
        known = tree.apply(encode(points))
        for column, leaf in enumerate(tree.apply(where)):
            inside = targets[known == leaf]
            leaf_means[row, column] = inside.mean()
            leaf_variances[row, column] = max(inside.var(), LEAST_VARIANCE)
    second_moments = (leaf_variances + leaf_means**2).mean(axis=0)
    mean, variance = forest.predict(where)

    np.testing.assert_allclose(mean, leaf_means.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(variance, second_moments - mean**2, rtol=1e-9)
    assert len(forest.trees.trees) == TREES


def test_a_trial_that_was_measured_twice_is_predicted_by_the_mean() -> None:
    points, targets = np.full((2, 1), 0.5), np.array([1.0, 3.0])
    mean, variance = forest_of(points, targets).predict(encode(points[:1]))

    assert mean == pytest.approx(2.0)
    assert variance == pytest.approx(1.0)


def test_the_trees_separate_active_from_inactive_parameters() -> None:
    """The target depends on whether the second parameter is active, and on nothing else."""
    points = rng(0, "x").random((60, 3))
    points[::2, 1] = np.nan
    targets = np.where(np.isnan(points[:, 1]), 1.0, -1.0)
    unseen = rng(1, "x").random((20, 3))
    unseen[:10, 1] = np.nan
    mean, _ = forest_of(points, targets).predict(encode(unseen))

    assert (mean[:10] > 0.7).all()
    assert (mean[10:] < -0.7).all()


def test_the_uncertainty_is_least_at_trials_and_grows_between_them() -> None:
    points, targets = np.linspace(0, 1, 5)[:, None], np.array([0.0, 2.0, -1.0, 1.0, 0.0])
    forest = forest_of(points, targets)
    _, at_trials = forest.predict(encode(points))
    _, between = forest.predict(encode(points[:-1] + 0.125))

    assert at_trials == pytest.approx(np.full(5, LEAST_VARIANCE))
    assert (between > 10 * LEAST_VARIANCE).all()


def test_the_forest_depends_on_the_seed_alone() -> None:
    points, targets = rng(1, "x").random((30, 3)), rng(1, "y").standard_normal(30)
    where = encode(rng(2, "x").random((50, 3)))

    np.testing.assert_array_equal(
        forest_of(points, targets).predict(where), forest_of(points, targets).predict(where)
    )
