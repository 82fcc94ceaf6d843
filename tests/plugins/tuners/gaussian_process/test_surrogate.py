"""When the process is fitted and to which trials."""

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.gaussian_process.embedding import Embedding
from sweepwright.plugins.tuners.gaussian_process.fit import default_prior
from sweepwright.plugins.tuners.gaussian_process.surrogate import (
    BEST,
    NEAREST,
    SAMPLED,
    Surrogate,
)
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.refits import fitted_count
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.seeds import rng
from sweepwright.space import Real
from sweepwright.testing.problems import space

LINE = Problem(space(x=Real(0, 1)))


def told(trials: int) -> tuple[Trials, Surrogate]:
    axes = Axes(LINE.space)
    known = Trials(LINE.space, axes)
    for number, value in enumerate(rng(0, "line").random(trials).tolist()):
        trial = Trial(number, {"x": value})
        known.tell(Opened(trial, Start(trial.assignment)))
        known.tell(Measured(trial, (value - 0.3) ** 2))
    embedding = Embedding(axes)
    return known, Surrogate(known, embedding, default_prior(1, 1.0), first=5, seed=0)


@pytest.mark.parametrize(("ended", "fitted"), [(5, 5), (6, 6), (12, 11), (29, 27), (30, 30)])
def test_the_number_of_fitted_trials_grows_by_a_tenth(ended: int, fitted: int) -> None:
    assert fitted_count(ended, 5) == fitted


def test_a_long_sweep_is_fitted_to_a_subset_with_the_best_trials() -> None:
    known, surrogate = told(700)

    places = surrogate.state().places

    cap = BEST + NEAREST + SAMPLED
    assert cap <= len(places) <= cap + 50
    assert len(set(places.tolist())) == len(places)
    assert set(known.ranking.trials[:BEST]) <= set(places.tolist())


def test_the_means_at_the_trials_are_those_of_predictions() -> None:
    known, surrogate = told(40)
    state = surrogate.state()

    points = Embedding(Axes(LINE.space))(known.points(state.places.tolist()))
    predicted, _ = state.process.predict(points)

    np.testing.assert_allclose(state.means, predicted, atol=1e-6)
    # The process takes part of the kink of the half-rank transform for noise.
    np.testing.assert_allclose(state.means, state.targets.values, atol=0.3)
