"""In every mode, random search draws from the priors that a space declares."""

from functools import cache

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Start
from sweepwright.plugins.tuners.random import Random, RandomOptions
from tests.sweepwright.priors import (
    PRIORS,
    Floats,
    assert_as_declared,
    assert_ends_have_their_mass,
    columns,
    everything,
)

COUNT = 2048
MODES = [RandomOptions(), RandomOptions("sobol"), RandomOptions("latin", COUNT)]


@cache
def asked(options: RandomOptions) -> Floats:
    """Return suggestions as rows."""
    problem = Problem(everything(), seed=0)
    starts = [s for s in Random(options, problem).ask(COUNT) if isinstance(s, Start)]
    return np.asarray(problem.space.encode([start.assignment for start in starts]))


@pytest.mark.parametrize("options", MODES, ids=lambda options: options.mode)
def test_suggestions_have_the_priors_that_are_declared(options: RandomOptions) -> None:
    """By Kolmogorov-Smirnov and chi-square tests, with a family-wise error of 1 %."""
    assert_as_declared(asked(options))


@pytest.mark.parametrize("options", MODES, ids=lambda options: options.mode)
def test_bounds_are_suggested_with_their_probability(options: RandomOptions) -> None:
    assert_ends_have_their_mass(asked(options))


@pytest.mark.parametrize("options", MODES[1:], ids=lambda options: options.mode)
def test_quasi_random_points_have_each_value_with_its_probability(
    options: RandomOptions,
) -> None:
    """Within the two points at the edges of its bin, where independent draws miss by dozens."""
    drawn = columns(asked(options))
    worst = {name: prior.worst(drawn[name]) for name, prior in PRIORS.items()}
    always_active = {name for name in PRIORS if not name.endswith("_of_a_branch")}

    assert max(worst[name] for name in always_active) <= 2, worst
