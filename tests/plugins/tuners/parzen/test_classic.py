"""The classic models have the widths, weights and liars of hyperopt and NNI."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import kstest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.plugins.tuners.parzen.classic import (
    ClassicModel,
    ConstantLiar,
    _lie,
    density,
    recency_weights,
)
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real
from sweepwright.testing.problems import space

UNIT = (np.arange(1000) + 0.5) / 1000


def test_a_kernel_is_as_wide_as_the_larger_gap_beside_it() -> None:
    found = density(np.array([0.9, 0.2, 0.25]), 1.0)

    np.testing.assert_allclose(found.centres, [0.2, 0.25, 0.5, 0.9])
    np.testing.assert_allclose(found.widths, [1 / 5, 0.25, 1.0, 0.4])  # 1/5 is the narrowest
    np.testing.assert_allclose(found.weights, 1.0)


def test_a_single_kernel_is_half_as_wide_as_the_prior() -> None:
    found = density(np.array([0.7]), 2.0)

    np.testing.assert_allclose(found.centres, [0.5, 0.7])
    np.testing.assert_allclose(found.widths, [1.0, 0.5])
    np.testing.assert_allclose(found.weights, [2.0, 1.0])


def test_without_trials_there_is_the_prior() -> None:
    found = density(np.empty(0), 1.0)

    np.testing.assert_array_equal(found.centres, [0.5])
    np.testing.assert_array_equal(found.widths, [1.0])
    np.testing.assert_array_equal(found.weights, [1.0])


def test_weights_of_old_trials_decrease() -> None:
    assert (recency_weights(25) == 1).all()
    np.testing.assert_allclose(recency_weights(28), [1 / 28, 29 / 56, 1.0] + [1.0] * 25)


def test_a_density_sums_to_one_over_points_and_over_bins() -> None:
    found = density(rng(0, "centres").random(30), 1.0)

    assert np.exp(found.log(UNIT, np.zeros(1000))).mean() == pytest.approx(1, abs=1e-3)
    assert np.exp(found.log(UNIT[50::100], np.full(10, 0.1))).sum() <= 1 + 1e-9
    bins = (np.arange(10) + 0.5) / 10
    assert np.exp(found.log(bins, np.full(10, 0.1))).sum() == pytest.approx(1)


def test_draws_follow_the_density() -> None:
    found = density(np.array([0.1, 0.15, 0.8]), 1.0)
    drawn = found.draw(rng(1, "draws"), 3000)
    grid = np.linspace(0, 1, 4001)
    middle = (grid[1:] + grid[:-1]) / 2
    cumulative = np.append(0, np.cumsum(np.exp(found.log(middle, np.zeros(4000))) / 4000))

    assert kstest(drawn, lambda x: np.interp(x, grid, cumulative)).pvalue > 1e-3


def model(
    liar: ConstantLiar | None = None, min_active: int = 0, best: float = 0.3
) -> ClassicModel:
    """Make a model of 40 trials, better near a point, and of a pending one far from it."""
    problem = Problem(space(x=Real(0, 1), count=Integer(1, 9), kind=Categorical(("a", "b", "c"))))
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes)
    rows = problem.space.sample(rng(2, "trials"), 41)
    rows[40] = [0.95, 9, 0]
    for number, assignment in enumerate(problem.space.decode(rows)):
        trials.tell(Opened(Trial(number, assignment), Start(assignment)))
        if number < 40:
            x, count, kind = rows[number]
            value = abs(x - best) + abs(count - 3) / 20 + (kind != 1) / 5
            trials.tell(Measured(Trial(number, assignment), float(value)))
    return ClassicModel(
        axes, trials, gamma=0.5, candidates=24, prior_weight=1.0, liar=liar, min_active=min_active
    )


def proposals(made: ClassicModel) -> NDArray[np.float64]:
    rows = [made.propose(rng(3, "proposals", k), np.empty((0, 3))) for k in range(60)]
    return np.concatenate(rows)


@pytest.mark.parametrize("min_active", [0, 20])
def test_proposals_are_near_good_trials(min_active: int) -> None:
    found = proposals(model(min_active=min_active))

    assert np.median(np.abs(found[:, 0] - 0.3)) < 0.15
    assert np.median(np.abs(found[:, 1] - 3)) <= 1
    assert (found[:, 2] == 1).mean() > 0.7


def test_a_parameter_with_few_trials_is_drawn_from_the_prior() -> None:
    found = proposals(model(min_active=41))

    assert kstest(found[:, 0], "uniform").pvalue > 1e-3


@pytest.mark.parametrize("liar", ["best", "worst", "mean"])
def test_pending_trials_have_the_loss_of_the_constant_liar(liar: ConstantLiar) -> None:
    ahead = np.array([[0.5, 5.0, 2.0]])
    observations = model(liar)._observations(ahead)
    known = observations.losses[:40]
    lie = {"best": known.min(), "worst": known.max(), "mean": known.mean()}[liar]

    assert (observations.losses[40:] == [lie, lie]).all()
    np.testing.assert_allclose(observations.points[41], [0.5, 0.5, 2.0])


def test_pending_trials_are_ignored_without_a_liar() -> None:
    assert len(model()._observations(np.array([[0.5, 5.0, 2.0]])).losses) == 40


def test_the_constant_liar_is_zero_if_every_trial_failed() -> None:
    assert _lie(np.full(3, np.inf), "best") == 0
