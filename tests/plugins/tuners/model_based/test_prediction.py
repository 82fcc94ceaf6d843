"""The local search finds the lowest prediction, in the space and within the constraints."""

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.expressions import parse
from sweepwright.plugins.tuners.model_based.axes import Axes, Floats
from sweepwright.plugins.tuners.model_based.prediction import lowest_prediction
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Condition, Nested, Parameter, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS, space


def known(axes: Axes) -> Floats:
    return axes.points(axes.space.sample(rng(1, "known"), 5))


def lowest(axes: Axes, predict: object) -> Floats:
    return lowest_prediction(axes, predict, known(axes), rng(0, "search"))  # type: ignore[arg-type]


def test_a_curved_valley_is_followed_to_its_end() -> None:
    """Rosenbrock's function on [-2, 2]^4, which is 0 at (1, 1, 1, 1)."""
    axes = Axes(space(**{name: Real(-2, 2) for name in "abcd"}))

    def rosenbrock(points: Floats) -> Floats:
        x = 4 * points - 2
        steps = 100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2
        return steps.sum(axis=1)

    found = lowest(axes, rosenbrock)

    assert rosenbrock(axes.points(found[None, :]))[0] < 0.5  # of 1e4 at most


def test_many_numbers_and_choices_are_found_exactly_enough() -> None:
    numbers = {f"x{i}": Real(0, 1) for i in range(12)}
    kinds = {f"k{i}": Categorical(("a", "b", "c")) for i in range(4)}
    axes = Axes(space(**numbers, **kinds))

    def predict(points: Floats) -> Floats:
        return ((points[:, :12] - 0.3) ** 2).sum(axis=1) + (points[:, 12:] != 1).sum(axis=1)

    found = lowest(axes, predict)

    np.testing.assert_allclose(found[:12], 0.3, atol=0.02)
    assert (found[12:] == 1).all()


def test_the_branch_with_the_lowest_mean_is_found() -> None:
    axes = Axes(
        SearchSpace(
            [
                Parameter("kind", Nested(("a", "b"), (99.0, 1.0))),
                Parameter("x", Real(0, 1), ("kind", "x"), Condition("kind", (0,))),
                Parameter("y", Real(0, 1), ("kind", "y"), Condition("kind", (1,))),
            ]
        )
    )

    def predict(points: Floats) -> Floats:
        of_a, of_b = points[:, 1] - 0.4, points[:, 2] - 0.2
        return np.where(points[:, 0] == 0, 0.1 + of_a**2, of_b**2)

    found = lowest(axes, predict)

    assert found[0] == 1
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(0.2, abs=0.005)


def test_the_lowest_prediction_is_at_the_edge_of_a_constraint() -> None:
    limited = SearchSpace(
        [Parameter("x", Real(0, 1)), Parameter("y", Real(0, 1))], [parse("x + y >= 1")]
    )

    found = lowest(Axes(limited), lambda points: 2 * points[:, 0] + points[:, 1])

    np.testing.assert_allclose(found, [0, 1], atol=0.02)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_the_result_is_in_the_space_and_no_worse_than_known_points(problem: Problem) -> None:
    axes = Axes(problem.space)
    slopes = rng(2, "slopes").normal(size=len(axes))

    def predict(points: Floats) -> Floats:
        assert len(points)
        return np.asarray(np.sin(9 * np.nan_to_num(points, nan=0.5)) @ slopes)

    found = lowest(axes, predict)[None, :]

    assert problem.space.feasible(found).all()
    assert predict(axes.points(found))[0] <= predict(known(axes)).min() + 1e-9


def test_a_constant_prediction_is_no_error() -> None:
    axes = Axes(space(x=Real(0, 1)))

    assert lowest(axes, lambda points: np.zeros(len(points))).shape == (1,)
