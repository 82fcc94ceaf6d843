"""The half-rank transform, by hand."""

import math

import numpy as np
import pytest

from sweepwright.plugins.tuners.gaussian_process.losses import half_rank

Q = 0.9674215661017010  # the normal quantile of 5/6


def test_three_losses_by_hand() -> None:
    """The median of 1, 3, 100 is 3, and c = sqrt((4 + 0) / 2) = sqrt 2.

    The rank of 100 is 3 of 3, so it becomes 3 + sqrt 2 times the quantile of 5/6.
    """
    warped = np.array([1.0, 3.0, 3 + math.sqrt(2) * Q])

    found = half_rank(np.array([1.0, 3.0, 100.0]))

    np.testing.assert_allclose(found.values, (warped - warped.mean()) / warped.std(), rtol=1e-12)
    assert found.losses_at(found.values[:1] - 1) == pytest.approx(1 - warped.std())


def test_how_bad_a_bad_loss_is_makes_no_difference() -> None:
    losses = np.array([0.1, 0.5, 0.2, 7.0, 3.0])
    worse = np.where(losses == 7.0, 1e9, losses)

    np.testing.assert_allclose(half_rank(losses).values, half_rank(worse).values, rtol=1e-7)
    np.testing.assert_array_equal(half_rank(worse).values.argsort(), worse.argsort())


def test_the_good_half_keeps_its_proportions() -> None:
    targets = half_rank(np.array([0.0, 1.0, 5.0, 6.0, 7.0, 8.0, 9.0])).values

    assert (targets[2] - targets[0]) / (targets[1] - targets[0]) == pytest.approx(5)


def test_failures_count_as_the_worst_finite_loss() -> None:
    found = half_rank(np.array([2.0, math.inf, 1.0, 3.0]))

    np.testing.assert_array_equal(found.values, half_rank(np.array([2.0, 3.0, 1.0, 3.0])).values)
    assert found.values[1] == found.values[3]


@pytest.mark.parametrize("factor", [2.0**-30, 1.0, 2.0**50])
def test_targets_do_not_depend_on_the_scale(factor: float) -> None:
    losses = np.array([0.25, -3.0, 17.0, 2.0, 2.0, 0.125])

    np.testing.assert_array_equal(half_rank(losses * factor).values, half_rank(losses).values)
    lower = half_rank(losses).values - 1
    assert half_rank(losses * factor).losses_at(lower) == pytest.approx(
        half_rank(losses).losses_at(lower) * factor, rel=1e-12
    )


@pytest.mark.parametrize(
    "losses",
    [
        [0.0],
        [math.inf],
        [math.inf, math.inf],
        [5.0, 5.0, 5.0],
        [1e300, -1e300, 3.0],
        [1.7e308, -1.7e308, 0.0],
        [1.7e308, -1.7e308] * 5,
        [5e-324, 0.0, -0.0],
        [1.0, 1.0, 1.0, 2.0],
    ],
)
def test_hard_losses_have_finite_standard_targets(losses: list[float]) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = half_rank(np.array(losses))
        back = found.losses_at(np.array([-3.0, 0.0, 3.0]))

    assert np.isfinite(found.values).all()
    assert abs(found.values.mean()) < 1e-9
    assert found.values.std() == pytest.approx(1) or not found.values.any()
    assert np.isfinite(back).all()


def test_the_way_back() -> None:
    losses = np.array([4.0, 1.0, 90.0, 3.0, 20.0])
    found = half_rank(losses)

    np.testing.assert_allclose(found.losses_at(found.values), losses)
    lowest = found.values.min()
    slope = (4.0 - 1.0) / (found.values[0] - lowest)
    np.testing.assert_allclose(
        found.losses_at(np.array([lowest - 0.5, lowest - 1])), 1 - slope * np.array([0.5, 1])
    )
    assert found.losses_at(np.array([99.0]))[0] == 90
