"""Draws from a space have the priors that its domains declare, even at ends and in branches."""

import numpy as np
import pytest

from sweepwright.seeds import rng
from sweepwright.space import Real
from sweepwright.testing.problems import space
from tests.sweepwright.priors import (
    PRIORS,
    assert_as_declared,
    assert_ends_have_their_mass,
    everything,
)


def test_samples_have_the_priors_that_are_declared() -> None:
    """Kolmogorov-Smirnov and chi-square tests have a joint significance of 1 %."""
    assert_as_declared(everything().sample(rng(0, "priors"), 20_000))


def test_ends_of_a_sample_have_their_mass() -> None:
    assert_ends_have_their_mass(everything().sample(rng(1, "priors"), 20_000))


def test_a_sample_of_another_prior_is_detected() -> None:
    """Both tests detect an axis that ends half a step too early."""
    matrix = everything().sample(rng(2, "priors"), 20_000)
    column = [*PRIORS].index("integer")
    matrix[:, column] = np.round(rng(3, "priors").uniform(-3, 12, 20_000))

    for check in (assert_as_declared, assert_ends_have_their_mass):
        with pytest.raises(AssertionError, match="integer"):
            check(matrix)


def test_a_point_of_the_cube_is_the_share_of_the_prior_below_it() -> None:
    """For every prior, the value at a point of the cube is the quantile of the reference prior."""
    cube = np.linspace(0.0005, 0.9995, 1000)[:, None]
    for prior in PRIORS.values():
        values = space(x=prior.domain).from_unit(cube)[:, 0]

        assert prior.worst(values) < 1.5, prior
    assert space(x=Real(0, 1)).from_unit(cube)[:, 0] == pytest.approx(cube[:, 0])
