"""Values and points are translated both ways, and bins are those of the prior."""

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real
from sweepwright.testing.problems import PROBLEMS, space


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_points_translate_back_to_their_values(problem: Problem) -> None:
    values = problem.space.sample(rng(0, "values"), 40)
    axes = Axes(problem.space)
    points = axes.points(values)

    again = axes.values(np.where(np.isnan(points), 0.0, points))

    np.testing.assert_allclose(again, values, rtol=1e-9)


def test_draws_have_the_shares_of_the_prior() -> None:
    weighted = space(x=Real(0, 1), kind=Categorical(("a", "b", "c"), (5.0, 3.0, 2.0)))

    points = Axes(weighted).draw(rng(1, "draws"), 20_000)

    shares = np.bincount(points[:, 1].astype(int)) / len(points)
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.2], atol=0.015)


def test_bins_of_all_values_fill_the_unit_interval() -> None:
    axes = Axes(space(even=Integer(2, 20, step=2), log=Integer(1, 9, log=True)))

    even = axes.bins(np.array([[value, 5.0] for value in range(2, 21, 2)]))
    log = axes.bins(np.array([[2.0, value] for value in range(1, 10)]))

    assert even[:, 0].sum() == pytest.approx(1)
    assert log[:, 1].sum() == pytest.approx(1)


def test_only_active_numbers_with_a_step_have_bins() -> None:
    mixed = space(x=Real(0, 1), kind=Categorical(("a", "b")), count=Integer(1, 4))

    bins = Axes(mixed).bins(np.array([[0.3, 1.0, 2.0], [0.3, 1.0, np.nan]]))

    np.testing.assert_allclose(bins, [[0.0, 0.0, 0.25], [0.0, 0.0, 0.0]])


def test_points_are_rounded_to_values() -> None:
    axes = Axes(space(count=Integer(1, 4), x=Real(0, 1), kind=Categorical(("a", "b"))))

    points, bins = axes.rounded(np.array([[0.01, 0.3, 1.0], [1.0, 0.2, 0.0]]))

    np.testing.assert_allclose(points, [[0.125, 0.3, 1.0], [0.875, 0.2, 0.0]])
    np.testing.assert_allclose(bins, [[0.25, 0.0, 0.0], [0.25, 0.0, 0.0]])
