"""The expected improvement of a forest, and the distances that its deviations grow with."""

import numpy as np
import pytest

from sweepwright.plugins.tuners.forest.encoding import encode
from sweepwright.plugins.tuners.forest.forest import fill, grow
from sweepwright.plugins.tuners.forest.improvement import (
    LEAST_DEVIATION,
    MARGIN,
    RADIUS,
    log_mean_improvement,
    nearest,
)
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Condition, Parameter, Real, SearchSpace
from sweepwright.testing.problems import space

LINE = Axes(space(x=Real(0, 1)))
OPTIONAL = Axes(
    SearchSpace(
        [
            Parameter("kind", Categorical(("plain", "fine", "bare"))),
            Parameter("x", Real(0, 1)),
            Parameter("y", Real(0, 1), when=Condition("kind", (1,))),
        ]
    )
)


def test_distances_add_up_over_numbers_and_choices() -> None:
    known = encode(np.array([[0, 0.5, np.nan], [1, 0.5, 0.25]]))
    rows = encode(np.array([[0, 0.9, np.nan], [2, 0.5, np.nan], [1, 0.5, 0.75]]))

    np.testing.assert_allclose(nearest(OPTIONAL, rows, known), [0.4, 1.0, 0.5], rtol=1e-6)


def test_the_improvement_is_the_mean_over_the_trees() -> None:
    """Compared with draws from the mixture of the trees."""
    draws = rng(0, "mixture")
    features = encode(draws.random((12, 1)))
    targets = draws.standard_normal(12)
    forest = fill(grow(features, targets, draws), features, targets)
    row = np.array([[(features.min() + features.max()) / 2]], dtype=np.float32)
    best = float(np.median(targets))
    deviation = max(float(np.abs(features - row).min()) / RADIUS, LEAST_DEVIATION)

    drawn = forest.tree_means(row) + deviation * draws.standard_normal((50, 20_000))
    expected = np.maximum(best - MARGIN - drawn, 0).mean()

    found = np.exp(log_mean_improvement(forest, LINE, row, features, best))
    assert found[0] == pytest.approx(expected, rel=0.02)


def test_a_place_between_good_and_bad_trials_promises_less_than_an_unknown_one() -> None:
    """The trees disagree most between the two, but none of them predicts an improvement."""
    features = encode(np.array([[0.0], [0.04]]))
    targets = np.array([-1.0, 1.0])
    forest = fill(grow(features, targets, rng(0, "trees")), features, targets)
    rows = encode(np.array([[0.02], [0.9]]))
    _, variances = forest.predict(rows)

    between, unknown = log_mean_improvement(forest, LINE, rows, features, -1.0)

    assert variances[0] > variances[1]
    assert between < unknown


def test_hopeless_rows_have_finite_logarithms() -> None:
    features = encode(np.array([[0.2], [0.8]]))
    targets = np.array([-1.0, 1.0])
    forest = fill(grow(features, targets, rng(0, "trees")), features, targets)

    found = log_mean_improvement(forest, LINE, features, features, -1e3)

    assert np.isfinite(found).all()
    assert found[0] > found[1]
