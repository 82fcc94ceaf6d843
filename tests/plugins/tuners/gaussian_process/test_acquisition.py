"""Log EI agrees with mpmath at 60 digits, and stays finite and ordered far into both tails."""

import mpmath
import numpy as np
import pytest

from sweepwright.plugins.tuners.gaussian_process.acquisition import log_expected_improvement
from sweepwright.plugins.tuners.gaussian_process.kernels import Floats

TAILS = np.concatenate([-np.geomspace(1e-6, 1e12, 150), [0.0], np.geomspace(1e-6, 40, 60)])
AROUND_BORDERS = np.array([-1e8, -1e4, -100.0, -1.0, 0.0, 1.0, 38.0, 40.0])


def expected(z: float) -> float:
    """Compute log h(z) exactly: the two terms of h agree in up to 2 log10 |z| digits."""
    with mpmath.workdps(80):
        x = mpmath.mpf(z)
        if x < -1000:
            # h(z) = phi(z) / z^2 (1 - 3 / z^2 + 15 / z^4 - ...); the rest is below 1e-17.
            series = 1 - 3 / x**2 + 15 / x**4 - 105 / x**6
            return float(-(x**2) / 2 - mpmath.log(2 * mpmath.pi) / 2 + mpmath.log(series / x**2))
        return float(mpmath.log(mpmath.npdf(x) + x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2))


def log_h(z: Floats) -> Floats:
    return log_expected_improvement(-z, np.ones(len(z)), 0.0)


@pytest.mark.parametrize(
    "z", [TAILS, *(border + np.array([-1e-9, 0.0, 1e-9]) for border in AROUND_BORDERS)]
)
def test_log_h_is_that_of_mpmath(z: Floats) -> None:
    np.testing.assert_allclose(log_h(z), [expected(one) for one in z], rtol=2e-9, atol=1e-13)


def test_scale_and_incumbent() -> None:
    """EI of a normal variable is its deviation times h of the standardised improvement."""
    mean, deviation, best = np.array([3.0, -1.0]), np.array([2.0, 1e-6]), 1.0

    found = log_expected_improvement(mean, deviation, best)

    np.testing.assert_allclose(
        found, [np.log(2.0) + expected(-1.0), np.log(1e-6) + expected(2e6)], rtol=1e-12
    )


def test_a_lower_mean_is_better_everywhere() -> None:
    z = np.concatenate([-np.geomspace(1e9, 1e-3, 2000), np.geomspace(1e-3, 1e6, 1000)])
    # Both sides of the borders between formulas, where a jump downwards would hide.
    z = np.sort(np.concatenate([z, AROUND_BORDERS * (1 - 1e-9), AROUND_BORDERS * (1 + 1e-9)]))

    assert (np.diff(log_h(z)) >= 0).all()


def test_hopeless_and_certain_points_are_finite_without_warnings() -> None:
    with np.errstate(all="raise", under="ignore"):
        found = log_expected_improvement(
            np.array([1e150, -1e150, 0.0, 1.0]), np.array([1.0, 1.0, 1e-150, 1e-3]), 0.0
        )

    assert np.isfinite(found).all()
